package sandbox_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox"
)

// randomClient makes random calls and tracks which objects must exist.
type randomClient struct {
	*api
	random   *rand.Rand
	kinds    []*kind
	tracked  map[string][]*thing // by kind, in order of creation
	gone     map[ref]bool
	releases map[string][]string // by app or workflow
	levels   map[string]string   // of grants
	live     map[string]string   // releases that apps run, "latest" left out
	nested   bool                // in a space
	names    int                 // used so far
	before   string              // the state; "" when a call may have changed it
	calls    []string            // for the log of a failure
}

// kind is a kind of objects. Zero fields do not apply to it.
type kind struct {
	name string // as the API names types
	id   string // the member that is the id, if it is not "id"

	list   string // lists everything …
	listIn string // … in this member of the data
	listed func(*randomClient) []map[string]any
	pages  bool                         // the list takes a limit …
	filter func(*randomClient) []string // … and these parameters
	order  func(ids []string)           // puts ids into the list's order; else they are as they came
	verify func(*randomClient, *thing)  // compares the item with what is tracked
	missed func(*randomClient) int      // the status for an unknown id, if not 404
	in     func(item map[string]any) []ref

	read, param string // param is the path parameter for reading, changing and removing
	readIn      string
	create      func(*randomClient) (operation string, r request, ok bool)
	twice       int    // the status of a second creation; 0 if it succeeds
	brings      string // the kind of an object that is created with it
	added       func(*randomClient, *thing)
	change      func(*randomClient, *thing) (operation string, r request, want map[string]any)
	unique      string // the unique member that change changes …
	clash       int    // … and the status of a conflict
	remove      string
	kept        func(*randomClient, *thing) int // the status of a refused removal; 0 if it succeeds
	dropped     func(*randomClient, *thing)
	most        int // the client creates one more below this number …
	fewest      int // … and keeps this number
}

// thing is an object that must exist.
type thing struct {
	*kind
	id   string
	item map[string]any // as the API shows it
	in   []ref          // is removed with any of these

	members []string // of a group: the users, and the invites that lead into it
	invites []string
	pinned  map[string]string // of a manifest: releases by element
}

type ref struct{ kind, id string }

func (t *thing) ref() ref { return ref{t.kind.name, t.id} }

// startRandom starts a sandbox for a random client. RETOOL_MCP_TEST_SEED replaces the
// seed. The client may replace the sandbox behind the address.
func startRandom(t testing.TB, seed uint64, o sandbox.Options) *randomClient {
	t.Helper()
	if text := os.Getenv("RETOOL_MCP_TEST_SEED"); text != "" {
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		require.NoError(t, err, "RETOOL_MCP_TEST_SEED")
	}
	t.Logf("RETOOL_MCP_TEST_SEED=%d", seed)
	w := &randomClient{
		random: rand.New(rand.NewPCG(seed, 0)),
		kinds:  everyKind(), tracked: map[string][]*thing{}, gone: map[ref]bool{}, releases: map[string][]string{}, levels: map[string]string{},
	}
	w.api = &api{t: t, box: newSandbox(t, o), token: sandbox.DefaultToken}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.box.ServeHTTP(rw, r) }))
	w.url = server.URL
	t.Cleanup(func() {
		server.Close()
		require.NoError(t, w.box.Close())
		if t.Failed() {
			t.Logf("%d calls; the last ones:\n%s", len(w.calls), strings.Join(w.calls[max(0, len(w.calls)-15):], "\n"))
		}
	})
	return w
}

// begin tracks the objects of the new organization.
func (w *randomClient) begin() {
	w.t.Helper()
	connect(w.api)
	for _, k := range w.kinds {
		w.adopt(k)
	}
	w.live = map[string]string{}
	for _, t := range w.tracked["app"] {
		w.live[t.id] = text(t.item["release_version"])
	}
	for kind, element := range elementTypes {
		for _, t := range w.tracked[kind] {
			for _, r := range w.items("list_source_control_releases", at("elementUuid", t.id).where("elementType", element)) {
				w.releases[t.id] = slices.Insert(w.releases[t.id], 0, text(r["release_version"]))
			}
		}
	}
}

// enter continues in a space.
func (w *randomClient) enter() {
	w.t.Helper()
	w.api, w.nested = w.space(w.first("list_spaces")), true
	w.kind("space").most = 0 // spaces have none
}

func (w *randomClient) kind(name string) *kind {
	w.t.Helper()
	at := slices.IndexFunc(w.kinds, func(k *kind) bool { return k.name == name })
	require.GreaterOrEqual(w.t, at, 0, "no kind %q", name)
	return w.kinds[at]
}

// anyFailure stands for any status of a failure.
const anyFailure = -1

// do makes a call and checks its status, 0 for any success. A call that fails must
// not change anything.
func (w *randomClient) do(status int, operation string, r request) any {
	w.t.Helper()
	reads := described(w.t).operations[operation].method == http.MethodGet
	if status != 0 && !reads && w.before == "" {
		w.before = w.state()
	}
	out := w.call(operation, r)
	w.calls = append(w.calls, fmt.Sprintf("%d %s %v %v %v", out.status, operation, r.path, r.query, r.body))
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
func (w *randomClient) all(k *kind) []map[string]any {
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
func (w *randomClient) adopt(k *kind) (added []*thing) {
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
		w.tracked[k.name] = append(w.tracked[k.name], t)
		delete(w.gone, t.ref()) // it came back under its old name
		if k.added != nil {
			k.added(w, t)
		}
	}
	return added
}

func (w *randomClient) find(kind, id string) *thing {
	for _, t := range w.tracked[kind] {
		if t.id == id {
			return t
		}
	}
	return nil
}

// drop forgets a thing and whatever goes with it.
func (w *randomClient) drop(t *thing) {
	w.tracked[t.kind.name] = slices.DeleteFunc(w.tracked[t.kind.name], func(other *thing) bool { return other == t })
	w.gone[t.ref()] = true
	if t.dropped != nil {
		t.dropped(w, t)
	}
	for _, k := range slices.Sorted(maps.Keys(w.tracked)) {
		for _, other := range slices.Clone(w.tracked[k]) {
			if slices.Contains(other.in, t.ref()) && w.find(k, other.id) == other {
				w.drop(other)
			}
		}
	}
}

// any is a random thing of a kind for which fits holds, nil where there is none.
func (w *randomClient) any(kind string, fits func(*thing) bool) *thing {
	var from []*thing
	for _, t := range w.tracked[kind] {
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
func (w *randomClient) some(kind string, most int) []string {
	out := []string{}
	for range w.random.IntN(most + 1) {
		if t := w.any(kind, nil); t != nil && !slices.Contains(out, t.id) {
			out = append(out, t.id)
		}
	}
	return out
}

// same compares two lists, where none is as good as an empty one.
func (w *randomClient) same(want, got []string, message string, args ...any) {
	w.t.Helper()
	require.Equal(w.t, append([]string{}, want...), append([]string{}, got...), append([]any{message}, args...)...)
}

// chance is true once in n times.
func (w *randomClient) chance(n int) bool { return w.random.IntN(n) == 0 }

// name is one that nothing has.
func (w *randomClient) name() string {
	w.names++
	styles := []string{"Otter %d", "Größe %d", "倉庫 %d", `"Quoted" & <%d>`, "🦦 / %d", "O'Hara\\%d", "מחסן %d"}
	return fmt.Sprintf(styles[w.random.IntN(len(styles))], w.names)
}

// word is a name of small letters and digits.
func (w *randomClient) word() string {
	w.names++
	return fmt.Sprintf("otter%d", w.names)
}
