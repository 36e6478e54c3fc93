package sourcecontrol

import (
	"slices"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// Types of elements that releases are made of.
const (
	elementApp      = "PAGE"
	elementWorkflow = "WORKFLOW"
)

// releasable tells what an element of a type is called, and whether there is one
// with that id. The organization has no processes and no agents.
func releasable(o *model.Org, elementType, id string) (kind string, ok bool) {
	switch elementType {
	case elementApp:
		return "App", o.Apps.Has(id)
	case elementWorkflow:
		return "Workflow", o.Workflows.Has(id)
	case "PLAYGROUND_QUERY":
		return "Query", o.Queries.Has(id)
	case "AGENT":
		return "Agent", false
	default:
		return "Process", false
	}
}

// element is the repository that is connected, and what the element is called
// that a call's path names.
func element(o *model.Org, elementType, id string) (config sourceConfig, kind string, err error) {
	if config, err = connected(o); err != nil {
		return config, "", err
	}
	kind, ok := releasable(o, elementType, id)
	if !ok {
		return config, kind, api.NotFound(kind, id)
	}
	return config, kind, nil
}

func getSourceControlRelease(o *model.Org, c *api.Call) (api.Answer, error) {
	return listReleases(o, c.Query.Get("elementType"), c.Path["elementUuid"])
}

func getSourceControlReleaseApp(o *model.Org, c *api.Call) (api.Answer, error) {
	return listReleases(o, elementApp, c.Path["appUuid"])
}

// listReleases answers an element's releases, newest first.
func listReleases(o *model.Org, elementType, id string) (api.Answer, error) {
	if _, _, err := element(o, elementType, id); err != nil {
		return api.Answer{}, err
	}
	releases := api.Views(&o.Releases,
		func(r *model.Release) bool { return r.ElementID == id },
		func(r *model.Release) model.ReleaseView { return r.ReleaseView })
	slices.Reverse(releases)
	return api.Data(releases), nil
}

func createSourceControlRelease(o *model.Org, c *api.Call) (api.Answer, error) {
	return createRelease(o, c, c.Query.Get("elementType"), c.Path["elementUuid"])
}

func createSourceControlReleaseApp(o *model.Org, c *api.Call) (api.Answer, error) {
	return createRelease(o, c, elementApp, c.Path["appUuid"])
}

// createRelease makes a release, which nobody runs before a manifest says so.
func createRelease(o *model.Org, c *api.Call, elementType, id string) (api.Answer, error) {
	var body struct {
		Version     string `json:"release_version"`
		Description string `json:"release_description"`
	}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	config, kind, err := element(o, elementType, id)
	if err != nil {
		return api.Answer{}, err
	}
	release := &model.Release{
		ElementID: id, ElementType: elementType,
		ReleaseView: model.ReleaseView{Version: body.Version, Description: body.Description, CreatedAt: o.Now()},
	}
	if o.Releases.Has(release.Key()) {
		return api.Answer{}, api.BadRequest("Release %q of %s %q already exists", body.Version, kind, id)
	}
	o.Releases.Put(release)
	return push(o, config, "release-"+id[:min(8, len(id))]+"-"+body.Version), nil
}
