package cli

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/docsource"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/secret"
	"github.com/retool-mcp/retool-mcp/internal/toolgen"
	"github.com/retool-mcp/retool-mcp/tools"
)

// instance is an instance of Retool with its settings.
type instance struct {
	connection
	references *secret.References // what arguments may refer to
	folder     *secret.Sink       // for one-time secrets, nil for none
	program    *program
	name       string // in the configuration file, "" if that names none
	settings   *Settings
	document   docsource.Options
	readers    *tools.Catalog // all tools of the document
	catalog    *tools.Catalog // those to serve
}

// configure checks the settings of an instance. It reads no document and sends
// nothing.
func (p *program) configure(s *Settings, name string) (i *instance, err error) {
	i = &instance{program: p, name: name, settings: s}
	if i.connection, err = s.connection(p.sandboxes[name]); err != nil {
		return nil, err
	}
	if err := i.openSecrets(); err != nil {
		return nil, err
	}
	if err := toolgen.CheckPrefix(s.ToolPrefix); err != nil {
		return nil, err
	}
	i.document = docsource.Options{Location: s.Spec, Address: i.address, UserAgent: userAgent(), Logger: p.log}
	if dir, err := os.UserCacheDir(); err == nil { // otherwise nothing is cached
		i.document.CacheDir = filepath.Join(dir, "retool-mcp")
	}
	if i.sandbox != nil && s.Spec == docsource.Auto {
		i.document.Location = docsource.Embedded // the sandbox's own, and none that was cached
	}
	if i.explicit || i.token != "" { // otherwise no instance is configured
		i.document.Instance = i.client()
	}
	return i, nil
}

func (i *instance) client() *retool.Client {
	s := i.settings
	perMinute := s.RequestsPerMinute
	if i.sandbox != nil && s.origins["requests-per-minute"].level == unset {
		perMinute = 0 // the sandbox needs no limit
	}
	return retool.New(retool.Options{
		Address:    i.address,
		Token:      i.token,
		Secrets:    i.program.tokens(),
		Timeout:    s.Timeout,
		UnixSocket: i.socket,
		Dial:       i.sandbox.dialer(),
		Wrap:       i.program.wrap,
		UserAgent:  userAgent(),
		SettingNames: retool.SettingNames{
			Address: i.program.advised("url"), Token: i.program.advisedToken(), Timeout: i.program.advised("timeout"),
			PerMinute: i.program.advised("requests-per-minute"), MaxConcurrent: i.program.advised("max-concurrent-requests"),
		},
		PerMinute:     perMinute,
		MaxConcurrent: s.MaxRequests,
		Retries:       s.Retries,
		Breaker:       retool.CircuitBreaker{Failures: s.PauseAfter},
		Allow:         i.allow(),
	})
}

// allow enforces --read-only at the last step, for every request.
func (i *instance) allow() func(method, path string) error {
	if !i.settings.ReadOnly {
		return nil
	}
	return func(method, path string) error {
		own := path == "/spec" || strings.HasSuffix(path, "/api/checkHealth") // the document, and health
		if own && method == http.MethodGet || i.readers != nil && i.readers.IsReadOnly(method, path) {
			return nil
		}
		return errReadOnly
	}
}

var errReadOnly = errors.New("this server only reads (--read-only), and this is not a reading operation")

// newRunner makes what calls the tools of a catalog.
func (i *instance) newRunner(c *tools.Catalog) *call.Runner {
	s := i.settings
	results := result.SettingNames{Address: i.program.advised("url"), Token: i.program.advisedToken()}
	return call.NewRunner(c, call.Options{
		Client: i.client(), Log: i.program.log, Timeout: s.Timeout,
		Results:    i.program.forProgram(s, result.Options{MaxTokens: s.MaxResultTokens, Reveal: s.RevealSecrets, SettingNames: results}),
		References: i.references, SecretSink: i.folder,
		Confirm: call.Confirm(s.Confirm), Agreements: i.program.agreements, ReadOnly: s.ReadOnly, Readers: i.readers, Audit: i.program.audit, Memory: i.program.memory, Instance: i.name,
		SettingNames: call.SettingNames{Confirm: label("confirm"), SecretDir: label("secret-dir")},
	})
}

// useAddressOf takes the address that a document gives for the API, if the
// operator set none and fetched the document from that same origin. Any other
// address could send the access token to a stranger.
func (i *instance) useAddressOf(c *tools.Catalog) bool {
	from, err := url.Parse(i.settings.Spec)
	if err != nil || from.Host == "" || i.explicit || i.sandbox != nil {
		return false
	}
	to, err := url.Parse(c.Server)
	if err != nil || !strings.EqualFold(to.Scheme, from.Scheme) || !strings.EqualFold(to.Host, from.Host) {
		return false
	}
	address, err := retool.ParseAddress(c.Server, "")
	if err == nil {
		i.address = address
	}
	return err == nil
}

// openSecrets checks the settings of secrets and opens what they name.
func (i *instance) openSecrets() (err error) {
	s := i.settings
	own := []string{"RETOOL_ACCESS_TOKEN", "RETOOL_TOKEN", "RETOOL_API_KEY", "RETOOL_MCP_AUTH_TOKEN"}
	for _, name := range s.SecretEnv {
		if slices.Contains(own, name) {
			return fmt.Errorf("%s: %s holds this server's own secret, which no argument may name", label("secret-env"), name)
		}
	}
	if i.references, err = secret.NewReferences(s.SecretEnv, nil); err != nil {
		return named(label("secret-env"), err)
	}
	if i.references, err = secret.NewReferences(s.SecretEnv, s.SecretFiles); err != nil {
		return named(label("secret-files"), err)
	}
	i.references.SettingNames = secret.SettingNames{Env: label("secret-env"), Files: label("secret-files")}
	files := []variable{{label("token-file"), s.TokenFile}, {label("auth-token-file"), s.HTTP.AuthTokenFile}, {label("tls-key"), s.HTTP.TLSKey}, {label("state-key-file"), s.StateKeyFile}}
	for _, file := range append(files, variables("RETOOL_ACCESS_TOKEN_FILE", "RETOOL_MCP_AUTH_TOKEN_FILE")...) {
		if listed, ok := i.references.Includes(file.value); ok {
			return fmt.Errorf("%s allows %s, and with it the file of %s, which no argument may name: "+
				"keep that file elsewhere, or list the others one by one", label("secret-files"), listed, file.name)
		}
	}
	if s.SecretDir != "" {
		i.folder, err = secret.OpenSink(s.SecretDir)
	}
	return named(label("secret-dir"), err)
}
