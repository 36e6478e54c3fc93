package access

import (
	"slices"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// elements are ids by kind, of originals or of copies.
type elements struct {
	Resources []string `json:"resource_ids"` // of configurations, or of resources
	Queries   []string `json:"query_library_query_ids"`
	Apps      []string `json:"app_ids"`
	Workflows []string `json:"workflow_ids"`
}

type copySpaceElementsBody struct {
	elements
	Destination string `json:"destination_space_id"`
}

// copySpaceElements answers the ids of the copies in the order of the request.
func copySpaceElements(o *model.Org, _ *api.Call, body copySpaceElementsBody) (api.Answer, error) {
	space, ok := o.Spaces.Get(body.Destination)
	if !ok {
		return api.Answer{}, api.NotFound("Space", body.Destination)
	}
	if err := haveAll(o, body.elements); err != nil {
		return api.Answer{}, err
	}
	k := &copier{from: o, to: space.Org, copies: map[string]string{}}
	space.Org.Tick()
	return api.Created(elements{
		Resources: k.each(body.Resources, k.resourceOrConfiguration),
		Queries:   k.each(body.Queries, k.query),
		Apps:      k.each(body.Apps, k.app),
		Workflows: k.each(body.Workflows, k.workflow),
	}), k.err
}

// haveAll checks that all elements exist.
func haveAll(o *model.Org, e elements) error {
	for _, kind := range []struct {
		name string
		ids  []string
		has  func(id string) bool
	}{
		{"Resource configuration", e.Resources, func(id string) bool { return o.Configurations.Has(id) || o.Resources.Has(id) }},
		{"Query", e.Queries, o.Queries.Has},
		{"App", e.Apps, o.Apps.Has},
		{"Workflow", e.Workflows, o.Workflows.Has},
	} {
		for _, id := range kind.ids {
			if !kind.has(id) {
				return api.NotFound(kind.name, id)
			}
		}
	}
	return nil
}

// copier copies elements, each once, under new ids. Objects in the destination
// stay. A resource with the same name, which is an id too, counts as the copy and
// gets the configurations.
type copier struct {
	from, to *model.Org
	// copies are the ids in the destination by those of the originals.
	copies map[string]string
	err    error // of the first conflict
}

// each copies the elements that were not copied yet.
func (k *copier) each(ids []string, one func(id string) string) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = k.once(id, one)
	}
	return out
}

func (k *copier) once(id string, one func(id string) string) string {
	if _, done := k.copies[id]; !done {
		k.copies[id] = one(id)
	}
	return k.copies[id]
}

// resourceOrConfiguration copies one configuration with its resource, or a
// resource with all of its configurations.
func (k *copier) resourceOrConfiguration(id string) string {
	if _, ok := k.from.Configurations.Get(id); ok {
		return k.configuration(id)
	}
	copied := k.once(id, k.resource)
	for c := range k.from.Configurations.All() {
		if c.ResourceID == id {
			k.once(c.ID, k.configuration)
		}
	}
	return copied
}

func (k *copier) resource(id string) string {
	original, _ := k.from.Resources.Get(id)
	if same, ok := k.sameResource(original); ok {
		if same.Type != original.Type && k.err == nil {
			k.err = api.Conflict("Resource with name %q already exists", original.DisplayName)
		}
		return same.ID
	}
	r := &model.Resource{
		ID: k.to.UUID(), Type: original.Type, DisplayName: original.DisplayName, FolderID: new(model.FolderResources),
		CreatedAt: k.to.Now(), UpdatedAt: k.to.Now(),
	}
	k.to.Resources.Put(r)
	return r.ID
}

func (k *copier) sameResource(original *model.Resource) (*model.Resource, bool) {
	return k.to.Resources.Find(func(r *model.Resource) bool { return r.DisplayName == original.DisplayName })
}

// configuration copies into the environment of the same name, or else into the
// default environment, where it replaces nothing.
func (k *copier) configuration(id string) string {
	original, _ := k.from.Configurations.Get(id)
	resource := k.once(original.ResourceID, k.resource)
	environment, sameName := k.environment(original.EnvironmentID)
	there, ok := k.to.Configurations.Find(func(c *model.Configuration) bool {
		return c.ResourceID == resource && c.EnvironmentID == environment
	})
	if ok {
		if sameName {
			there.Options, there.UpdatedAt = original.Options, k.to.Now()
		}
		return there.ID
	}
	c := &model.Configuration{
		ID: k.to.UUID(), ResourceID: resource, EnvironmentID: environment, Options: original.Options,
		CreatedAt: k.to.Now(), UpdatedAt: k.to.Now(),
	}
	k.to.Configurations.Put(c)
	return c.ID
}

// environment returns the matching environment in the destination, and whether it
// has the same name.
func (k *copier) environment(id string) (pair string, sameName bool) {
	original, _ := k.from.Environments.Get(id)
	for e := range k.to.Environments.All() {
		if original != nil && e.Name == original.Name {
			return e.ID, true
		}
		if e.Default {
			pair = e.ID
		}
	}
	return pair, false
}

func (k *copier) query(id string) string {
	original, _ := k.from.Queries.Get(id)
	q := &model.Query{ID: k.to.UUID(), Name: original.Name}
	k.to.Queries.Put(q)
	return q.ID
}

// app copies an app. The copy uses the copies of its resources and those of the
// same name, and has no release and no source control.
func (k *copier) app(id string) string {
	original, _ := k.from.Apps.Get(id)
	a := &model.App{AppView: original.AppView, Screens: slices.Clone(original.Screens), Resources: []string{}}
	a.ID, a.FolderID, a.ReleaseVersion = k.to.UUID(), model.FolderApps, "latest"
	a.Detach()
	a.CreatedAt, a.UpdatedAt = k.to.Now(), k.to.Now()
	for i := range a.Screens {
		a.Screens[i].ID = k.to.UUID()
	}
	for _, used := range original.Resources {
		if copied, ok := k.copies[used]; ok {
			a.Resources = append(a.Resources, copied)
		} else if r, ok := k.from.Resources.Get(used); ok {
			if same, ok := k.sameResource(r); ok {
				a.Resources = append(a.Resources, same.ID)
			}
		}
	}
	k.to.Apps.Put(a)
	return a.ID
}

// workflow copies a workflow. The copy is disabled.
func (k *copier) workflow(id string) string {
	original, _ := k.from.Workflows.Get(id)
	w := *original
	w.ID, w.FolderID, w.IsEnabled, w.Protected, w.CreatedBy = k.to.UUID(), model.FolderWorkflows, false, false, nil
	w.CreatedAt, w.UpdatedAt = k.to.Now(), k.to.Now()
	k.to.Workflows.Put(&w)
	return w.ID
}
