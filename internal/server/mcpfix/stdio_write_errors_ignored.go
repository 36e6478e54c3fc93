package mcpfix

import "fmt"

// mcp-go logs a failed write and continues, so a server whose client is gone
// keeps running calls that nobody can read the results of.
//
// So a failed write ends Listen.

// send writes a message. It must be called with mu held.
func (o *stdioOutput) send(line []byte) error {
	if o.closed.Load() {
		return nil
	}
	if _, err := o.out.Write(line); err != nil {
		o.close()
		err = fmt.Errorf("write to client: %w", err)
		o.stop(err)
		return err
	}
	return nil
}

// close discards all further messages. It does not wait for a running write.
func (o *stdioOutput) close() { o.closed.Store(true) }
