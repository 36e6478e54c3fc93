package doctor

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

// DefaultTimeout is the default deadline of a check.
const DefaultTimeout = 10 * time.Second

// scopesTimeout is the minimum deadline of the scopes check, which sends the most.
const scopesTimeout = 60 * time.Second

// Options configure a diagnosis.
type Options struct {
	// Options are those of the client. Address is required. With Dial the instance
	// is in this process, and the checks of the network are skipped. Timeout is the
	// deadline of a check; 0 means DefaultTimeout. Wrap is not used.
	retool.Options
	// Sources are where address and token come from.
	Sources Sources
	// SettingNames are the names of settings in remedies.
	SettingNames SettingNames
	// Catalog has all tools, Served those that the settings select; nil if unknown.
	Catalog, Served *tools.Catalog
	// Scopes are the configured ones.
	Scopes   []string
	Document Document
	// TokenFile and SecretDir are paths, "" for none.
	TokenFile, SecretDir string
	// ClientDirs are searched for files of clients; the zero value skips that.
	ClientDirs ClientDirs
}

// doctor is a diagnosis in progress.
type doctor struct {
	Options
	scheme, host, port string
	client             *retool.Client
	transport          http.RoundTripper // the client's
	first              *response         // nil before the first request
	reads              sync.Map          // results of readAPI by path
	scopes             *Scopes           // nil before the scopes check
	done               map[string]Check
}

// step is a check and the checks that it depends on.
type step struct {
	name    string
	network bool // skipped in process
	needs   []string
	timeout time.Duration // minimum
	check   func(context.Context) Check
}

// Diagnose runs all checks in order and reports each when it is complete. It ends
// early only with the context.
func Diagnose(ctx context.Context, o Options, report func(Check)) {
	d := newDoctor(o)
	network := []string{"proxy", "dns", "connect", "tls"}
	response := append(slices.Clone(network), "response")
	for _, s := range []step{
		{name: "settings", check: d.checkSettings},
		{name: "proxy", network: true, check: d.checkProxy},
		{name: "dns", network: true, needs: network[:1], check: d.checkDNS},
		{name: "connect", network: true, needs: network[:2], check: d.checkConnect},
		{name: "tls", network: true, needs: network[:3], check: d.checkTLS},
		{name: "health", needs: network, check: d.checkHealth},
		{name: "clock", network: true, needs: response, check: d.checkClock},
		{name: "token", needs: response, check: d.checkToken},
		{name: "scopes", needs: append(response, "token"), timeout: scopesTimeout, check: d.checkScopes},
		{name: "document", check: d.checkDocument},
		{name: "tools", check: d.checkTools},
		{name: "files", check: d.checkFiles},
		{name: "clients", check: d.checkClients},
	} {
		if ctx.Err() != nil {
			return
		}
		c := d.runStep(ctx, s)
		c.Name = s.name
		d.done[s.name] = c
		report(d.named(c).redacted(d.client.Shown))
	}
}

func newDoctor(o Options) *doctor {
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	d := &doctor{Options: o, done: map[string]Check{}}
	if u, err := url.Parse(o.Address.Origin()); err == nil { // it always is one
		d.scheme, d.host, d.port = u.Scheme, u.Hostname(), u.Port()
	}
	if d.port == "" {
		d.port = map[string]string{"http": "80", "https": "443"}[d.scheme]
	}
	o.Wrap = func(next http.RoundTripper) http.RoundTripper {
		d.transport = &readOnlyTransport{next: next}
		return d.transport
	}
	d.client = retool.New(o.Options)
	return d
}

// runStep runs a check within its deadline, unless one that it needs failed.
func (d *doctor) runStep(ctx context.Context, s step) Check {
	if s.network && d.inProcess() {
		return Skip.found("the sandbox is in this process")
	}
	for _, need := range s.needs {
		switch {
		case need == "response" && d.first != nil && d.first.err != nil:
			return Skip.found("the instance does not respond")
		case d.done[need].Status == Fail:
			return Skip.found("not possible while %s fails", need)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, max(d.Timeout, s.timeout))
	defer cancel()
	return s.check(ctx)
}

// inProcess reports whether there is no network between us and the instance.
func (d *doctor) inProcess() bool { return d.Dial != nil }

// Sources are the names of the settings that take effect; none for a default.
type Sources struct {
	Address, Token []string
	// Seen means that other users of the machine can see the token.
	Seen bool
}

// SettingNames are what users call the settings that remedies mention, such as
// "--url (RETOOL_URL)". Empty ones are described in words.
type SettingNames struct {
	Address, Token, TokenFile, UnixSocket, Document, Scopes string
	// ScopesFlag precedes the suggested scopes.
	ScopesFlag string
	// TokenFileVariable goes into a client's configuration.
	TokenFileVariable string
	// TokenSettings may precede a token in a client's configuration.
	TokenSettings []string
}

// named inserts the names of settings into the remedy.
func (d *doctor) named(c Check) Check {
	n := d.SettingNames
	c.Remedy = strings.NewReplacer(
		"{address}", cmp.Or(n.Address, "the address"),
		"{token}", cmp.Or(n.Token, "the access token"),
		"{token-file}", cmp.Or(n.TokenFile, "the token file"),
		"{token-file-variable}", cmp.Or(n.TokenFileVariable, "the token file"),
		"{unix-socket}", cmp.Or(n.UnixSocket, "the Unix socket"),
		"{document}", cmp.Or(n.Document, "the document"),
		"{scopes}", cmp.Or(n.Scopes, "the scopes"),
	).Replace(c.Remedy)
	return c
}

func (d *doctor) checkSettings(context.Context) Check {
	if d.inProcess() {
		return OK.found("the sandbox, which has its own address and token")
	}
	address := "the default, Retool's cloud gateway"
	if len(d.Sources.Address) > 0 {
		address = "from " + strings.Join(d.Sources.Address, " and ")
	}
	token := "no token"
	if d.Token != "" {
		token = "token from " + strings.Join(d.Sources.Token, " and ")
	}
	c := OK.found("%s (%s), %s", d.Address, address, token)
	if d.Sources.Seen && d.Token != "" {
		return c.warning("other users of this machine can see flags: put the token into a file that only you can read, and name it with {token-file}")
	}
	return c
}
