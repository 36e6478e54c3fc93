package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"

	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/sandbox"
)

// inProcess is the sandbox of --sandbox. Unless it has a state to read it is
// made when the first call needs it, since listing tools does not.
type inProcess struct {
	options sandbox.Options
	mu      sync.Mutex
	box     *sandbox.Sandbox
	pipe    *sandbox.Pipe
}

// sandboxAddress is what stands in for the instance's address in messages.
const sandboxAddress = "http://sandbox"

// sandboxed is where calls go with --sandbox.
func (s *Settings) sandboxed() (c config, err error) {
	for _, flag := range []string{"url", "token", "token-file", "unix-socket"} {
		if s.given[flag] {
			return c, contradict("--sandbox", "--"+flag)
		}
	}
	if !s.given["sandbox"] {
		for _, at := range environment("RETOOL_URL", "RETOOL_HOST", "RETOOL_ACCESS_TOKEN", "RETOOL_TOKEN", "RETOOL_API_KEY", "RETOOL_ACCESS_TOKEN_FILE", "RETOOL_UNIX_SOCKET_PATH") {
			return c, contradict("RETOOL_MCP_SANDBOX", at.name)
		}
	}
	s.UnixSocket = ""
	if s.SandboxLatency < 0 {
		return c, fmt.Errorf("--sandbox-latency (RETOOL_MCP_SANDBOX_LATENCY) must not be less than zero, but is %s", s.SandboxLatency)
	}
	options := sandbox.Options{Seed: s.SandboxSeed, State: s.SandboxState, Latency: s.SandboxLatency}
	if options.Faults, err = faults(s.SandboxSeed, s.SandboxFaults); err != nil {
		return c, named("--sandbox-faults (RETOOL_MCP_SANDBOX_FAULTS)", err)
	}
	c.address, err = retool.ParseAddress(sandboxAddress, "")
	c.token, c.sandbox = sandbox.DefaultToken, s.keep[s.name]
	if c.sandbox == nil {
		c.sandbox = &inProcess{options: options}
	}
	if err == nil && options.State != "" {
		err = c.sandbox.begin()
	}
	return c, err
}

// notSandboxed refuses settings of a sandbox where there is none: whoever gives
// them means to be safe, and would call a real instance.
func (s *Settings) notSandboxed() error {
	for _, name := range []string{"seed", "state", "faults", "latency"} {
		variable := "RETOOL_MCP_SANDBOX_" + strings.ToUpper(name)
		if s.given["sandbox-"+name] || len(environment(variable)) > 0 {
			return fmt.Errorf("--sandbox-%s (%s) is set without --sandbox (RETOOL_MCP_SANDBOX): calls would go to a real instance", name, variable)
		}
	}
	return nil
}

// begin makes the sandbox, if it is not there yet.
func (p *inProcess) begin() (err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.box == nil {
		if p.box, err = sandbox.New(p.options); err == nil {
			p.pipe = p.box.Serve()
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
		return p.pipe.Dial(ctx, network, address)
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
	return errors.Join(p.pipe.Close(), p.box.Close())
}
