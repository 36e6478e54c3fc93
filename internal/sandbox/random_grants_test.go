package sandbox_test

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/stretchr/testify/require"
)

// grantableTypes are the types of objects on which the client grants access.
var grantableTypes = []string{"folder", "app", "resource", "resource_configuration"}

// grantable is one of those objects.
func (w *randomClient) grantable() *thing {
	return w.any(grantableTypes[w.random.IntN(len(grantableTypes))], addressable)
}

// subject names a group or user as bodies do.
func (t *thing) subject() map[string]any { return map[string]any{"type": t.name, "id": t.item["id"]} }

// grantID identifies a grant, which has no id.
func grantID(subject *thing, objectType, object string) string {
	return subject.name + " " + subject.id + " " + objectType + " " + object
}

// grantsOf turns the objects that a subject was granted into grants.
func grantsOf(subject *thing, objects []map[string]any) (out []map[string]any) {
	for _, o := range objects {
		out = append(out, map[string]any{
			"id": grantID(subject, text(o["type"]), text(o["id"])), "level": o["access_level"],
			"subject_type": subject.name, "subject_id": subject.id, "object_type": o["type"], "object_id": o["id"],
		})
	}
	return out
}

// listGrants asks for what each group and user was granted itself.
func (w *randomClient) listGrants() (out []map[string]any) {
	w.t.Helper()
	for _, kind := range []string{"group", "user"} {
		for _, subject := range w.tracked[kind] {
			for _, objectType := range grantableTypes {
				body := map[string]any{"subject": subject.subject(), "object_type": objectType}
				out = append(out, grantsOf(subject, w.items("list_subject_access", request{}.with(body)))...)
			}
		}
	}
	slices.SortFunc(out, func(a, b map[string]any) int { return cmp.Compare(text(a["id"]), text(b["id"])) })
	return out
}

// covered are the grants that go with one on a folder: the same subject's on
// what is directly inside.
func (w *randomClient) covered(subject, object *thing) (out []*thing) {
	for _, t := range w.tracked["grant"] {
		inside := w.find(t.in[1].kind, t.in[1].id)
		if t.in[0] == subject.ref() && (inside.name == "app" || inside.name == "resource") && slices.Contains(inside.in, object.ref()) {
			out = append(out, t)
		}
	}
	return out
}

// above is the subject of a grant on an app or resource, and the folder that
// holds it.
func (w *randomClient) above() (subject, folder *thing) {
	t := w.any("grant", func(t *thing) bool { return t.in[1].kind == "app" || t.in[1].kind == "resource" })
	if t == nil {
		return nil, nil
	}
	in := w.find(t.in[1].kind, t.in[1].id).in
	if len(in) == 0 {
		return nil, nil
	}
	return w.find(t.in[0].kind, t.in[0].id), w.find("folder", in[0].id)
}

// grant gives a subject access or changes its level.
func (w *randomClient) grant() {
	w.t.Helper()
	subject, object := w.any([]string{"group", "user"}[w.random.IntN(2)], nil), w.grantable()
	if s, folder := w.above(); folder != nil && w.chance(2) {
		subject, object = s, folder
	}
	if object == nil {
		return
	}
	level := []string{"use", "edit", "own"}[w.random.IntN(3)]
	data := w.do(0, "grant_permissions", permission(subject.subject(), on(object.name, object.id), level))
	for _, t := range w.covered(subject, object) {
		w.levels[t.id] = level
	}
	id := grantID(subject, object.name, object.id)
	w.levels[id] = level
	if w.find("grant", id) == nil {
		k := w.kind("grant")
		t := &thing{kind: k, id: id, in: []ref{subject.ref(), object.ref()}}
		w.tracked["grant"] = append(w.tracked["grant"], t)
		delete(w.gone, t.ref())
	}
	w.checkGrants(subject, object, data)
}

// revoke takes access away, where there is none in vain.
func (w *randomClient) revoke() {
	w.t.Helper()
	subject, object := w.any("user", nil), w.grantable()
	if t := w.any("grant", nil); t != nil && !w.chance(4) {
		subject, object = w.find(t.in[0].kind, t.in[0].id), w.find(t.in[1].kind, t.in[1].id)
	}
	if s, folder := w.above(); folder != nil && w.chance(3) {
		subject, object = s, folder
	}
	if object == nil {
		return
	}
	gone := w.covered(subject, object)
	if t := w.find("grant", grantID(subject, object.name, object.id)); t != nil {
		gone = append(gone, t)
	}
	status := 0
	if len(gone) == 0 {
		status = http.StatusNotFound
	}
	data := w.do(status, "revoke_permissions", permission(subject.subject(), on(object.name, object.id), ""))
	for _, t := range gone {
		w.drop(t)
	}
	if status == 0 {
		w.checkGrants(subject, object, data)
	}
}

// checkGrants holds what was answered against the grants of one type of objects.
func (w *randomClient) checkGrants(subject, object *thing, data any) {
	w.t.Helper()
	var want, got []string
	for _, t := range w.tracked["grant"] {
		if t.in[0] == subject.ref() && t.in[1].kind == object.name {
			want = append(want, t.id+" "+w.levels[t.id])
		}
	}
	for _, g := range grantsOf(subject, listIn(data)) {
		got = append(got, text(g["id"])+" "+text(g["level"]))
	}
	require.ElementsMatch(w.t, want, got, "what %s was granted", subject.id)
}

// whoHas holds the access list of an object against the grants on it, and the
// roles of somebody against the role grants.
func (w *randomClient) whoHas() {
	w.t.Helper()
	object := w.any([]string{"folder", "app", "resource"}[w.random.IntN(3)], nil)
	if t := w.any("grant", func(t *thing) bool { return t.in[1].kind != "resource_configuration" }); t != nil && !w.chance(4) {
		object = w.find(t.in[1].kind, t.in[1].id)
	}
	if object == nil {
		return
	}
	list := w.object("list_object_access", at("objectType", object.name, "objectId", object.id))
	for _, kind := range []string{"group", "user"} {
		var want, got []string
		for _, t := range w.tracked["grant"] {
			subject := w.find(t.in[0].kind, t.in[0].id)
			if subject.name == kind && t.in[1] == object.ref() && subject.item["active"] != false {
				want = append(want, subject.id)
			}
		}
		for _, entry := range listIn(list[kind]) {
			if sources, _ := entry["sources"].(map[string]any); sources["direct"] == true {
				got = append(got, text(entry["subject"].(map[string]any)["id"]))
			}
		}
		require.ElementsMatch(w.t, want, got, "to whom access to %s %s was granted", object.name, object.id)
	}
	subject := w.any([]string{"group", "user"}[w.random.IntN(2)], nil)
	var roles []string
	for _, t := range w.tracked["role_grant"] {
		if t.in[1] == subject.ref() {
			roles = append(roles, t.id)
		}
	}
	w.same(roles, idsIn(w.ok("list_role_grants_for_subject", at("subjectType", subject.name, "subjectId", subject.id))), "the roles of %s", subject.id)
}
