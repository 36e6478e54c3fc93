package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/docsource"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/server"
	"github.com/retool-mcp/retool-mcp/internal/server/auth"
	"github.com/retool-mcp/retool-mcp/internal/server/guard"
	"github.com/retool-mcp/retool-mcp/internal/server/remote"
	"github.com/retool-mcp/retool-mcp/internal/telemetry"
	"github.com/retool-mcp/retool-mcp/tools"
)

const (
	// readyTTL is how long an answer of /readyz holds.
	readyTTL = 15 * time.Second
	// refreshEvery is the interval between requests for the instance's document,
	// a little longer than it must be.
	refreshEvery = time.Hour + time.Minute
	// flushTimeout is the time to send the last traces.
	flushTimeout = 3 * time.Second
)

// generation is one reading of the settings' files and the document. A reload
// replaces all of it at once.
type generation struct {
	app           *app
	client        *retool.Client
	authenticator auth.Authenticator
	toolsets      []string
}

// httpServer is serve over HTTP.
type httpServer struct {
	program   *program
	settings  *httpSettings
	log       *slog.Logger
	telemetry *telemetry.Telemetry
	refusals  *auth.Refusals
	service   *server.Service
	now       atomic.Pointer[generation]
}

// read reads the document and the settings' files. It changes nothing.
func (r *httpServer) read(ctx context.Context) (*generation, error) {
	a, err := r.program.newApp(ctx)
	if err != nil {
		return nil, err
	}
	i := a.instances[0]
	if i.token == "" && r.settings.Auth != authPassthrough {
		return nil, errors.New("no access token is set: set " + tokenNames() + ", or --auth passthrough to use the callers' tokens")
	}
	if i.token != "" && i.sandbox == nil && r.settings.Auth == authPassthrough {
		return nil, errors.New("--auth passthrough uses the callers' tokens: unset the server's access token")
	}
	toolsets := append(a.catalog.Toolsets(), tools.ToolsetCore)
	authenticator, err := r.settings.authenticator(toolsets, r.log) //nolint:contextcheck // it fetches keys when callers come
	if err != nil {
		return nil, err
	}
	return &generation{app: a, client: i.client(), authenticator: r.refusals.Of(authenticator), toolsets: toolsets}, nil
}

// use puts a generation into service.
func (r *httpServer) use(g *generation) {
	listed := g.app.catalog.Listed()
	names := make([]string, len(listed.Tools))
	for i, t := range listed.Tools {
		names[i] = t.Name
	}
	r.telemetry.SetTools(names)
	run := r.telemetry.Instrument(templated{g.app.runner, g.app.catalog, r.program.within})
	if r.service == nil {
		r.service = server.NewService(g.app.catalog, run, server.ServiceOptions{Version: version(), Instructions: g.app.instructions(), ListChanges: true, Trace: r.trace, Log: r.log})
	} else {
		r.service.Swap(g.app.catalog, run)
	}
	r.now.Store(g)
}

// reload reads everything again. If that fails, nothing changes.
func (r *httpServer) reload(ctx context.Context) {
	r.program.sandboxes = map[string]*inProcess{}
	for _, i := range r.now.Load().app.instances {
		r.program.sandboxes[i.name] = i.sandbox
	}
	g, err := r.read(ctx)
	if err != nil {
		r.log.Error("reload failed: the former settings stay in use", "error", err)
		return
	}
	r.use(g)
	r.log.Info("settings and document reloaded", "tools", len(g.app.catalog.Listed().Tools))
}

func (p *program) serveHTTP(ctx context.Context) (err error) {
	h := &p.settings.HTTP
	if err := h.check(); err != nil {
		return err
	}
	r := &httpServer{program: p, settings: h, log: p.log}
	options := h.guardOptions()
	options.Log = r.log
	if h.Auth == authPassthrough {
		options.Known = r.checkToken
	}
	g, err := guard.New(options)
	if err != nil {
		return err
	}
	var transports *server.HTTP
	r.telemetry, err = telemetry.New(ctx, telemetry.Options{Version: version(), Log: r.log, Gauges: func() telemetry.Gauges {
		stats := g.Stats()
		return telemetry.Gauges{
			CallsInFlight: stats.CallsInFlight, CallsWaiting: stats.CallsWaiting, Streams: stats.Streams, Sessions: transports.SessionCount(),
		}
	}})
	if err != nil {
		return err
	}
	r.refusals = &auth.Refusals{Method: h.Auth, Log: r.log, Count: r.telemetry.SignInRefused}
	p.wrap = func(next http.RoundTripper) http.RoundTripper {
		return refusedByRetool{tokenWatch{r.telemetry.Transport(next), g}, r.refusals}
	}
	if h.Auth == authPassthrough {
		p.accepted = g.Check
	}
	p.within = func(ctx context.Context, t *tools.Tool) context.Context { return telemetry.WithTemplate(ctx, t.Path) }
	closeAudit, err := p.openAudit()
	if err != nil {
		return err
	}
	defer func() { err = closeAudit(err) }()
	first, err := r.read(ctx)
	if err != nil {
		return err
	}
	r.use(first)
	defer func() { err = r.now.Load().app.close(err, nil) }()
	transports = r.service.HTTP(server.HTTPOptions{
		Stateful: h.Stateful, SessionTTL: h.SessionTTL, MaxSessions: h.MaxStreams, MaxSessionsPerCaller: options.MaxStreamsPerCaller,
		BasePath: h.public.Path, Keep: g.Keep, Share: g.Share, Check: g.Check, Log: r.log,
	})
	o := remote.Options{
		Listen: h.Listen, MetricsListen: h.MetricsListen, Cert: h.TLSCert, Key: h.TLSKey,
		Surface: g.Surface, Limits: g.Limits, Auth: r.authenticated,
		Ready: r.ready, ReadyTTL: readyTTL,
		SettingNames: remote.SettingNames{
			Listen: label("listen"), MetricsListen: label("metrics-listen"), Cert: label("tls-cert"), Key: label("tls-key"),
		},
		Close: transports.Close, Drain: h.Drain, Log: r.log, OnListen: r.started,
	}
	if slices.Contains(h.Transport, transportHTTP) {
		o.Streamable = transports.Streamable
	}
	if slices.Contains(h.Transport, transportSSE) {
		o.Stream, o.Messages = transports.Stream, transports.Messages
	}
	if h.MetricsListen != "" || h.Auth != authPassthrough {
		// With passthrough only Retool can check tokens: any text as a token would
		// give access to the metrics.
		o.Metrics = r.telemetry.Metrics()
	}
	if h.Auth == authOAuth {
		oauth, err := h.oauth()
		if err != nil {
			return err
		}
		o.Metadata = auth.Metadata(oauth)
	}
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	go r.reloads(ctx, hangups)
	err = remote.Serve(ctx, o)
	flush, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTimeout)
	defer cancel()
	if lost := r.telemetry.Shutdown(flush); lost != nil {
		r.log.Warn("sending the last traces failed", "error", lost)
	}
	return err
}

// reloads reloads at SIGHUP; with the document auto also when the instance sends
// its own, soon after the start and every hour.
func (r *httpServer) reloads(ctx context.Context, hangups <-chan os.Signal) {
	var refresh <-chan time.Time
	if r.now.Load().app.instances[0].document.Location == docsource.Auto {
		refresh = time.After(refreshAfter)
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangups:
			r.reload(ctx)
		case <-refresh:
			if r.now.Load().app.fetched(ctx) {
				r.reload(ctx)
			}
			refresh = time.After(refreshEvery)
		}
	}
}

// authenticated authenticates callers by the current generation.
func (r *httpServer) authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		g := r.now.Load()
		auth.Middleware(g.authenticator, g.toolsets, next).ServeHTTP(w, request)
	})
}

// ready tells whether calls can succeed. Without a token of its own, the server
// can only check whether Retool answers.
func (r *httpServer) ready(ctx context.Context) error {
	client := r.now.Load().client
	if r.settings.Auth == authPassthrough {
		return client.CheckHealth(ctx)
	}
	return client.CheckToken(ctx)
}

func (r *httpServer) started(address net.Addr) {
	scheme := "http"
	if r.settings.TLSCert != "" {
		scheme = "https"
	}
	c := r.now.Load().app.catalog.Listed()
	r.log.Info("serving", "url", fmt.Sprintf("%s://%s", scheme, address), "transport", r.settings.Transport,
		"auth", r.settings.Auth, "tools", len(c.Tools), "instance", r.now.Load().app.addresses())
}

// trace joins a call to the trace of its caller.
func (r *httpServer) trace(ctx context.Context, meta map[string]any, header http.Header) context.Context {
	ctx = telemetry.WithSession(ctx, telemetry.Session{
		ID: header.Get("Mcp-Session-Id"), Protocol: header.Get("Mcp-Protocol-Version"), Transport: "tcp",
	})
	return r.telemetry.Extract(ctx, meta, header)
}

// templated adds the path template of a tool to traces, which has no ids in it.
type templated struct {
	server.ToolCaller
	catalog *tools.Catalog
	within  func(context.Context, *tools.Tool) context.Context
}

// CallTool calls a tool.
func (t templated) CallTool(ctx context.Context, name string, arguments []byte) (result.Result, error) {
	if tool := t.catalog.Find(name); tool != nil {
		ctx = t.within(ctx, tool)
	}
	return t.ToolCaller.CallTool(ctx, name, arguments)
}
