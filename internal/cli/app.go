package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/server"
	"github.com/retool-mcp/retool-mcp/internal/spec"
	"github.com/retool-mcp/retool-mcp/tools"
)

// app is what every command but version needs.
type app struct {
	config
	settings  *Settings
	spec      spec.Options
	catalogue *tools.Catalogue
	runner    *call.Runner
	log       *slog.Logger
}

// configure reads the settings. Nothing is read or sent yet.
func configure(s *Settings, streams Streams) (*app, error) {
	c, err := s.resolve()
	if err != nil {
		return nil, err
	}
	a := &app{config: c, settings: s, log: s.logger(streams)}
	a.spec = spec.Options{
		Location:  s.Spec,
		Address:   c.address,
		CacheDir:  cacheDir(),
		UserAgent: userAgent(),
		Logger:    a.log,
	}
	if c.sandbox != nil && s.Spec == spec.Auto {
		a.spec.Location = spec.Embedded // the sandbox's own, and nothing that was kept
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
	})
}

// newApp reads the settings and the document, and makes ready to call. Nothing
// is sent to Retool, unless the document is to be its own.
func newApp(ctx context.Context, s *Settings, streams Streams) (*app, error) {
	a, err := configure(s, streams)
	if err != nil {
		return nil, err
	}
	if a.catalogue, err = spec.Load(ctx, a.spec); err != nil {
		return nil, err
	}
	if own, ok := ownAddress(s.Spec, a.catalogue.Server); ok && !a.explicit && a.sandbox == nil {
		a.address = own
	}
	if a.catalogue, err = a.catalogue.Only(s.Toolsets); err != nil {
		return nil, fmt.Errorf("--toolsets (RETOOL_TOOLSETS): %w", err)
	}
	a.catalogue = a.catalogue.Prefixed(s.ToolPrefix)
	a.runner = call.NewRunner(a.catalogue, call.Options{
		Client: a.client(), Log: a.log, Timeout: s.Timeout, Results: result.Options{MaxTokens: s.MaxResultTokens, Reveal: s.RevealSecrets},
		References: a.references, Folder: a.folder,
	})
	return a, nil
}

// switches are what clients are told of the settings.
func (a *app) switches() server.Switches {
	s := a.settings
	return server.Switches{
		MaxResultTokens: s.MaxResultTokens, Reveal: s.RevealSecrets,
		References: len(s.SecretEnv)+len(s.SecretFiles) > 0, Keeps: a.folder != nil,
	}
}

// close ends what the settings began, with the error of the command.
func (a *app) close(err error) error { return errors.Join(err, a.sandbox.close()) }

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
