package cli

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/docsource"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/server"
	"github.com/retool-mcp/retool-mcp/internal/toolgen"
	"github.com/retool-mcp/retool-mcp/tools"
)

// app is what every command but version needs.
type app struct {
	connection
	secrets
	program  *program
	name     string // of the instance, where there are several
	settings *Settings
	spec     docsource.Options
	readers  *tools.Catalog // all of the instance's tools, served or not
	catalog  *tools.Catalog
	runner   server.ToolCaller
	log      *slog.Logger
	// instances are the apps behind this one, where several are served.
	instances []*app
}

// configure checks the settings of an instance. No document is read and nothing
// is sent yet.
func (p *program) configure(s *Settings, name string) (*app, error) {
	c, err := s.connection(p.sandboxes[name])
	if err != nil {
		return nil, err
	}
	secrets, err := s.openSecrets()
	if err != nil {
		return nil, err
	}
	if err := toolgen.CheckPrefix(s.ToolPrefix); err != nil {
		return nil, err
	}
	a := &app{connection: c, secrets: secrets, program: p, name: name, settings: s, log: p.log}
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
		Address:      a.address,
		Token:        a.token,
		Timeout:      a.settings.Timeout,
		UnixSocket:   a.socket,
		Dial:         a.sandbox.dialer(),
		Wrap:         a.program.wrap,
		UserAgent:    userAgent(),
		SettingNames: retoolNames(),

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
	if a.sandbox != nil && a.settings.origins["requests-per-minute"].level == unset {
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
func (p *program) newApp(ctx context.Context) (*app, error) {
	if len(p.instances) > 0 {
		return p.newInstances(ctx)
	}
	a, err := p.prepare(ctx, p.settings, "")
	if err != nil {
		return nil, err
	}
	a.runner = a.newRunner(a.catalog)
	return a, nil
}

// prepare reads the settings and the document of one instance.
func (p *program) prepare(ctx context.Context, s *Settings, name string) (*app, error) {
	a, err := p.configure(s, name)
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
		Client: a.client(), Log: a.log, Timeout: s.Timeout, Results: result.Options{MaxTokens: s.MaxResultTokens, Reveal: s.RevealSecrets, SettingNames: resultNames()},
		References: a.references, SecretSink: a.folder,
		Confirm: call.Confirm(s.Confirm), ReadOnly: s.ReadOnly, Readers: a.readers, Audit: a.program.audit, Instance: a.name,
		SettingNames: callNames(),
	})
}

// selected cuts a catalog down to the tools that are to be served.
func (s *Settings) selected(c *tools.Catalog) (*tools.Catalog, error) {
	selection := tools.Selection{Toolsets: s.Toolsets, Tools: s.Tools, Exclude: s.Exclude, Scopes: s.Scopes, ReadOnly: s.ReadOnly}
	selected, err := c.Select(selection)
	if wrong, ok := errors.AsType[*tools.SelectionError](err); ok {
		name := wrong.Part
		if name == "exclude" {
			name = "exclude-tools"
		}
		return nil, named(label(name), err)
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
