package sandbox_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox"
)

func TestParseFaults(t *testing.T) {
	got, err := sandbox.ParseFaults("429:0.1, 500:0.02,cut:0.01,slow:0.05,html:0,drop:0.5,")
	require.NoError(t, err)
	require.Equal(t, []sandbox.Fault{{"429", 0.1}, {"500", 0.02}, {sandbox.Cut, 0.01}, {sandbox.Slow, 0.05}, {sandbox.HTML, 0}, {sandbox.Drop, 0.5}}, got)
	got, err = sandbox.ParseFaults("")
	require.NoError(t, err)
	require.Empty(t, got)
	for text, message := range map[string]string{
		"flood:0.1":        `"flood" is not a fault: use cut, drop, slow, html or a status from 400 to 599`,
		"200:0.1":          `"200" is not a fault: use cut, drop, slow, html or a status from 400 to 599`,
		"429":              `"429" must be of the form KIND:SHARE with a share from 0 to 1`,
		"429:often":        `"429:often" must be of the form KIND:SHARE with a share from 0 to 1`,
		"429:1.1":          `"429:1.1" must be of the form KIND:SHARE with a share from 0 to 1`,
		"429:-0.1":         `"429:-0.1" must be of the form KIND:SHARE with a share from 0 to 1`,
		"429:NaN":          `"429:NaN" must be of the form KIND:SHARE with a share from 0 to 1`,
		"429:0.6,cut:0.41": `the shares in "429:0.6,cut:0.41" add up to more than 1`,
	} {
		_, err := sandbox.ParseFaults(text)
		require.EqualError(t, err, message)
	}
}

// asking sends a request whose header asks for a fault.
func (a *api) asking(kind, method, path, body string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(a.t.Context(), method, a.url+"/api/v2"+path, strings.NewReader(body))
	require.NoError(a.t, err)
	req.Header.Set("Authorization", "Bearer "+a.token)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(sandbox.FaultHeader, kind)
	return http.DefaultClient.Do(req)
}

const nightShift = `{"name":"Night shift"}`

func TestFaultsOnDemand(t *testing.T) {
	for kind, want := range map[string]struct {
		status  int
		happens bool // whether the call is carried out
		whole   bool // whether the answer comes to its end
	}{
		"400":  {400, false, true},
		"429":  {429, false, true},
		"500":  {500, false, true},
		"503":  {503, false, true},
		"html": {502, false, true},
		"slow": {200, true, true},
		"cut":  {200, true, false},
		"drop": {0, true, false},
	} {
		t.Run(kind, func(t *testing.T) {
			a := start(t, sandbox.Options{Faults: sandbox.Faults{Slowness: 50 * time.Millisecond}})
			began := time.Now()
			resp, err := a.asking(kind, http.MethodPost, "/groups", nightShift)
			if want.status == 0 {
				require.ErrorIs(t, err, io.EOF)
			} else {
				require.NoError(t, err)
				require.Equal(t, want.status, resp.StatusCode)
				body, err := io.ReadAll(resp.Body)
				require.NoError(t, resp.Body.Close())
				require.Equal(t, want.whole, err == nil, "%v", err)
				require.NotEmpty(t, body)
				require.Equal(t, kind == "html", strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html"))
				require.Equal(t, kind == "429", resp.Header.Get("Retry-After") != "")
			}
			if kind == "slow" {
				require.GreaterOrEqual(t, time.Since(began), 50*time.Millisecond)
			}
			stats := a.box.Stats()
			require.Equal(t, map[string]int{kind: 1}, stats.Faults)
			require.Equal(t, want.happens, stats.Writes == 1)
			found := 0
			for _, g := range a.items("list_groups", request{}) {
				if g["name"] == "Night shift" {
					found++
				}
			}
			require.Equal(t, want.happens, found == 1)
		})
	}
	a := start(t, sandbox.Options{})
	resp, err := a.asking("flood", http.MethodGet, "/groups", "")
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusBadRequest, resp.StatusCode)
}

// A delete has no body to be cut: its connection breaks before the answer.
func TestCutWithoutABody(t *testing.T) {
	a := start(t, sandbox.Options{})
	group := a.object("create_group", request{}.with(map[string]any{"name": "Night shift"}))
	_, err := a.asking("cut", http.MethodDelete, "/groups/"+text(group["id"]), "") //nolint:bodyclose // there is none
	require.ErrorIs(t, err, io.EOF)
	a.fails(http.StatusNotFound, "get_group", at("groupId", text(group["id"])))
}

func TestFaultsByShare(t *testing.T) {
	statuses := func(seed uint64, faults string) (out []int) {
		list, err := sandbox.ParseFaults(faults)
		require.NoError(t, err)
		a := start(t, sandbox.Options{Faults: sandbox.Faults{Seed: seed, List: list}})
		for range 400 {
			out = append(out, a.send(http.MethodGet, "/api/v2/environments", "", http.NoBody).status)
		}
		return out
	}
	shares := func(list []int) map[int]int {
		out := map[int]int{}
		for _, status := range list {
			out[status]++
		}
		return out
	}
	one := statuses(1, "429:0.2,500:0.1")
	require.Equal(t, one, statuses(1, "429:0.2,500:0.1"), "the same seed")
	require.NotEqual(t, one, statuses(2, "429:0.2,500:0.1"), "another seed")
	count := shares(one)
	require.InDelta(t, 80, count[429], 30)
	require.InDelta(t, 40, count[500], 20)
	require.Equal(t, 400, count[200]+count[429]+count[500])
	require.Equal(t, map[int]int{503: 400}, shares(statuses(1, "503:1")))
	require.Equal(t, map[int]int{200: 400}, shares(statuses(1, "503:0")))
}

func TestLatency(t *testing.T) {
	a := start(t, sandbox.Options{Latency: 30 * time.Millisecond})
	began := time.Now()
	a.ok("list_groups", request{})
	require.GreaterOrEqual(t, time.Since(began), 30*time.Millisecond)
}
