package engine

import "github.com/retool-mcp/retool-mcp/internal/text"

// The bounds of console.log.
const (
	mostLines   = 200
	mostConsole = 16 << 10 // bytes
	longestLine = 2000     // bytes
)

// console counts what the script logged.
type console struct {
	lines, bytes int
}

// add returns the line to be sent, and whether there is one.
func (c *console) add(line string) (string, bool) {
	if c.lines >= mostLines || c.bytes >= mostConsole {
		return "", false
	}
	line = text.Clip(line, longestLine)
	c.lines++
	c.bytes += len(line)
	if c.lines >= mostLines || c.bytes >= mostConsole {
		line += "\n(the console is full: nothing more is kept)"
	}
	return line, true
}
