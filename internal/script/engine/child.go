package engine

import (
	"bufio"
	"io"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/script"
	"github.com/retool-mcp/retool-mcp/internal/script/wire"
)

// RunIfChild runs a script and exits if this process was started as a child that
// does; else it returns at once.
func RunIfChild() {
	if len(os.Args) == 2 && os.Args[1] == script.ChildArgument {
		os.Exit(Run(os.Stdin, os.Stdout)) //nolint:forbidigo // this process is the child
	}
}

// goMemory is above what the collector takes care to stay below, in bytes.
const goMemory = 48 << 20

// Run reads what to run from in, runs it, and speaks wire messages. It limits the
// process, and ends it when in ends. The result is the exit code.
func Run(in io.Reader, out io.Writer) int {
	r := bufio.NewReader(in)
	var begin wire.Begin
	if err := wire.Read(r, &begin); err != nil {
		return 1
	}
	deadline := time.Now().Add(time.Duration(begin.Deadline) * time.Millisecond)
	limitProcess(time.Until(deadline))
	// The virtual machine's memory is not Go's. What Go has are messages.
	debug.SetMemoryLimit(goMemory)
	parent := &parent{out: out, replies: make(chan wire.Reply, 2*mostCalls)}
	go parent.listen(r)
	// JavaScript ends at the deadline by itself, but not in a native function.
	time.AfterFunc(time.Until(deadline)+patience, func() {
		parent.send(wire.Message{Kind: wire.Failed, Error: tooLong(&begin)})
		os.Exit(0) //nolint:forbidigo // the virtual machine cannot be stopped
	})
	run := &run{begin: &begin, parent: parent, deadline: deadline}
	parent.send(run.outcome())
	return 0
}

// patience is what a script gets beyond its deadline to end by itself.
const patience = 50 * time.Millisecond

// mostCalls is how many calls a script can make.
const mostCalls = script.MaxCalls

// parent is the other side of the pipes.
type parent struct {
	replies chan wire.Reply

	mu   sync.Mutex // one message at a time; nobody sends after the last one
	out  io.Writer
	last bool
}

// send sends a message. A parent that does not take it is gone.
func (p *parent) send(m wire.Message) {
	if err := p.write(m); err != nil {
		os.Exit(1) //nolint:forbidigo // nobody listens
	}
}

func (p *parent) write(m wire.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last {
		return nil
	}
	p.last = m.Kind == wire.Done || m.Kind == wire.Failed || m.Kind == wire.Ended
	return wire.Write(p.out, m)
}

// listen reads replies until the parent ends, and this process with it, whatever
// JavaScript does.
func (p *parent) listen(r *bufio.Reader) {
	for {
		reply, err := wire.ReadReply(r)
		if err != nil {
			os.Exit(1) //nolint:forbidigo // the parent is gone, or is not ours
		}
		p.replies <- reply
	}
}
