package script

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// child is a process that runs one script.
type child struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    io.ReadCloser
	errors *head
	ended  chan struct{} // closed once it is gone
	once   sync.Once
}

// ownProgram is the command of a child: this program, even if another one has taken
// its place on the disk since.
func ownProgram() *exec.Cmd {
	program := "/proc/self/exe"
	if _, err := os.Stat(program); runtime.GOOS != "linux" || err != nil {
		program, _ = os.Executable() // Start tells why it does not
	}
	return exec.CommandContext(context.Background(), program, ChildArgument) // run kills it
}

// startChild starts a child with nothing but its pipes.
func startChild(cmd *exec.Cmd) (*child, error) {
	if cmd.Env == nil {
		cmd.Env = []string{}
	}
	cmd.Dir = string(filepath.Separator)
	keepFiles()
	c := &child{cmd: cmd, errors: &head{}, ended: make(chan struct{})}
	cmd.Stderr = c.errors
	cmd.WaitDelay = killAfter
	var err error
	if c.in, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	// Not StdoutPipe, which Wait closes under the reader.
	out, end, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.Stdout, c.out = end, out
	err = cmd.Start()
	_ = end.Close()
	if err != nil {
		_ = out.Close()
		return nil, fmt.Errorf("the process for the script does not start: %w", err)
	}
	return c, nil
}

// kill ends the child and waits until it is gone.
func (c *child) kill() {
	c.once.Do(func() {
		_ = c.cmd.Process.Kill()
		_ = c.in.Close()
		go func() {
			_ = c.cmd.Wait() // how it ended is in ProcessState
			close(c.ended)
		}()
	})
}

// head keeps the beginning of what is written to it.
type head struct{ kept []byte }

// Write implements io.Writer.
func (h *head) Write(p []byte) (int, error) {
	const most = 4 << 10
	h.kept = append(h.kept, p[:min(len(p), most-len(h.kept))]...)
	return len(p), nil
}

// why says how a child ended that should not have.
func (c *child) why() string {
	<-c.ended
	state := c.cmd.ProcessState.String()
	if s := string(c.errors.kept); strings.Contains(s, "out of memory") || strings.Contains(s, "cannot allocate") {
		state += ", out of memory"
	}
	return text.OneLine(state)
}
