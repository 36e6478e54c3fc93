package sandbox_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"
)

// step does one random thing and looks at what came of it.
func (w *randomClient) step() {
	w.t.Helper()
	if actions := everyAction(); w.chance(3) {
		actions[w.random.IntN(len(actions))](w)
		return
	}
	k := w.kinds[w.random.IntN(len(w.kinds))]
	t := w.any(k.name, nil)
	var steps []func()
	if k.create != nil && len(w.tracked[k.name]) < k.most {
		steps = append(steps, func() { w.create(k) }, func() { w.create(k) })
	}
	if k.create != nil {
		steps = append(steps, func() { w.createBadly(k) })
	}
	if k.change != nil && t != nil {
		steps = append(steps, func() { w.change(t) })
	}
	if k.clash != 0 {
		steps = append(steps, func() { w.changeBadly(t) })
	}
	if k.remove != "" && len(w.tracked[k.name]) > k.fewest {
		steps = append(steps, func() { w.remove(t) }, func() { w.remove(t) })
	}
	if k.param != "" {
		steps = append(steps, func() { w.missing(k) })
	}
	if k.pages {
		steps = append(steps, func() { w.turnPages(k) })
	}
	if len(steps) == 0 {
		return
	}
	steps[w.random.IntN(len(steps))]()
	w.check(k)
}

// create makes one more of a kind, and tries once more to do the same.
func (w *randomClient) create(k *kind) {
	w.t.Helper()
	operation, r, ok := k.create(w)
	if !ok {
		return
	}
	data := w.do(0, operation, r)
	added := w.adopt(k)
	require.Len(w.t, added, 1, "%s: what the list has more than before", operation)
	if item, ok := data.(map[string]any); ok && item["id"] != nil {
		require.Equal(w.t, added[0].id, k.idOf(item), "%s: the id in the answer and in the list", operation)
	}
	w.keeps(operation, r.body, added[0].item)
	if k.brings != "" {
		require.Len(w.t, w.adopt(w.kind(k.brings)), 1, "%s brings one %s", operation, k.brings)
	}
	if k.twice != 0 {
		w.do(k.twice, operation, r)
	}
}

// keeps sees to it that texts and switches of a request are in what it made, and
// so are the things that it lists.
func (w *randomClient) keeps(operation string, body any, item map[string]any) {
	w.t.Helper()
	fields, _ := body.(map[string]any)
	for name, sent := range fields {
		made, ok := item[name]
		if !ok || strings.HasSuffix(name, "_at") {
			continue
		}
		switch sent := sent.(type) {
		case string, bool:
			require.Equal(w.t, sent, made, "%s: %s", operation, name)
		case []any:
			require.ElementsMatch(w.t, idsIn(sent), idsIn(made), "%s: %s", operation, name)
		}
	}
}

// createBadly spoils the request in a random way that the description forbids.
func (w *randomClient) createBadly(k *kind) {
	w.t.Helper()
	operation, r, ok := k.create(w)
	op := described(w.t).operations[operation]
	if !ok || op.body == nil || r.files != nil {
		return
	}
	if body, ok := w.dangling(r.body); ok && w.chance(2) {
		r.body = body
		w.do(anyFailure, operation, r)
		return
	}
	bodies := invalidBodies(op.body, r.body)
	names := slices.Sorted(maps.Keys(bodies))
	r.body = bodies[names[w.random.IntN(len(names))]]
	w.do(http.StatusBadRequest, operation, r)
}

// dangling is a body in which one of the ids is one that nothing has.
func (w *randomClient) dangling(body any) (any, bool) {
	data, err := json.Marshal(body)
	require.NoError(w.t, err)
	out := readJSON(w.t, string(data))
	var spoil []func()
	var visit func(value any)
	visit = func(value any) {
		object, _ := value.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(object)) {
			switch v := object[name].(type) {
			case string:
				if strings.HasSuffix(name, "_id") || name == "id" || name == "uuid" {
					spoil = append(spoil, func() { object[name] = unusedID(v) })
				}
			case []any:
				for i, item := range v {
					if _, isNumber := item.(float64); isNumber && strings.HasSuffix(name, "Ids") {
						spoil = append(spoil, func() { v[i] = 987654321 })
					}
					visit(item)
				}
			default:
				visit(v)
			}
		}
	}
	visit(out)
	if len(spoil) == 0 {
		return nil, false
	}
	spoil[w.random.IntN(len(spoil))]()
	return out, true
}

// changeBadly gives a thing the name of another one.
func (w *randomClient) changeBadly(t *thing) {
	w.t.Helper()
	if t == nil {
		return
	}
	other := w.any(t.name, func(u *thing) bool {
		return u != t && (t.name != "folder" || u.item["folder_type"] == t.item["folder_type"] && slices.Equal(u.in, t.in))
	})
	operation, r, want := t.change(w, t)
	if _, ok := want[t.unique]; !ok || other == nil {
		return
	}
	body := r.body.(map[string]any)
	if changes, ok := body["operations"].([]any); ok {
		changes[0].(map[string]any)["value"] = other.item[t.unique]
	} else {
		body[t.unique] = other.item[t.unique]
	}
	w.do(t.clash, operation, r)
}

func (w *randomClient) change(t *thing) {
	w.t.Helper()
	operation, r, want := t.change(w, t)
	if operation == "" {
		return
	}
	w.do(0, operation, r)
	w.check(t.kind)
	for name, value := range want {
		require.Equal(w.t, value, t.item[name], "%s: %s", operation, name)
	}
}

func (w *randomClient) remove(t *thing) {
	w.t.Helper()
	status := 0
	if t.kept != nil {
		status = t.kept(w, t)
	}
	w.do(status, t.kind.remove, w.removal(t.kind, t.id))
	if status != 0 {
		return
	}
	w.drop(t)
	w.do(w.missedStatus(t.kind), t.kind.remove, w.removal(t.kind, t.id))
}

// removal is the request that removes something.
func (w *randomClient) removal(k *kind, id string) request {
	r := at(k.param, id)
	if described(w.t).operations[k.remove].body != nil {
		r = r.with(map[string]any{})
	}
	return r
}

func (w *randomClient) missedStatus(k *kind) int {
	if k.missed != nil {
		return k.missed(w)
	}
	return http.StatusNotFound
}

// missing asks in every way for something that is gone or never was.
func (w *randomClient) missing(k *kind) {
	w.t.Helper()
	var ids []string
	for g := range w.gone {
		if g.kind == k.name {
			ids = append(ids, g.id)
		}
	}
	slices.Sort(ids)
	if t := w.any(k.name, addressable); t != nil {
		ids = append(ids, unusedID(t.id))
	}
	if len(ids) == 0 {
		return
	}
	id := ids[w.random.IntN(len(ids))]
	if k.read != "" {
		w.do(http.StatusNotFound, k.read, at(k.param, id))
	}
	if k.remove != "" {
		w.do(w.missedStatus(k), k.remove, w.removal(k, id))
	}
	if t := w.any(k.name, nil); t != nil && k.change != nil {
		if operation, r, _ := k.change(w, t); operation != "" && r.path[k.param] != "" {
			r.path[k.param] = id
			w.do(w.missedStatus(k), operation, r)
		}
	}
}

// check holds the list of a kind against what has to be there, and one of its
// items against what reading it alone shows.
func (w *randomClient) check(k *kind) {
	w.t.Helper()
	items := map[string]map[string]any{}
	var listed, want []string
	for _, item := range w.all(k) {
		listed = append(listed, k.idOf(item))
		items[k.idOf(item)] = item
	}
	for _, t := range w.tracked[k.name] {
		want = append(want, t.id)
	}
	if k.order != nil {
		k.order(want)
	}
	w.same(want, listed, "the list of every %s", k.name)
	for _, t := range w.tracked[k.name] {
		t.item = items[t.id]
		if k.verify != nil {
			k.verify(w, t)
		}
	}
	if t := w.any(k.name, addressable); t != nil && k.read != "" {
		require.Equal(w.t, t.item, w.readThing(t), "%s and the list of every %s", k.read, k.name)
	}
}

// addressable is false for the folders of files, whose ids no path may have.
func addressable(t *thing) bool { return t.item["folder_type"] != "file" }

func (w *randomClient) readThing(t *thing) map[string]any {
	w.t.Helper()
	item := w.object(t.read, at(t.param, t.id))
	if t.readIn != "" {
		item, _ = item[t.readIn].(map[string]any)
	}
	return item
}

// checkAll looks at everything.
func (w *randomClient) checkAll() {
	w.t.Helper()
	for _, k := range w.kinds {
		w.check(k)
	}
	w.checkReleases()
	w.checkReferences()
}
