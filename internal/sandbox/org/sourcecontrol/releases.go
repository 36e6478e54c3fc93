package sourcecontrol

import (
	"slices"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// Types of elements that have releases.
const (
	elementApp      = "PAGE"
	elementWorkflow = "WORKFLOW"
)

// releasable returns what messages call an element of a type, and the name of the
// one with an id if there is one. The organization has no processes and no agents.
func releasable(o *model.Org, elementType, id string) (kind, name string, ok bool) {
	switch elementType {
	case elementApp:
		if a, ok := o.Apps.Get(id); ok {
			return "App", a.Name, true
		}
		return "App", "", false
	case elementWorkflow:
		if w, ok := o.Workflows.Get(id); ok {
			return "Workflow", w.Name, true
		}
		return "Workflow", "", false
	case "PLAYGROUND_QUERY":
		if q, ok := o.Queries.Get(id); ok {
			return "Query", q.Name, true
		}
		return "Query", "", false
	case "AGENT":
		return "Agent", "", false
	default:
		return "Process", "", false
	}
}

// element is an app, workflow or the like in the path of a call, and the repository.
type element struct {
	config                sourceConfig
	elementType, kind, id string
}

// elementInPath and appInPath find the element that the path names, which exists.
func elementInPath(o *model.Org, c *api.Call) (element, error) {
	return existingElement(o, c, entryInPath)
}

func appInPath(o *model.Org, c *api.Call) (element, error) {
	return existingElement(o, c, appEntryInPath)
}

func existingElement(o *model.Org, c *api.Call, find api.Finder[element]) (element, error) {
	at, err := find(o, c)
	if err != nil {
		return at, err
	}
	var ok bool
	if at.kind, _, ok = releasable(o, at.elementType, at.id); !ok {
		return at, api.NotFound(at.kind, at.id)
	}
	return at, nil
}

// entryInPath and appEntryInPath find the element that the path names, which may
// be gone.
func entryInPath(o *model.Org, c *api.Call) (at element, err error) {
	at = element{elementType: c.Query.Get("elementType"), id: c.Path["elementUuid"]}
	at.config, err = connected(o, c)
	return at, err
}

func appEntryInPath(o *model.Org, c *api.Call) (at element, err error) {
	at = element{elementType: elementApp, id: c.Path["appUuid"]}
	at.config, err = connected(o, c)
	return at, err
}

// viewReleases returns the releases of an element, newest first.
func viewReleases(o *model.Org, at element) []model.ReleaseView {
	releases := api.Views(o, &o.Releases, func(r *model.Release) bool { return r.ElementID == at.id }, viewRelease)
	slices.Reverse(releases)
	return releases
}

func viewRelease(_ *model.Org, r *model.Release) model.ReleaseView { return r.ReleaseView }

type releaseBody struct {
	Version     string `json:"release_version"`
	Description string `json:"release_description"`
}

// createRelease creates a release. A manifest decides whether it runs.
func createRelease(o *model.Org, _ *api.Call, at element, body releaseBody) (api.Answer, error) {
	release := &model.Release{
		ElementID: at.id, ElementType: at.elementType,
		ReleaseView: model.ReleaseView{Version: body.Version, Description: body.Description, CreatedAt: o.Now()},
	}
	if o.Releases.Has(release.Key()) {
		return api.Answer{}, api.BadRequest("Release %q of %s %q already exists", body.Version, at.kind, at.id)
	}
	o.Releases.Put(release)
	return push(o, at.config, "release-"+at.id[:min(8, len(at.id))]+"-"+body.Version), nil
}
