package audit

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/file"
)

// Options configure a Log.
type Options struct {
	// MaxBytes is the maximum size of a file; 0 means 100 MiB. A single line may
	// be larger.
	MaxBytes int64
	// Keep is the maximum number of full files; the oldest are removed. 0 keeps
	// all.
	Keep int
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// syncDelay is how long the line of a read may stay unsynced.
const syncDelay = time.Second

// Log writes an audit log. It is safe for concurrent use.
type Log struct {
	options Options
	folder  *folder
	unlock  func()

	mu       sync.Mutex // protects the fields below
	file     *os.File
	info     fs.FileInfo    // identifies the file
	size     int64          // of all complete lines
	head     Head           // the newest line
	first    uint64         // sequence number of the file's first line
	filled   bool           // the file has more than a rotated line
	dirty    bool           // a failed write may have left bytes after size
	writes   map[string]int // begins without an end, by call
	unsynced bool           // lines were written after the last sync
	timer    *time.Timer    // will sync the lines of reads
	failed   error          // permanent: the state of the disk is unknown
	closed   bool
}

// Open continues the log in the file, or starts one. It refuses a file that
// another process writes, that others can read, that is not regular, or that does
// not end as a log does, even after a crash.
func Open(name string, o Options) (_ *Log, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("open audit log %q: %w", name, err)
		}
	}()
	if o.MaxBytes < 0 || o.Keep < 0 {
		return nil, errors.New("the maximum size and the number of kept files must not be negative")
	}
	o.MaxBytes = cmp.Or(o.MaxBytes, 100<<20)
	if o.Now == nil {
		o.Now = time.Now
	}
	f, err := openFolder(name)
	if err != nil {
		return nil, err
	}
	l := &Log{options: o, folder: f, writes: map[string]int{}}
	if l.unlock, err = f.lock(); err != nil {
		f.root.Close()
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, step := range []func() error{
		l.resume,
		func() error { return l.addEvent(event{Log: opened, PID: os.Getpid()}) },
		l.prune,
		l.sync,
		func() error { return file.SyncFolder(f.root) },
	} {
		if err := step(); err != nil {
			l.release()
			return nil, file.Cause(err)
		}
	}
	return l, nil
}

// Append writes the entry. Without an error the line survives a crash of this
// process and, if it belongs to a write, a power failure. After an error the entry
// may be missing from the log, so the write that it announces must not be sent.
//
// A later Append tries again and succeeds when, for example, the disk has room
// again. Only after a failed sync all later ones fail: a new Open must find out
// what is on disk.
func (l *Log) Append(e Entry) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("write audit log %q: %w", l.folder.newest, file.Cause(err))
		}
	}()
	object, err := e.encode()
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if e.Time.IsZero() {
		e.Time = l.options.Now()
	}
	if err := l.add(e.Time, object); err != nil {
		return err
	}
	switch {
	case e.Phase == Begin:
		l.writes[e.Call]++
		return l.sync()
	case l.writes[e.Call] > 0:
		if l.writes[e.Call]--; l.writes[e.Call] == 0 {
			delete(l.writes, e.Call)
		}
		return l.sync()
	case l.timer == nil:
		l.timer = time.AfterFunc(syncDelay, func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.timer = nil
			_ = l.sync() // the next Append returns the error
		})
	}
	return nil
}

// Head returns the newest line. Stored elsewhere, it lets Verify detect missing
// lines at the end.
func (l *Log) Head() Head {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.head
}

// Close writes a closed line and releases the lock. It may be called twice.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil
	}
	err := cmp.Or(l.addEvent(event{Log: closed}), l.sync())
	l.closed = true
	l.release()
	if err != nil {
		return fmt.Errorf("close audit log %q: %w", l.folder.newest, file.Cause(err))
	}
	return nil
}

func (l *Log) release() {
	if l.timer != nil {
		l.timer.Stop()
	}
	if l.file != nil {
		l.file.Close()
	}
	l.unlock()
	l.folder.root.Close()
}

// addEvent writes a line about the log itself.
func (l *Log) addEvent(e event) error { return l.add(l.options.Now(), e.encode()) }

// eventLine returns the line of an event after the newest line, and the new head.
func (l *Log) eventLine(e event) ([]byte, Head) {
	return encodeLine(l.head, l.options.Now(), e.encode())
}

// add writes the object as a line, to a new file if this one is full.
func (l *Log) add(at time.Time, object []byte) error {
	if err := l.checkFile(); err != nil {
		return err
	}
	line, head := encodeLine(l.head, at, object)
	if l.filled && l.size+int64(len(line)) > l.options.MaxBytes {
		if err := l.rotate(); err != nil {
			return err
		}
		line, head = encodeLine(l.head, at, object)
	}
	l.filled = true
	return l.write(line, head)
}

// checkFile returns an error unless the file is as the last write left it.
func (l *Log) checkFile() error {
	switch {
	case l.closed:
		return fs.ErrClosed
	case l.failed != nil:
		return l.failed
	case l.dirty:
		if err := l.file.Truncate(l.size); err != nil {
			return err
		}
		l.dirty = false
	}
	info, err := l.folder.root.Lstat(l.folder.name)
	switch {
	case err != nil || !os.SameFile(info, l.info):
		return file.ErrReplaced
	case info.Size() != l.size:
		return fmt.Errorf("another process changed the file: it has %d bytes instead of %d", info.Size(), l.size)
	}
	return nil
}

// write writes a complete line or nothing.
func (l *Log) write(line []byte, head Head) error {
	if _, err := l.file.WriteAt(line, l.size); err != nil {
		l.dirty = l.file.Truncate(l.size) != nil
		return err
	}
	l.size += int64(len(line))
	l.head = head
	l.unsynced = true
	return nil
}

// sync syncs all lines to disk.
func (l *Log) sync() error {
	if l.unsynced && l.failed == nil {
		if err := l.file.Sync(); err != nil {
			return l.fail(err)
		}
		l.unsynced = false
	}
	return l.failed
}

// fail makes all later appends fail: the state of the disk is unknown.
func (l *Log) fail(err error) error {
	l.failed = fmt.Errorf("sync failed, so lines may be lost: restart the program: %w", file.Cause(err))
	return l.failed
}
