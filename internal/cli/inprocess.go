package cli

import (
	"context"
	"errors"
	"net"
	"sync"

	"github.com/retool-mcp/retool-mcp/internal/pipe"
	"github.com/retool-mcp/retool-mcp/internal/sandbox"
)

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
