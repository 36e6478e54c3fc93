package sandbox_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/seed"
)

// fewObjects are the sizes of an organization with a few of everything.
var fewObjects = seed.Sizes{Users: 6, Groups: 6, Folders: 14, Apps: 5, Resources: 3, Environments: 3, Workflows: 9, Spaces: -1}

// Invariants: what was created can be read and is listed, what was deleted is gone
// and nothing refers to it, pages add up to the list, and a call that fails changes
// nothing. Each answer is also checked against the document.
func TestInvariantsHoldAfterRandomCalls(t *testing.T) {
	withSpace := fewObjects
	withSpace.Spaces = 1
	for name, walkOf := range map[string]struct {
		seed  uint64
		sizes seed.Sizes
		space bool
	}{
		"little":         {1, fewObjects, false},
		"hardly any":     {2, seed.Sizes{Users: 1, Groups: 1, Folders: 1, Apps: 2, Resources: 1, Environments: 1, Workflows: 2, Spaces: -1}, false},
		"within a space": {3, withSpace, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := startRandom(t, walkOf.seed, sandbox.Options{Sizes: walkOf.sizes})
			outside := w.outside()
			if walkOf.space {
				w.enter()
			}
			w.begin()
			for i := range 700 {
				w.step()
				if i%100 == 0 {
					w.checkAll()
				}
			}
			w.checkAll()
			if walkOf.space {
				require.Equal(t, outside, w.outside(), "what is not in the space")
			}
		})
	}
}

// The same seed and the same calls give the same state, byte for byte, even if the
// sandbox is closed in between and continues from its file.
func TestSameCallsGiveSameState(t *testing.T) {
	run := func(o sandbox.Options) string {
		w := startRandom(t, 4, o)
		w.begin()
		for i := range 200 {
			if o.State != "" && i%70 == 50 {
				w.reopen(o)
			}
			w.step()
		}
		return w.whole()
	}
	once := run(sandbox.Options{Sizes: fewObjects})
	require.Equal(t, once, run(sandbox.Options{Sizes: fewObjects}), "the same steps once more")
	require.Equal(t, once, run(sandbox.Options{Sizes: fewObjects, State: filepath.Join(t.TempDir(), "state.json")}), "with pauses")
}

// outside returns the organization without its spaces.
func (w *randomClient) outside() map[string]any {
	w.t.Helper()
	out, _ := readJSON(w.t, w.whole()).(map[string]any)
	delete(out, "spaces")
	return out
}

// whole returns the whole state as text.
func (w *randomClient) whole() string {
	w.t.Helper()
	data, err := w.box.MarshalJSON()
	require.NoError(w.t, err)
	return string(data)
}

// reopen closes the sandbox and continues with one that reads the state file.
func (w *randomClient) reopen(o sandbox.Options) {
	w.t.Helper()
	before, answers := w.whole(), w.answers()
	require.NoError(w.t, w.box.Close())
	saved, err := os.ReadFile(o.State)
	require.NoError(w.t, err)
	require.Equal(w.t, before, string(saved), "the file")
	w.box, err = sandbox.New(o)
	require.NoError(w.t, err)
	require.Equal(w.t, before, w.whole(), "what was read back from the file")
	require.Equal(w.t, answers, w.answers(), "what is answered after that")
}

// answers returns the answers of all reads without arguments, and the files of
// libraries.
func (w *randomClient) answers() map[string]any {
	w.t.Helper()
	out := map[string]any{}
	for _, id := range described(w.t).ids {
		if op := described(w.t).operations[id]; op.method == http.MethodGet && !strings.Contains(op.path, "{") {
			out[id] = w.call(id, request{}).body // a failure where something is required
		}
	}
	for _, l := range w.tracked["library"] {
		for _, r := range w.items("list_custom_component_library_revisions", at("libraryId", l.id)) {
			id := text(r["id"])
			out[id] = w.ok("list_custom_component_library_revision_files", at("libraryId", l.id, "revisionId", id))
		}
	}
	return out
}
