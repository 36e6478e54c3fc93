package file

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// ReadText reads a file that people wrote: without its byte order mark, and as
// UTF-8 if it is UTF-16.
func ReadText(name string) ([]byte, error) {
	data, err := Read(name)
	if err != nil {
		return nil, err
	}
	return text.Decode(data)
}

// maxOther is the size at which what is not a regular file is given up.
const maxOther = 16 << 20

// wait is how long what is not a regular file may take to end. A program that a shell
// starts for <(…) may ask its user first.
var wait = 30 * time.Second

// Read reads a regular file, or what ends soon, such as the pipe of a shell's <(…). It
// gives up a pipe that nobody writes to or closes, and a device without an end.
func Read(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil || info.Mode().IsRegular() || info.IsDir() {
		return os.ReadFile(name) // with the error of opening it
	}
	type content struct {
		data []byte
		err  error
	}
	read := make(chan content, 1)
	go func() { // deadlines do not work for pipes on every system
		data, err := readOther(name)
		read <- content{data, err}
	}()
	select {
	case c := <-read:
		return c.data, c.err
	case <-time.After(wait):
		return nil, fmt.Errorf("%s did not end within %s: write to it and close it, or name a regular file", name, wait)
	}
}

func readOther(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxOther+1))
	if err == nil && len(data) > maxOther {
		return nil, &os.PathError{Op: "read", Path: name, Err: errors.New("larger than 16 MiB, and not a regular file")}
	}
	return data, err
}
