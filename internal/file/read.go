package file

import (
	"os"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// ReadText reads a file that people wrote: without its byte order mark, and as
// UTF-8 if it is UTF-16.
func ReadText(name string) ([]byte, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return text.Decode(data)
}
