package sandbox_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/routes"
)

// replayer sends recorded requests to a sandbox. Where a recording has an id, the
// sandbox has another one.
type replayer struct {
	*api
	routes *routes.Set
	ids    map[any]any // of the sandbox by those of the recording, texts and numbers
}

// play sends one recorded request and compares the answers.
func (p *replayer) replay(step int, e exchange) (operation string, found []formDifference) {
	p.t.Helper()
	route, path := p.route(e)
	where := fmt.Sprintf("step %d, %s", step, route.ID)
	got := p.send(e.Request.Method, "/api/v2"+path, e.Request.Headers.Get("Content-Type"), bytes.NewReader(p.body(e)))
	require.Equal(p.t, e.Response.Code, got.status, "%s: %s", where, got.raw)
	require.Equal(p.t, e.Response.Headers.Get("Content-Type"), got.header.Get("Content-Type"), where)
	if e.Response.Body == "" {
		require.Empty(p.t, got.raw, where)
		return route.ID, nil
	}
	recorded := readJSON(p.t, e.Response.Body)
	p.learn(recorded, got.body)
	found = shapeOf(recorded).differences("", got.body)
	return route.ID, append(found, otherValues("", p.translate("", recorded), got.body)...)
}

// route is the operation of a recorded request, and its path and query with the
// sandbox's ids.
func (p *replayer) route(e exchange) (route *routes.Route, path string) {
	p.t.Helper()
	at, err := url.Parse(e.Request.URL)
	require.NoError(p.t, err)
	recorded := strings.TrimPrefix(at.EscapedPath(), "/api/v2")
	route, values, ok := p.routes.Match(e.Request.Method, recorded)
	require.True(p.t, ok, "no operation for %s %s", e.Request.Method, recorded)
	path = route.Path
	for name, value := range values {
		path = strings.ReplaceAll(path, "{"+name+"}", url.PathEscape(p.pathID(value)))
	}
	if at.RawQuery != "" {
		path += "?" + at.RawQuery
	}
	return route, path
}

// pathID is the sandbox's id for one in a path, where a number is a text.
func (p *replayer) pathID(recorded string) string {
	if id, ok := p.ids[recorded]; ok {
		return text(id)
	}
	if number, err := strconv.ParseFloat(recorded, 64); err == nil {
		if id, ok := p.ids[number]; ok {
			return text(id)
		}
	}
	return recorded
}

func (p *replayer) body(e exchange) []byte {
	p.t.Helper()
	if e.Request.Body == "" {
		return nil
	}
	data, err := json.Marshal(p.translate("", readJSON(p.t, e.Request.Body)))
	require.NoError(p.t, err)
	return data
}

// translate puts the sandbox's ids into a body: any text that is an id, and
// numbers that are called one.
func (p *replayer) translate(name string, value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, member := range v {
			out[key] = p.translate(key, member)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = p.translate(name, item)
		}
		return out
	case string:
		if id, ok := p.ids[v]; ok {
			return id
		}
	case float64:
		if id, ok := p.ids[v]; ok && isID(name) {
			return id
		}
	}
	return value
}

func isID(name string) bool { return name == "id" || name == "legacy_id" }

// learn reads from two answers what the sandbox calls what the recording's
// answer shows for the first time. Items of lists belong together by name and
// type.
func (p *replayer) learn(recorded, got any) {
	switch r := recorded.(type) {
	case map[string]any:
		g, _ := got.(map[string]any)
		for key, value := range r {
			if !isID(key) {
				p.learn(value, g[key])
			} else if p.ids[value] == nil && g[key] != nil {
				p.ids[value] = g[key]
			}
		}
	case []any:
		g, _ := got.([]any)
		for _, one := range r {
			if at := slices.IndexFunc(g, func(other any) bool { return sameName(one, other) }); at >= 0 {
				p.learn(one, g[at])
			}
		}
	}
}

func sameName(a, b any) bool {
	x, _ := a.(map[string]any)
	y, _ := b.(map[string]any)
	return x["name"] != nil && x["name"] == y["name"] && x["folder_type"] == y["folder_type"]
}

// prepare brings the sandbox to where the recordings begin: without source
// control, and with the environments that requests name though no answer shows
// them. The first of those is the sandbox's first, and so on.
func (p *replayer) prepare(exchanges []exchange) {
	p.t.Helper()
	p.ok("delete_source_control_config", request{})
	var recorded []any
	for _, e := range exchanges {
		if e.Request.Body != "" {
			members(readJSON(p.t, e.Request.Body), "environment_id", func(id any) {
				if !slices.Contains(recorded, id) {
					recorded = append(recorded, id)
				}
			})
		}
	}
	there := p.items("list_environments", request{})
	require.LessOrEqual(p.t, len(recorded), len(there), "the recording names more environments than there are")
	for i, id := range recorded {
		p.ids[id] = there[i]["id"]
	}
}

// members goes through the values of every member of that name, in order.
func members(value any, name string, visit func(any)) {
	switch v := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if key == name {
				visit(v[key])
			}
			members(v[key], name, visit)
		}
	case []any:
		for _, item := range v {
			members(item, name, visit)
		}
	}
}

func readJSON(t testing.TB, source string) (value any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(source), &value), "%s", source)
	return value
}
