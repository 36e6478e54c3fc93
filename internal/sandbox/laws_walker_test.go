package sandbox_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox"
)

// walker calls the API at random, and keeps in mind what has to be there.
type walker struct {
	*api
	random   *rand.Rand
	kinds    []*kind
	things   map[string][]*thing // by kind, in the order in which they came
	gone     map[ref]bool
	releases map[string][]string // by app or workflow
	levels   map[string]string   // of grants
	live     map[string]string   // releases that apps run, without those of "latest"
	nested   bool                // in a space
	names    int                 // given out so far
	before   string              // the state; "" when a call may have changed it
	trail    []string            // what was done
}

// kind is one kind of things that come and go. What is zero there is not for it.
type kind struct {
	name string // as the API writes types of objects and subjects
	id   string // the member that is the id, if it is not "id"

	list   string // lists everything …
	listIn string // … in this member of the data
	listed func(*walker) []map[string]any
	pages  bool                   // the list takes a limit …
	filter func(*walker) []string // … and these parameters
	order  func(ids []string)     // puts ids into the list's order; else they are as they came
	verify func(*walker, *thing)  // compares the item with what the walker knows
	missed func(*walker) int      // with what an id that nothing has is answered, if not with 404
	in     func(item map[string]any) []ref

	read, param string // param is the path parameter for reading, changing and removing
	readIn      string
	create      func(*walker) (operation string, r request, ok bool)
	twice       int    // with what creating it once more is answered; 0 if that works
	brings      string // the kind of which one more comes with it
	added       func(*walker, *thing)
	change      func(*walker, *thing) (operation string, r request, want map[string]any)
	unique      string // the member that change changes and no two may have alike …
	clash       int    // … or are refused with this
	remove      string
	kept        func(*walker, *thing) int // with what removing is refused; 0 if it works
	dropped     func(*walker, *thing)
	most        int // how many there may be for the walker to make one more …
	fewest      int // … and how many it leaves
}

// thing is something that has to be there.
type thing struct {
	*kind
	id   string
	item map[string]any // as the API shows it
	in   []ref          // it goes when one of these goes

	members []string // of a group: the users, and the invites that lead into it
	invites []string
	pinned  map[string]string // of a manifest: releases by element
}

type ref struct{ kind, id string }

func (t *thing) ref() ref { return ref{t.kind.name, t.id} }

// walk starts a sandbox for a walker. The walker may replace the sandbox behind
// the address.
func walk(t testing.TB, seed uint64, o sandbox.Options) *walker {
	t.Helper()
	w := &walker{
		random: rand.New(rand.NewPCG(seed, 0)),
		kinds:  everyKind(), things: map[string][]*thing{}, gone: map[ref]bool{}, releases: map[string][]string{}, levels: map[string]string{},
	}
	box, err := sandbox.New(o)
	require.NoError(t, err)
	w.api = &api{t: t, box: box, token: sandbox.DefaultToken}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.box.ServeHTTP(rw, r) }))
	w.url = server.URL
	t.Cleanup(func() {
		server.Close()
		require.NoError(t, w.box.Close())
		if t.Failed() {
			t.Logf("seed %d, after %d calls; the last ones:\n%s", seed, len(w.trail), strings.Join(w.trail[max(0, len(w.trail)-15):], "\n"))
		}
	})
	return w
}

// begin takes what is there at first for granted.
func (w *walker) begin() {
	w.t.Helper()
	connect(w.api)
	for _, k := range w.kinds {
		w.adopt(k)
	}
	w.live = map[string]string{}
	for _, t := range w.things["app"] {
		w.live[t.id] = text(t.item["release_version"])
	}
	for kind, element := range elementTypes {
		for _, t := range w.things[kind] {
			for _, r := range w.items("get_source_control_release", at("elementUuid", t.id).where("elementType", element)) {
				w.releases[t.id] = slices.Insert(w.releases[t.id], 0, text(r["release_version"]))
			}
		}
	}
}

// enter goes on in a space.
func (w *walker) enter() {
	w.t.Helper()
	w.api, w.nested = w.space(w.first("list_spaces")), true
	w.kind("space").most = 0 // spaces have none
}

func (w *walker) kind(name string) *kind {
	w.t.Helper()
	at := slices.IndexFunc(w.kinds, func(k *kind) bool { return k.name == name })
	require.GreaterOrEqual(w.t, at, 0, "no kind %q", name)
	return w.kinds[at]
}

// anyFailure is whatever status says that a call failed.
const anyFailure = -1

// do makes a call that has to be answered with a status, 0 for any success. One
// that fails must not have changed anything.
func (w *walker) do(status int, operation string, r request) any {
	w.t.Helper()
	reads := described(w.t).operations[operation].method == http.MethodGet
	if status != 0 && !reads && w.before == "" {
		w.before = w.state()
	}
	out := w.call(operation, r)
	w.trail = append(w.trail, fmt.Sprintf("%d %s %v %v %v", out.status, operation, r.path, r.query, r.body))
	switch status {
	case 0:
		require.Less(w.t, out.status, 300, "%s %v: %s", operation, r, out.raw)
	case anyFailure:
		require.GreaterOrEqual(w.t, out.status, 400, "%s %v: %s", operation, r, out.raw)
	default:
		require.Equal(w.t, status, out.status, "%s %v: %s", operation, r, out.raw)
	}
	if out.status >= 300 {
		if reads {
			return nil
		}
		require.Equal(w.t, w.before, w.state(), "%s failed and has changed something", operation)
		return nil
	}
	w.before = ""
	if envelope, ok := out.body.(map[string]any); ok && envelope["success"] != nil {
		return envelope["data"]
	}
	return out.body
}

// all lists the things of a kind.
func (w *walker) all(k *kind) []map[string]any {
	w.t.Helper()
	switch {
	case k.listed != nil:
		return k.listed(w)
	case k.listIn != "":
		return listIn(w.object(k.list, request{})[k.listIn])
	default:
		return w.items(k.list, request{})
	}
}

func (k *kind) idOf(item map[string]any) string {
	if k.id != "" {
		return text(item[k.id])
	}
	return text(item["id"])
}

// adopt takes up the things that are new in the list of a kind.
func (w *walker) adopt(k *kind) (added []*thing) {
	w.t.Helper()
	for _, item := range w.all(k) {
		id := k.idOf(item)
		if w.find(k.name, id) != nil {
			continue
		}
		t := &thing{kind: k, id: id, item: item}
		if k.in != nil {
			t.in = k.in(item)
		}
		added = append(added, t)
		w.things[k.name] = append(w.things[k.name], t)
		delete(w.gone, t.ref()) // it came back under its old name
		if k.added != nil {
			k.added(w, t)
		}
	}
	return added
}

func (w *walker) find(kind, id string) *thing {
	for _, t := range w.things[kind] {
		if t.id == id {
			return t
		}
	}
	return nil
}

// drop forgets a thing and whatever goes with it.
func (w *walker) drop(t *thing) {
	w.things[t.kind.name] = slices.DeleteFunc(w.things[t.kind.name], func(other *thing) bool { return other == t })
	w.gone[t.ref()] = true
	if t.dropped != nil {
		t.dropped(w, t)
	}
	for _, k := range slices.Sorted(maps.Keys(w.things)) {
		for _, other := range slices.Clone(w.things[k]) {
			if slices.Contains(other.in, t.ref()) && w.find(k, other.id) == other {
				w.drop(other)
			}
		}
	}
}

// any is a random thing of a kind for which fits holds, nil where there is none.
func (w *walker) any(kind string, fits func(*thing) bool) *thing {
	var from []*thing
	for _, t := range w.things[kind] {
		if fits == nil || fits(t) {
			from = append(from, t)
		}
	}
	if len(from) == 0 {
		return nil
	}
	return from[w.random.IntN(len(from))]
}

// some is a random choice of a few ids of a kind, without repeats.
func (w *walker) some(kind string, most int) []string {
	out := []string{}
	for range w.random.IntN(most + 1) {
		if t := w.any(kind, nil); t != nil && !slices.Contains(out, t.id) {
			out = append(out, t.id)
		}
	}
	return out
}

// same compares two lists, where none is as good as an empty one.
func (w *walker) same(want, got []string, message string, args ...any) {
	w.t.Helper()
	require.Equal(w.t, append([]string{}, want...), append([]string{}, got...), append([]any{message}, args...)...)
}

// chance is true once in n times.
func (w *walker) chance(n int) bool { return w.random.IntN(n) == 0 }

// name is one that nothing has.
func (w *walker) name() string {
	w.names++
	styles := []string{"Otter %d", "Größe %d", "倉庫 %d", `"Quoted" & <%d>`, "🦦 / %d", "O'Hara\\%d", "מחסן %d"}
	return fmt.Sprintf(styles[w.random.IntN(len(styles))], w.names)
}

// word is a name of small letters and digits.
func (w *walker) word() string {
	w.names++
	return fmt.Sprintf("otter%d", w.names)
}
