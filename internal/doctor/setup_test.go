package doctor_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/doctor"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

const token = "retool_01canary0123456789"

// instance responds as a test needs. It checks that the doctor sends only reads, and
// not many.
type instance struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string // method, path and query
	now   int      // requests under way
	most  int      // at once
}

func newInstance(t testing.TB, answer http.HandlerFunc) *instance {
	t.Helper()
	i := &instance{}
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		i.asked = append(i.asked, r.Method+" "+r.URL.RequestURI())
		i.now++
		i.most = max(i.most, i.now)
		i.mu.Unlock()
		defer func() {
			i.mu.Lock()
			defer i.mu.Unlock()
			i.now--
		}()
		if r.URL.Path == "/api/checkHealth" {
			if r.Header.Get("Authorization") != "" {
				t.Error("health needs no token")
			}
			_, _ = w.Write([]byte(`{"version":"3.114.0"}`))
			return
		}
		answer(w, r)
	}))
	t.Cleanup(func() {
		i.Close()
		require.LessOrEqual(t, len(i.requests()), 45)
		for _, request := range i.requests() {
			require.Regexp(t, "^(GET|HEAD) /", request)
		}
	})
	return i
}

// requests returns all requests so far.
func (i *instance) requests() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.asked)
}

// says is a response of the API with a message.
func says(status int, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(`{"success":false,"message":"` + message + `"}`))
	}
}

func fine(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(`{"success":true,"data":[]}`))
}

var settingNames = doctor.SettingNames{
	Scopes: "--scopes", ScopesFlag: "--scopes", TokenFileVariable: "RETOOL_ACCESS_TOKEN_FILE",
	TokenSettings: []string{"RETOOL_ACCESS_TOKEN", "RETOOL_TOKEN", "RETOOL_API_KEY", "--token"},
}

// examine diagnoses the instance with the embedded document and the changed options.
func examine(t testing.TB, i *instance, changes ...func(*doctor.Options)) map[string]doctor.Check {
	t.Helper()
	all := embedded.Catalog()
	address, err := retool.ParseAddress(i.URL, "")
	require.NoError(t, err)
	o := doctor.Options{Options: retool.Options{Address: address, Token: token, Timeout: 5 * time.Second}, Catalog: all, Served: all, SettingNames: settingNames}
	for _, change := range changes {
		change(&o)
	}
	checks := map[string]doctor.Check{}
	doctor.Diagnose(t.Context(), o, func(c doctor.Check) {
		require.NotContains(t, checks, c.Name)
		checks[c.Name] = c
		require.NotEmpty(t, c.Found, c.Name)
		if c.Status == doctor.Fail || c.Status == doctor.Warn {
			require.NotEmpty(t, c.Remedy, c.Name)
		}
	})
	require.Len(t, checks, 13)
	return checks
}
