package e2e_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Nothing is sent if the plan does not hold any more, or cannot be computed again; the
// result says why. Later the same plan can still be applied.
func TestNothingIsSentOfAnotherPlan(t *testing.T) {
	t.Parallel()
	code := strings.Replace(createStages, "PAUSE", "0", 1)
	for name, change := range map[string]struct {
		make, undo func(t *testing.T, g *gateway)
		says       string
	}{
		"the organization changed": {
			func(t *testing.T, g *gateway) {
				t.Helper()
				read[group](g.host.connect("", sandboxToken), "create_group", object{"name": "Stage B"})
			},
			func(t *testing.T, g *gateway) {
				t.Helper()
				s := g.host.connect("", sandboxToken)
				act(s, "delete_group", object{"groupId": text(groupNamed(s, "Stage B").ID)})
			},
			"Stage B",
		},
		"a read fails": {
			func(_ *testing.T, g *gateway) {
				g.set(func(w http.ResponseWriter, r *http.Request) bool {
					if r.Method == http.MethodGet {
						answering(http.StatusInternalServerError, jsonType, `{"success":false,"message":"Oh no"}`)(w, r)
					}
					return r.Method == http.MethodGet
				})
			},
			func(_ *testing.T, g *gateway) { g.set(nil) },
			"list_groups",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := openGateway(t)
			s := g.connect(t, nil, "RETOOL_MCP_CONFIRM=never", "RETOOL_MCP_RETRIES=0")
			apply := given(t, object{"apply": idOfPlan(t, s.succeed("run_script", given(t, object{"code": code})))})
			change.make(t, g)
			g.writes = nil
			a := s.call("run_script", apply)
			require.True(t, a.isError)
			require.Contains(t, a.text, "Nothing was sent")
			require.Contains(t, a.text, change.says)
			require.Empty(t, g.writes)
			change.undo(t, g)
			require.Contains(t, s.succeed("run_script", apply), "all there")
			require.Len(t, g.writes, 3)
		})
	}
}

// Writes whose promises nobody awaits are made before the script ends, and what is
// refused is reported although the script caught it.
func TestWritesThatNobodyAwaits(t *testing.T) {
	t.Parallel()
	g := openGateway(t)
	s := g.connect(t, nil, "RETOOL_MCP_CONFIRM=never", "RETOOL_MCP_RETRIES=0")
	const code = `for (const l of 'ABCDEFGHIJKL') retool.create_group({name: 'Stage ' + l}).catch(() => {});
return 'over';`
	plan := s.succeed("run_script", given(t, object{"code": code}))
	require.Len(t, plannedGroups(plan), 12)
	g.set(func(w http.ResponseWriter, r *http.Request) bool {
		body, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		refuse := err == nil && createsGroup(r) && strings.Contains(string(body), "Stage C")
		if refuse {
			answering(http.StatusUnprocessableEntity, jsonType, `{"success":false,"message":"No C here"}`)(w, r)
		}
		return refuse
	})
	a := s.call("run_script", given(t, object{"apply": idOfPlan(t, plan)}))
	require.True(t, a.isError, a.text)
	require.Contains(t, a.text, "No C here")
	all := []string{}
	for _, l := range "ABCDEFGHIJKL" {
		all = append(all, "Stage "+string(l))
	}
	exist := g.groups(t, all...)
	require.Len(t, exist, g.made(t, "create_group"))
	require.NotContains(t, exist, "Stage C")
	_, refused, ok := strings.Cut(a.text, "\nRefused, 1:\n")
	require.True(t, ok, a.text)
	refused, made, ok := strings.Cut(refused, "\nMade, 11:\n")
	require.True(t, ok, a.text)
	require.Equal(t, []string{"Stage C"}, plannedGroups(refused))
	made, _, _ = strings.Cut(made, "\n\n")
	require.Equal(t, exist, plannedGroups(made))
}
