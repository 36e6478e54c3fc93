package audit

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/file"
)

// reader reads the lines of a log, file by file.
type reader struct {
	files   []*sourceFile
	newest  string // path of the newest file
	missing bool   // which is not there
	current int
	number  int // of the line that was read last
	buffer  *bufio.Reader
	again   bool // it has been at the end before
}

type sourceFile struct {
	path string
	file *os.File
	info fs.FileInfo
}

// rawLine is a line as it stands in a file, whole or not.
type rawLine struct {
	source  *sourceFile
	number  int
	data    []byte // without newline; what is longer than a line can be is cut off
	newline bool
}

func (r *reader) add(f *folder, name string) error {
	file, info, err := f.open(name, os.O_RDONLY)
	if err == nil {
		r.files = append(r.files, &sourceFile{f.at(name), file, info})
	}
	return err
}

func (r *reader) close() {
	for _, s := range r.files {
		s.file.Close()
	}
}

// rewind goes back to the oldest line.
func (r *reader) rewind() error {
	for _, s := range r.files {
		if _, err := s.file.Seek(0, io.SeekStart); err != nil {
			return err
		}
	}
	r.current, r.number, r.buffer, r.again = 0, 0, nil, true
	return nil
}

// next is the next line, or io.EOF.
func (r *reader) next() (rawLine, error) {
	for ; r.current < len(r.files); r.current++ {
		if r.buffer == nil {
			r.buffer, r.number = bufio.NewReaderSize(r.files[r.current].file, 64<<10), 0
		}
		data, newline, err := r.line()
		if err != nil {
			return rawLine{}, err
		}
		if newline || len(data) > 0 {
			r.number++
			return rawLine{source: r.files[r.current], number: r.number, data: data, newline: newline}, nil
		}
		r.buffer = nil
	}
	return rawLine{}, io.EOF
}

// line reads up to the next newline, or the end of the file.
func (r *reader) line() (data []byte, newline bool, err error) {
	patience := 10
	for {
		part, err := r.buffer.ReadSlice('\n')
		if len(part) > 0 {
			patience = 10
		}
		if len(data) < maxLine { // what is longer is no line of ours
			data = append(data, part...)
		}
		switch {
		case err == nil:
			return bytes.TrimSuffix(data, []byte("\n")), true, nil
		case errors.Is(err, bufio.ErrBufferFull):
		case !errors.Is(err, io.EOF):
			return nil, false, file.Cause(err)
		case len(data) == 0 || patience == 0 || !r.growing():
			return data, false, nil
		default:
			patience--
			time.Sleep(2 * time.Millisecond)
		}
	}
}

// growing says whether the rest of the last line may be on its way into the file at
// this very moment.
func (r *reader) growing() bool {
	if r.again || r.current < len(r.files)-1 {
		return false
	}
	info, err := r.files[r.current].file.Stat()
	return err == nil && time.Since(info.ModTime()) < time.Minute
}
