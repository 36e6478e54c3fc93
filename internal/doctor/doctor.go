package doctor

import (
	"context"
	"crypto/x509"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync/atomic"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

// DefaultTimeout is the deadline of a check when Options name none.
const DefaultTimeout = 10 * time.Second

// scopesTimeout is the deadline of the check that sends the most.
const scopesTimeout = 60 * time.Second

// Options say what is examined.
type Options struct {
	// Address is where the API is. It is required.
	Address retool.Address
	// Token is the access token, "" for none.
	Token string
	// Sources says where both come from.
	Sources Sources
	// SettingNames are the names of settings in remedies.
	SettingNames SettingNames
	// UnixSocket and Dial are as in retool.Options. With Dial the instance is in
	// this very process, and what there is to know of a network is skipped.
	UnixSocket string
	Dial       func(ctx context.Context, network, address string) (net.Conn, error)
	// RootCAs are the authorities trusted to certify the host; nil means those
	// of the system.
	RootCAs *x509.CertPool
	// Timeout is the deadline of every check; zero means DefaultTimeout.
	Timeout   time.Duration
	UserAgent string

	// All are all tools that there are, and Served those that the settings leave;
	// nil where they are not known. Scopes are those that the settings name.
	Catalog, Served *tools.Catalog
	Scopes          []string
	Document        Document
	// TokenFile and SecretDir are paths, "" for none.
	TokenFile, SecretDir string
	// Places is where clients keep their files; the zero value looks for none.
	ClientDirs ClientDirs
}

// doctor is one examination.
type doctor struct {
	Options
	scheme, host, port string
	transport          *readOnlyTransport
	client             *retool.Client
	first              *response // the first contact with the instance, nil before
	answers            answers
	scopes             *Scopes // nil until they are found out
	done               map[string]Check
}

// step is one check, and those without which it means nothing.
type step struct {
	name  string
	needs []string
	time  time.Duration // beyond the deadline of all
	check func(context.Context) Check
}

// Run makes all checks, one after the other, and reports each as soon as it is
// made. It ends early only with the context.
func Diagnose(ctx context.Context, o Options, report func(Check)) {
	d := newDoctor(o)
	network := []string{"proxy", "dns", "connect", "tls"}
	answering := append(slices.Clone(network), "answer")
	for _, s := range []step{
		{name: "settings", check: d.checkSettings},
		{name: "proxy", check: d.checkProxy},
		{name: "dns", needs: network[:1], check: d.checkDNS},
		{name: "connect", needs: network[:2], check: d.checkConnect},
		{name: "tls", needs: network[:3], check: d.checkTLS},
		{name: "health", needs: network, check: d.checkHealth},
		{name: "clock", needs: answering, check: d.checkClock},
		{name: "token", needs: answering, check: d.checkToken},
		{name: "scopes", needs: append(answering, "token"), time: scopesTimeout, check: d.checkScopes},
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
		report(d.named(c).redacted(o.Token))
	}
}

func newDoctor(o Options) *doctor {
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	d := &doctor{Options: o, done: map[string]Check{}, transport: &readOnlyTransport{left: &atomic.Int32{}}}
	d.transport.left.Store(maxRequests)
	if u, err := url.Parse(o.Address.Origin()); err == nil { // it always is one
		d.scheme, d.host, d.port = u.Scheme, u.Hostname(), u.Port()
	}
	if d.port == "" {
		d.port = map[string]string{"http": "80", "https": "443"}[d.scheme]
	}
	d.client = retool.New(retool.Options{
		Address: o.Address, Token: o.Token, Timeout: o.Timeout, UnixSocket: o.UnixSocket, Dial: o.Dial, UserAgent: o.UserAgent, RootCAs: o.RootCAs,
		Wrap: func(next http.RoundTripper) http.RoundTripper { return d.transport.wrap(next) },
	})
	return d
}

// take runs a step within its deadline, unless what it needs has failed.
func (d *doctor) runStep(ctx context.Context, s step) Check {
	for _, need := range s.needs {
		switch {
		case need == "answer" && d.first != nil && d.first.err != nil:
			return skip("the instance does not answer")
		case d.done[need].Status == Fail:
			return skip("it means nothing while %s fails", need)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, max(d.Timeout, s.time))
	defer cancel()
	return s.check(ctx)
}

// within says that there is no network between us and the instance.
func (d *doctor) inProcess() bool { return d.Dial != nil }

var inSandbox = skip("the sandbox is within this process")
