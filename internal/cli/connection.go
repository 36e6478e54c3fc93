package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"

	"github.com/retool-mcp/retool-mcp/internal/pipe"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/sandbox"
)

// connection is where calls go, and with which token.
type connection struct {
	address  retool.Address
	explicit bool // the operator set the address
	token    string
	socket   string     // the Unix socket to the instance, "" for none
	sandbox  *inProcess // nil for a real instance
}

// connection checks the settings that name an instance, or the sandbox. A sandbox
// that runs already is continued with.
func (s *Settings) connection(running *inProcess) (c connection, err error) {
	if s.Sandbox {
		return s.toSandbox(running)
	}
	for _, name := range []string{"sandbox-seed", "sandbox-state", "sandbox-faults", "sandbox-latency"} {
		if s.origins[name].level != unset {
			return c, fmt.Errorf("%s is set without %s: calls would go to a real instance", label(name), label("sandbox"))
		}
	}
	if c.address, c.explicit, err = s.address(); err != nil {
		return c, err
	}
	c.socket = s.UnixSocket
	if c.token, err = s.token(); err != nil {
		return c, err
	}
	if note := rowOf("url").unreplaced(); note != "" && !c.explicit && c.token != "" {
		return c, fmt.Errorf("%s, but the access token must not go to another instance than meant: set it, for Retool's cloud to %s",
			strings.TrimPrefix(note, "; "), retool.CloudAddress)
	}
	return c, nil
}

// toSandbox refuses settings of an instance beside --sandbox. The flag overrides
// those that variables or the configuration file set.
func (s *Settings) toSandbox(running *inProcess) (c connection, err error) {
	own := s.origins["sandbox"]
	for _, name := range []string{"url", "token", "token-file", "unix-socket"} {
		if at := s.origins[name]; at.level >= own.level || at.level != unset && own.level < byFlag {
			return c, contradict(own.label(rowOf("sandbox")), at.name())
		}
	}
	options := sandbox.Options{Seed: s.SandboxSeed, State: s.SandboxState, Latency: s.SandboxLatency}
	if options.Faults, err = faults(s.SandboxSeed, s.SandboxFaults); err != nil {
		return c, named(label("sandbox-faults"), err)
	}
	if c.address, err = retool.ParseAddress(sandboxAddress, ""); err != nil {
		return c, err
	}
	c.token, c.sandbox = sandbox.DefaultToken, running
	if running == nil {
		c.sandbox = &inProcess{options: options}
	}
	if options.State != "" {
		err = c.sandbox.begin()
	}
	return c, err
}

// address is the operator's address: that of a flag or of an instance, else that
// on which all variables agree, else that of the configuration file.
func (s *Settings) address() (address retool.Address, explicit bool, err error) {
	at := s.origins["url"]
	switch at.level {
	case byVariable:
		address, err = addressOfVariables()
		return address, true, err
	case unset:
		address, err = retool.ParseAddress(retool.CloudAddress, "")
		return address, false, err
	default:
		address, err = retool.ParseAddress(s.URL, "")
		return address, true, named(at.name(), err)
	}
}

// addressOfVariables is the address on which the variables agree; RETOOL_SCHEME
// belongs to RETOOL_HOST.
func addressOfVariables() (address retool.Address, err error) {
	scheme := variables("RETOOL_SCHEME")
	hosts := variables("RETOOL_HOST")
	if len(scheme) > 0 && len(hosts) == 0 {
		return address, errors.New("RETOOL_SCHEME is set but RETOOL_HOST is not: a scheme alone is not an address")
	}
	var from string
	for _, at := range append(variables("RETOOL_URL"), hosts...) {
		withScheme := ""
		if at.name == "RETOOL_HOST" && len(scheme) > 0 {
			withScheme = strings.ToLower(scheme[0].value)
			if has, _, ok := strings.Cut(at.value, "://"); ok && !strings.EqualFold(has, withScheme) {
				return address, contradict("RETOOL_SCHEME", "RETOOL_HOST")
			}
		}
		parsed, err := retool.ParseAddress(at.value, withScheme)
		if err != nil {
			return address, named(at.name, err)
		}
		if from != "" && parsed != address {
			return address, contradict(from, at.name)
		}
		address, from = parsed, at.name
	}
	return address, nil
}

// tokenOrigin is where the token was set, and whether that is --token-file.
func (s *Settings) tokenOrigin() (at origin, isFile bool) {
	at = s.origins["token"]
	if other := s.origins["token-file"]; other.level > at.level {
		return other, true
	}
	return at, false
}

// token is the access token, "" where none is set: tools can be listed without.
func (s *Settings) token() (string, error) {
	at, isFile := s.tokenOrigin()
	switch {
	case at.level == unset:
		return "", nil
	case s.origins["token"].level == s.origins["token-file"].level:
		return "", contradict(at.name(), s.origins["token-file"].name())
	case isFile:
		return s.tokenFiles.read(at.name(), s.TokenFile)
	}
	for _, other := range variables(at.names...) {
		if other.value != s.Token {
			return "", contradict(at.name(), other.name)
		}
	}
	return checkToken(at.name(), s.Token)
}

// inProcess is the sandbox of --sandbox. Unless it has a state to read, it starts
// with the first call: listing tools does not need it.
type inProcess struct {
	options  sandbox.Options
	mu       sync.Mutex
	box      *sandbox.Sandbox
	listener *pipe.Listener
}

// sandboxAddress is the instance's address in messages.
const sandboxAddress = "http://sandbox"

// begin starts the sandbox, if it does not run yet.
func (p *inProcess) begin() (err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.box == nil {
		if p.box, err = sandbox.New(p.options); err == nil {
			p.listener = p.box.Serve()
		}
	}
	return err
}

// dialer connects to the sandbox, nil without one.
func (p *inProcess) dialer() func(ctx context.Context, network, address string) (net.Conn, error) {
	if p == nil {
		return nil
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if err := p.begin(); err != nil {
			return nil, err
		}
		return p.listener.Dial(ctx, network, address)
	}
}

// close saves the sandbox's state.
func (p *inProcess) close() error {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.box == nil {
		return nil
	}
	return errors.Join(p.listener.Close(), p.box.Close())
}
