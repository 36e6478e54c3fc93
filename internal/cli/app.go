package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/toolgen"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/docsource"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/server"
	"github.com/retool-mcp/retool-mcp/tools"
)

// app is what every command but version needs.
type app struct {
	config
	settings *Settings
	spec     docsource.Options
	readers  *tools.Catalog // all of the instance's tools, served or not
	catalog  *tools.Catalog
	runner   server.ToolCaller
	log      *slog.Logger
	// instances are the apps behind this one, where several are served.
	instances []*app
}

// configure reads the settings. Nothing is read or sent yet.
func configure(s *Settings, streams Streams) (*app, error) {
	c, err := s.resolve()
	if err != nil {
		return nil, err
	}
	a := &app{config: c, settings: s, log: s.logger(streams)}
	a.spec = docsource.Options{
		Location:  s.Spec,
		Address:   c.address,
		CacheDir:  cacheDir(),
		UserAgent: userAgent(),
		Logger:    a.log,
	}
	if c.sandbox != nil && s.Spec == docsource.Auto {
		a.spec.Location = docsource.Embedded // the sandbox's own, and nothing that was kept
	}
	if c.explicit || c.token != "" { // otherwise nobody has said that there is an instance
		a.spec.Instance = a.client()
	}
	return a, nil
}

func (a *app) client() *retool.Client {
	return retool.New(retool.Options{
		Address:    a.address,
		Token:      a.token,
		Timeout:    a.settings.Timeout,
		UnixSocket: a.settings.UnixSocket,
		Dial:       a.sandbox.dialer(),
		Wrap:       a.settings.wrap,
		UserAgent:  userAgent(),

		PerMinute:     a.perMinute(),
		MaxConcurrent: a.settings.MaxRequests,
		Retries:       a.settings.Retries,
		Breaker:       retool.CircuitBreaker{Failures: a.settings.PauseAfter},
		Allow:         a.allow(),
	})
}

// perMinute is the pace of requests. An emulated organization needs none, unless
// it is asked for.
func (a *app) perMinute() int {
	if a.sandbox != nil && !a.settings.given["requests-per-minute"] && len(environment("RETOOL_MCP_REQUESTS_PER_MINUTE")) == 0 {
		return 0
	}
	return a.settings.RequestsPerMinute
}

// allow holds a server that only reads to that on the very last step, whatever
// asked for the request.
func (a *app) allow() func(method, path string) error {
	if !a.settings.ReadOnly {
		return nil
	}
	return func(method, path string) error {
		own := path == "/spec" || strings.HasSuffix(path, "/api/checkHealth") // the document, and health
		if own && method == http.MethodGet || a.readers != nil && a.readers.IsReadOnly(method, path) {
			return nil
		}
		return errReadOnly
	}
}

var errReadOnly = errors.New("this server only reads (--read-only), and no reading operation is called so")

// newApp reads the settings and the document, and makes ready to call. Nothing
// is sent to Retool, unless the document is to be its own.
func newApp(ctx context.Context, s *Settings, streams Streams) (*app, error) {
	if len(s.instances) > 0 {
		return newFleet(ctx, s, streams)
	}
	a, err := prepare(ctx, s, streams)
	if err != nil {
		return nil, err
	}
	a.runner = a.newRunner(a.catalog)
	return a, nil
}

// prepare reads the settings and the document of one instance.
func prepare(ctx context.Context, s *Settings, streams Streams) (*app, error) {
	a, err := configure(s, streams)
	if err != nil {
		return nil, err
	}
	if a.catalog, err = docsource.Load(ctx, a.spec); err != nil {
		return nil, err
	}
	if own, ok := ownAddress(s.Spec, a.catalog.Server); ok && !a.explicit && a.sandbox == nil {
		a.address = own
	}
	a.readers = a.catalog
	if a.catalog, err = s.selected(a.catalog); err != nil {
		return nil, err
	}
	a.catalog = toolgen.WithPrefix(a.catalog, s.ToolPrefix)
	return a, nil
}

// newRunner makes what runs the tools of a catalog.
func (a *app) newRunner(c *tools.Catalog) *call.Runner {
	s := a.settings
	return call.NewRunner(c, call.Options{
		Client: a.client(), Log: a.log, Timeout: s.Timeout, Results: result.Options{MaxTokens: s.MaxResultTokens, Reveal: s.RevealSecrets},
		References: a.references, SecretSink: a.folder,
		Confirm: call.Confirm(s.Confirm), ReadOnly: s.ReadOnly, Readers: a.readers, Audit: s.auditLog, Instance: s.name,
	})
}

// selected cuts a catalog down to the tools that are to be served.
func (s *Settings) selected(c *tools.Catalog) (*tools.Catalog, error) {
	selection := tools.Selection{Toolsets: s.Toolsets, Tools: s.Tools, Exclude: s.Exclude, Scopes: s.Scopes, ReadOnly: s.ReadOnly}
	selected, err := c.Select(selection)
	if wrong, ok := errors.AsType[*tools.SelectionError](err); ok {
		setting := map[string]string{
			"toolsets": "--toolsets (RETOOL_TOOLSETS)", "tools": "--tools (RETOOL_MCP_TOOLS)",
			"exclude": "--exclude-tools (RETOOL_MCP_EXCLUDE_TOOLS)", "scopes": "--scopes (RETOOL_MCP_SCOPES)",
		}[wrong.Part]
		return nil, fmt.Errorf("%s: %w", setting, err)
	}
	if err == nil && len(selected.Tools) == 0 {
		return nil, errors.New("--toolsets, --tools, --exclude-tools, --scopes and --read-only together leave no tool to serve")
	}
	return selected, err
}

// switches are what clients are told of the settings.
func (a *app) switches() server.InstructionOptions {
	s := a.settings
	return server.InstructionOptions{
		MaxResultTokens: s.MaxResultTokens, RevealSecrets: s.RevealSecrets,
		SecretReferences: len(s.SecretEnv)+len(s.SecretFiles) > 0, SavesSecrets: a.folder != nil,
	}
}

// close ends what the settings began, with the error of the command.
func (a *app) close(err error) error {
	for _, i := range a.instances {
		err = i.close(err)
	}
	return errors.Join(err, a.sandbox.close())
}

// ownAddress is the address that a document gives for the API, if it may be
// used: only one on the very origin that the operator named to fetch the
// document from. Any other could send the access token to a stranger.
func ownAddress(location, named string) (retool.Address, bool) {
	from, err := url.Parse(location)
	if err != nil || from.Host == "" {
		return retool.Address{}, false
	}
	to, err := url.Parse(named)
	if err != nil || !strings.EqualFold(to.Scheme, from.Scheme) || !strings.EqualFold(to.Host, from.Host) {
		return retool.Address{}, false
	}
	address, err := retool.ParseAddress(named, "")
	return address, err == nil
}
