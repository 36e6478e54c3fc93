package sandbox_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
	"github.com/retool-mcp/retool-mcp/internal/sandbox"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/routes"
	"github.com/retool-mcp/retool-mcp/schemas"
)

// exchange is one request to a real instance and what it answered.
type exchange struct {
	Request struct {
		Method, URL, Body string
		Headers           http.Header
	}
	Response struct {
		Code    int
		Body    string
		Headers http.Header
	}
}

// TestRecordings sends what was once sent to real instances and expects the same
// answers: status, content type, members and their types, and values but for ids
// and dates. Every difference must be in testdata/recording-differences.txt,
// and nothing else.
func TestRecordings(t *testing.T) {
	files, err := filepath.Glob(referencedata.Path(t, "recordings/*.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, files, "no recordings")
	set, err := routes.Load(schemas.Routes())
	require.NoError(t, err)
	expected := readDifferences(t)
	names := map[string]bool{}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		names[name] = true
		t.Run(name, func(t *testing.T) {
			p := replayer{api: start(t, sandbox.Options{}), routes: set, ids: map[any]any{}}
			exchanges := readRecording(t, file)
			p.prepare(exchanges)
			for i, e := range exchanges {
				operation, found := p.replay(i, e)
				for _, d := range found {
					key, ok := difference{name, operation, d}.in(expected)
					if !ok {
						t.Errorf("step %d: unexpected difference:\n%s", i, key)
					}
					expected[key] = true
				}
			}
			for key, applied := range expected {
				if key.recording == name && !applied {
					t.Errorf("the answers do not have this difference any more:\n%s", key)
				}
			}
		})
	}
	for key := range expected {
		require.True(t, names[key.recording], "there is no such recording: %s", key)
	}
}

func readRecording(t *testing.T, file string) []exchange {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	var recording struct{ Interactions []exchange }
	require.NoError(t, yaml.Unmarshal(data, &recording))
	require.NotEmpty(t, recording.Interactions)
	return recording.Interactions
}

// difference is a line of testdata/recording-differences.txt without its reason.
type difference struct {
	recording, operation string
	formDifference
}

func (d difference) String() string {
	return strings.Join([]string{d.recording, d.operation, d.path, d.what}, "\t")
}

// in finds the line for a difference: one of its own, or one whose path ends in
// "*" for all members of an object.
func (d difference) in(lines map[difference]bool) (difference, bool) {
	if _, ok := lines[d]; ok {
		return d, true
	}
	every := d
	every.path = d.path[:strings.LastIndex(d.path, ".")+1] + "*"
	if _, ok := lines[every]; ok {
		return every, true
	}
	return d, false
}

// readDifferences reads the accepted ones, each with whether it has occurred.
func readDifferences(t *testing.T) map[difference]bool {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "recording-differences.txt"))
	require.NoError(t, err)
	out := map[difference]bool{}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(line, "\t")
		require.Len(t, fields, 5, "%q: five fields with tabs between them", line)
		key := difference{fields[0], fields[1], formDifference{fields[2], fields[3]}}
		require.NotEmpty(t, fields[4], "%q: no reason", line)
		require.NotContains(t, out, key, "it stands there twice")
		out[key] = false
	}
	return out
}
