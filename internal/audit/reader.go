package audit

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/file"
)

// reader reads the lines of a log, file by file.
type reader struct {
	files         []*sourceFile // oldest first
	newestMissing bool
	current       int // index of the file that is read
	number        int // of the last line in it
	buffer        *bufio.Reader
}

type sourceFile struct {
	path string
	file *os.File
	info fs.FileInfo
}

// rawLine is a line of a file, complete or not.
type rawLine struct {
	source  *sourceFile
	number  int    // from 1
	data    []byte // without newline; what exceeds maxLine is dropped
	newline bool
}

// openReader opens the files of the log as they are at one moment. They may be
// renamed after that.
func (f *folder) openReader() (*reader, error) {
	for attempt := 1; ; attempt++ {
		r, err := f.tryOpenReader()
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, file.ErrReplaced) || attempt == 10 {
			return r, err
		}
		if full, listed := f.fullFiles(); listed != nil || len(full) == 0 {
			return nil, err
		}
		time.Sleep(5 * time.Millisecond) // for the rotation in progress
	}
}

// tryOpenReader is one attempt of openReader. In the middle of a rotation, see
// rotate, FILE is missing and FILE.next is the newest file; if that is missing too,
// another program removed FILE. The attempt fails if files moved while they were
// opened.
func (f *folder) tryOpenReader() (*reader, error) {
	full, err := f.fullFiles()
	if err != nil {
		return nil, err
	}
	r := &reader{}
	for _, number := range full {
		err = cmp.Or(err, r.add(f, f.fullName(number)))
	}
	newest := f.name
	if err == nil {
		err = r.add(f, newest)
	}
	if errors.Is(err, fs.ErrNotExist) && len(r.files) == len(full) && len(full) > 0 {
		if err = r.add(f, f.next()); err == nil {
			newest = f.next()
		} else if errors.Is(err, fs.ErrNotExist) {
			r.newestMissing, err = true, nil
		}
	}
	if err == nil {
		err = f.checkUnchanged(r, full, newest)
	}
	if err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

// checkUnchanged returns an error if the files changed while they were opened.
func (f *folder) checkUnchanged(r *reader, full []uint64, newest string) error {
	again, err := f.fullFiles()
	if err != nil {
		return err
	}
	info, err := f.root.Lstat(newest)
	switch {
	case r.newestMissing && errors.Is(err, fs.ErrNotExist):
		err = nil
	case err == nil && (r.newestMissing || !os.SameFile(info, r.newest().info)):
		err = file.ErrReplaced
	}
	if err == nil && !slices.Equal(full, again) {
		err = file.ErrReplaced
	}
	return err
}

func (r *reader) add(f *folder, name string) error {
	opened, info, err := f.open(name, os.O_RDONLY)
	if err == nil {
		r.files = append(r.files, &sourceFile{f.path(name), opened, info})
	}
	return err
}

func (r *reader) newest() *sourceFile { return r.files[len(r.files)-1] }

func (r *reader) close() {
	for _, s := range r.files {
		s.file.Close()
	}
}

// next returns the next line, or io.EOF.
func (r *reader) next() (*rawLine, error) {
	for ; r.current < len(r.files); r.current++ {
		if r.buffer == nil {
			r.buffer, r.number = bufio.NewReaderSize(r.files[r.current].file, 64<<10), 0
		}
		data, newline, err := r.line()
		if err != nil {
			return nil, err
		}
		if newline || len(data) > 0 {
			r.number++
			return &rawLine{source: r.files[r.current], number: r.number, data: data, newline: newline}, nil
		}
		r.buffer = nil
	}
	return nil, io.EOF
}

// line reads up to the next newline or the end of the file. At the end of a log in
// use it waits up to 20 ms without progress for the rest of a line.
func (r *reader) line() (data []byte, newline bool, err error) {
	const maxWaits = 10
	waits := 0
	for {
		part, err := r.buffer.ReadSlice('\n')
		if len(part) > 0 {
			waits = 0
		}
		if len(data) < maxLine {
			data = append(data, part...)
		}
		switch {
		case err == nil:
			return bytes.TrimSuffix(data, []byte("\n")), true, nil
		case errors.Is(err, bufio.ErrBufferFull):
		case !errors.Is(err, io.EOF):
			return nil, false, file.Cause(err)
		case len(data) == 0 || waits == maxWaits || !r.growing():
			return data, false, nil
		default:
			waits++
			time.Sleep(2 * time.Millisecond)
		}
	}
}

// growing reports whether a process may be writing the rest of the last line.
func (r *reader) growing() bool {
	if r.current < len(r.files)-1 {
		return false
	}
	info, err := r.files[r.current].file.Stat()
	return err == nil && time.Since(info.ModTime()) < time.Minute
}
