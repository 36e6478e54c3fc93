package telemetry_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/telemetry"
)

func TestCallsCountByOutcome(t *testing.T) {
	environment(t)
	tel := start(t, telemetry.Options{Tools: []string{"list_users", "get_user"}})
	run := program(t, tel, answers(`{"success":true,"data":[]}`))
	for range 2 {
		_, err := run.CallTool(t.Context(), "list_users", nil)
		require.NoError(t, err)
	}
	wrong, err := run.CallTool(t.Context(), "get_user", []byte(`{}`))
	require.NoError(t, err)
	require.True(t, wrong.IsError, "an argument is missing")
	_, err = run.CallTool(t.Context(), "no_such_tool", nil)
	require.Error(t, err)

	require.Equal(t, map[string]float64{"ok,list_users": 2, "error,get_user": 1, "failed,unknown": 1},
		series(t, tel, "retool_mcp_calls_total"))
	require.Equal(t, map[string]float64{"list_users": 2, "get_user": 1, "unknown": 1}, series(t, tel, "retool_mcp_call_duration_seconds"))
	require.Equal(t, map[string]float64{"GET,2xx": 2}, series(t, tel, "retool_mcp_upstream_requests_total"), "nothing is sent for the others")
}

// The server recovers the panic; it counts here.
func TestPanicCountsAsFailed(t *testing.T) {
	environment(t)
	tel := start(t, telemetry.Options{Tools: []string{"list_users"}})
	run := tel.Instrument(runs(func(context.Context) (result.Result, error) { panic("out of order") }))
	require.PanicsWithValue(t, "out of order", func() { _, _ = run.CallTool(t.Context(), "list_users", nil) })
	require.Equal(t, map[string]float64{"failed,list_users": 1}, series(t, tel, "retool_mcp_calls_total"))
}

func TestSetTools(t *testing.T) {
	environment(t)
	tel := start(t, telemetry.Options{Tools: []string{"old", "kept"}})
	run := tel.Instrument(runs(func(context.Context) (result.Result, error) { return result.Result{}, nil }))
	callAll := func() {
		for _, name := range []string{"old", "kept", "new"} {
			_, err := run.CallTool(t.Context(), name, nil)
			require.NoError(t, err)
		}
	}
	callAll()
	tel.SetTools([]string{"kept", "new"})
	callAll()
	require.Equal(t, map[string]float64{"old": 1, "kept": 2, "new": 1, "unknown": 2}, series(t, tel, "retool_mcp_call_duration_seconds"))
}

// Unknown tool names and methods add no series.
func TestLabelsAreBounded(t *testing.T) {
	environment(t)
	tel := start(t, telemetry.Options{Tools: []string{"list_users"}})
	run := tel.Instrument(runs(func(context.Context) (result.Result, error) { return result.Result{}, nil }))
	upstream := tel.Transport(roundTrip(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: len(r.Method) % 1000, Body: http.NoBody}, nil
	}))
	const made = 10_000
	for n := range made {
		_, err := run.CallTool(t.Context(), fmt.Sprintf("list_users_%d\xff\n\"", n), nil)
		require.NoError(t, err)
		r, err := http.NewRequestWithContext(t.Context(), fmt.Sprintf("METHOD%d", n), "http://127.0.0.1/", nil)
		require.NoError(t, err)
		resp, err := upstream.RoundTrip(r)
		require.NoError(t, err)
		resp.Body.Close()
	}
	require.Equal(t, map[string]float64{"ok,unknown": made}, series(t, tel, "retool_mcp_calls_total"))
	require.Equal(t, map[string]float64{"unknown": made}, series(t, tel, "retool_mcp_call_duration_seconds"))
	require.Equal(t, map[string]float64{"_OTHER,error": made}, series(t, tel, "retool_mcp_upstream_requests_total"))
	require.Equal(t, map[string]float64{"_OTHER": made}, series(t, tel, "retool_mcp_upstream_duration_seconds"))
}

func TestUpstreamCountsByStatus(t *testing.T) {
	environment(t)
	tel := start(t, telemetry.Options{})
	status := http.StatusOK
	instance := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	defer instance.Close()
	client := &http.Client{Transport: tel.Transport(http.DefaultTransport)}
	want := map[string]float64{}
	for _, x := range []struct {
		method, class string
		status        int
	}{
		{"GET", "2xx", 200},
		{"POST", "2xx", 201},
		{"DELETE", "2xx", 204},
		{"GET", "3xx", 304},
		{"GET", "4xx", 400},
		{"PATCH", "4xx", 499},
		{"PUT", "429", 429},
		{"GET", "5xx", 500},
		{"GET", "5xx", 599},
		{"HEAD", "error", 600},
		{"HEAD", "error", 999},
	} {
		status = x.status
		r, err := http.NewRequestWithContext(t.Context(), x.method, instance.URL, nil)
		require.NoError(t, err)
		resp, err := client.Do(r)
		require.NoError(t, err)
		resp.Body.Close()
		want[x.method+","+x.class]++
	}
	require.Equal(t, want, series(t, tel, "retool_mcp_upstream_requests_total"))
	require.Equal(t, map[string]float64{"GET": 5, "POST": 1, "DELETE": 1, "PATCH": 1, "PUT": 1, "HEAD": 2},
		series(t, tel, "retool_mcp_upstream_duration_seconds"))
}

// Only complete responses count as successful, and each counts once, however its
// body is read and closed.
func TestUpstreamCountsAtTheEndOfAResponse(t *testing.T) {
	environment(t)
	instance := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/cut":
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, "half")
		case "/drop":
			panic(http.ErrAbortHandler)
		default:
			_, _ = io.WriteString(w, "whole")
		}
	}))
	defer instance.Close()
	for _, x := range []struct {
		path string
		read func(io.ReadCloser)
		want string
	}{
		{"/whole", func(b io.ReadCloser) { _, _ = io.ReadAll(b); b.Close(); b.Close() }, "GET,2xx"},
		{"/whole", func(b io.ReadCloser) { b.Close() }, "GET,2xx"},
		{"/cut", func(b io.ReadCloser) {
			text, err := io.ReadAll(b)
			if string(text) != "half" || !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("the reader sees what came: %q, %v", text, err)
			}
			b.Close()
		}, "GET,error"},
		{"/drop", nil, "GET,error"},
	} {
		t.Run(x.path, func(t *testing.T) {
			tel := start(t, telemetry.Options{})
			transport := &http.Transport{}
			defer transport.CloseIdleConnections()
			client := &http.Client{Transport: tel.Transport(transport)}
			resp, err := client.Get(instance.URL + x.path) //nolint:bodyclose // x.read does
			if x.read == nil {
				require.Error(t, err)
			} else {
				require.NoError(t, err)
				require.Empty(t, series(t, tel, "retool_mcp_upstream_requests_total"), "the answer has not ended")
				x.read(resp.Body)
			}
			require.Equal(t, map[string]float64{x.want: 1}, series(t, tel, "retool_mcp_upstream_requests_total"))
			require.Equal(t, map[string]float64{"GET": 1}, series(t, tel, "retool_mcp_upstream_duration_seconds"))
		})
	}
}

func TestGaugesAreReadOncePerScrape(t *testing.T) {
	environment(t)
	asked := 0
	tel := start(t, telemetry.Options{Version: "1.2.3", Gauges: func() telemetry.Gauges {
		asked++
		return telemetry.Gauges{CallsInFlight: asked, CallsWaiting: 10 * asked, Streams: 100 * asked, Sessions: 1000 * asked}
	}})
	for scrape := 1; scrape <= 2; scrape++ {
		_, families := metrics(t, tel)
		for name, want := range map[string]int{"calls_in_flight": scrape, "calls_waiting": 10 * scrape, "streams": 100 * scrape, "sessions": 1000 * scrape} {
			require.InDelta(t, want, families["retool_mcp_"+name].GetMetric()[0].GetGauge().GetValue(), 0, name)
		}
	}
	require.Equal(t, map[string]float64{"1.2.3": 1}, series(t, tel, "retool_mcp_info"))
}

func TestFailedScrapeIsLogged(t *testing.T) {
	environment(t)
	var log bytes.Buffer
	tel := start(t, telemetry.Options{
		Gauges: func() telemetry.Gauges { panic("no gauges") },
		Log:    slog.New(slog.NewTextHandler(&log, nil)),
	})
	answer := httptest.NewRecorder()
	tel.Metrics().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	require.Equal(t, http.StatusInternalServerError, answer.Code)
	require.Contains(t, log.String(), `level=WARN msg="scrape failed"`)
}

// Every metric of ours has a help text and a type.
func TestMetadata(t *testing.T) {
	environment(t)
	tel := start(t, telemetry.Options{Tools: []string{"list_users"}})
	_, err := program(t, tel, answers(`{"data":[]}`)).CallTool(t.Context(), "list_users", nil)
	require.NoError(t, err)
	_, families := metrics(t, tel)
	types := map[string]string{}
	for name, family := range families {
		if short, ours := strings.CutPrefix(name, "retool_mcp_"); ours {
			require.NotEmpty(t, family.GetHelp(), name)
			types[short] = family.GetType().String()
		}
	}
	require.Equal(t, map[string]string{
		"calls_total": "COUNTER", "call_duration_seconds": "HISTOGRAM", "upstream_requests_total": "COUNTER", "upstream_duration_seconds": "HISTOGRAM",
		"calls_in_flight": "GAUGE", "calls_waiting": "GAUGE", "sessions": "GAUGE", "streams": "GAUGE", "info": "GAUGE",
	}, types)
}

func TestLabelsAreEscaped(t *testing.T) {
	environment(t)
	const name = "a\"b\\c\nd\xffé"
	tel := start(t, telemetry.Options{Version: name, Tools: []string{name}})
	_, err := tel.Instrument(runs(func(context.Context) (result.Result, error) { return result.Result{}, nil })).CallTool(t.Context(), strings.ToValidUTF8(name, "_"), nil)
	require.NoError(t, err)
	require.Equal(t, map[string]float64{"ok,a\"b\\c\nd_é": 1}, series(t, tel, "retool_mcp_calls_total"))
	require.Equal(t, map[string]float64{"a\"b\\c\nd_é": 1}, series(t, tel, "retool_mcp_info"))
}

func TestConcurrentScrapesAreLimited(t *testing.T) {
	environment(t)
	entered, leave := make(chan struct{}), make(chan struct{})
	tel := start(t, telemetry.Options{Gauges: func() telemetry.Gauges {
		entered <- struct{}{}
		<-leave
		return telemetry.Gauges{}
	}})
	scrape := func() int {
		w := httptest.NewRecorder()
		tel.Metrics().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		return w.Code
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { scrape() })
		<-entered
	}
	require.Equal(t, http.StatusServiceUnavailable, scrape())
	close(leave)
	all.Wait()
	go func() { <-entered }()
	require.Equal(t, http.StatusOK, scrape())
}

// A scrape reports on the process, and a program may have two instances of
// Telemetry.
func TestInstancesCountSeparately(t *testing.T) {
	environment(t)
	one, other := start(t, telemetry.Options{Tools: []string{"list_users"}}), start(t, telemetry.Options{})
	run := one.Instrument(runs(func(context.Context) (result.Result, error) { return result.Result{}, nil }))
	_, err := run.CallTool(t.Context(), "list_users", nil)
	require.NoError(t, err)
	require.Empty(t, series(t, other, "retool_mcp_calls_total"))
	_, families := metrics(t, other)
	for _, name := range []string{"go_goroutines", "process_resident_memory_bytes", "retool_mcp_sessions", "retool_mcp_info"} {
		require.Contains(t, families, name)
	}
}

func TestBucketsReachFromMillisecondsToAMinute(t *testing.T) {
	environment(t)
	tel := start(t, telemetry.Options{Tools: []string{"list_users"}})
	_, err := program(t, tel, answers(`{"data":[]}`)).CallTool(t.Context(), "list_users", nil)
	require.NoError(t, err)
	_, families := metrics(t, tel)
	for _, name := range []string{"retool_mcp_call_duration_seconds", "retool_mcp_upstream_duration_seconds"} {
		buckets := families[name].GetMetric()[0].GetHistogram().GetBucket()
		require.InDelta(t, .005, buckets[0].GetUpperBound(), 0)
		require.InDelta(t, 60, buckets[len(buckets)-2].GetUpperBound(), 0, "the last one has no bound")
	}
}

// Calls, scrapes and SetTools may run concurrently.
func TestConcurrentUse(t *testing.T) {
	traced(t)
	tel := start(t, telemetry.Options{Tools: []string{"list_users"}, Gauges: func() telemetry.Gauges { return telemetry.Gauges{} }})
	run := program(t, tel, answers(`{"data":[]}`))
	var all sync.WaitGroup
	const callers, calls = 8, 20
	for range callers {
		all.Go(func() {
			for range calls {
				if _, err := run.CallTool(t.Context(), "list_users", nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Go(func() {
		for range calls {
			tel.SetTools([]string{"list_users", "get_user"})
			tel.Metrics().ServeHTTP(&discard{}, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		}
	})
	all.Wait()
	flush(t, tel)
	require.Equal(t, map[string]float64{"ok,list_users": callers * calls}, series(t, tel, "retool_mcp_calls_total"))
	require.Equal(t, map[string]float64{"GET,2xx": callers * calls}, series(t, tel, "retool_mcp_upstream_requests_total"))
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

type discard struct{ header http.Header }

func (d *discard) Header() http.Header {
	if d.header == nil {
		d.header = http.Header{}
	}
	return d.header
}
func (*discard) Write(p []byte) (int, error) { return len(p), nil }
func (*discard) WriteHeader(int)             {}
