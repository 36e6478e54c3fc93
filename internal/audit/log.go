package audit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/file"
)

// Options are what an operator may want to change.
type Options struct {
	// MaxBytes is how large a file may get before a new one is begun; 0 means
	// 100 MiB. A single line may be larger than that.
	MaxBytes int64
	// Keep is how many full files there are at most; the oldest go. 0 keeps all.
	Keep int
	// Now is the clock, time.Now if it is not set.
	Now func() time.Time
}

const (
	defaultMaxBytes = 100 << 20
	// lag is how long a line that nobody waits for may be on its way to the disk.
	syncDelay = time.Second
)

// Log is an audit log that is written. It is safe for concurrent use.
type Log struct {
	options Options
	folder  *folder
	unlock  func()

	mu        sync.Mutex
	file      *os.File
	info      fs.FileInfo // covers the file from another one of its name
	size      int64       // of all whole lines
	head      Head        // the newest line
	first     uint64      // number of the file's first line
	filled    bool        // there is more in the file than what begins every file
	dirty     bool        // a failed write may have left something behind size
	synced    uint64      // number of the newest line that is safe
	syncing   bool        // somebody waits for the disk, without mu
	syncDone  *sync.Cond  // syncing has ended
	syncTimer *time.Timer // syncs what nobody waits for
	writes    map[string]int
	failed    error // for good: only a new start knows what is on the disk
	finished  bool  // closed, or about to be
}

// Open takes up the log that is in the file, or begins one, and notes that. It
// refuses what another process writes to, what others may read, what is no
// regular file, and what does not end as a log ends, be it after a crash.
func Open(file string, o Options) (*Log, error) {
	l, err := open(file, o)
	if err != nil {
		return nil, fmt.Errorf("the audit log %q cannot be opened: %w", file, err)
	}
	return l, nil
}

func open(name string, o Options) (*Log, error) {
	if o.MaxBytes < 0 || o.Keep < 0 {
		return nil, errors.New("neither its size nor the number of its files can be less than 0")
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = defaultMaxBytes
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	f, err := openFolder(name)
	if err != nil {
		return nil, err
	}
	l := &Log{options: o, folder: f, writes: map[string]int{}}
	l.syncDone = sync.NewCond(&l.mu)
	if l.unlock, err = f.lock(); err != nil {
		f.root.Close()
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err = l.resume(); err == nil {
		err = l.addEvent(logEvent{Log: opened, PID: os.Getpid()})
	}
	if err == nil {
		err = l.prune()
	}
	if err == nil {
		err = l.waitForSync()
	}
	if err == nil {
		err = file.SyncFolder(f.root)
	}
	if err != nil {
		l.release()
		return nil, file.Cause(err)
	}
	return l, nil
}

// Append writes the entry. When it returns without an error, the line outlives
// this process, and if it is of a write, a power failure too. After an error the
// entry is not in the log, or nobody can tell: what it announces must not be done.
// The next Append tries again; it succeeds once there is room, say, or the file is
// back. Only when the disk did not take what it had been given, all fail from then
// on, because what is on it can be found out by a new Open alone.
func (l *Log) Append(e Entry) error {
	if err := l.append(&e); err != nil {
		return fmt.Errorf("the audit log %q cannot be written: %w", l.folder.path, file.Cause(err))
	}
	return nil
}

func (l *Log) append(e *Entry) error {
	object, err := e.encode()
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	at := e.Time
	if at.IsZero() {
		at = l.options.Now()
	}
	if err := l.add(at, object); err != nil {
		return err
	}
	switch {
	case e.Phase == Begin:
		l.writes[e.Call]++
		return l.waitForSync()
	case l.writes[e.Call] > 0:
		if l.writes[e.Call]--; l.writes[e.Call] == 0 {
			delete(l.writes, e.Call)
		}
		return l.waitForSync()
	case l.syncTimer == nil:
		l.syncTimer = time.AfterFunc(syncDelay, func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.syncTimer = nil
			_ = l.waitForSync() // it is remembered, and the next Append fails
		})
	}
	return nil
}

// Head is the newest line. Kept elsewhere, it lets Verify find that lines are
// missing at the end.
func (l *Log) Head() Head {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.head
}

// Close notes the end of the log, and lets others write to it. It may be called
// twice.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.finished {
		return nil
	}
	err := l.addEvent(logEvent{Log: closed})
	if l.finished {
		return nil // somebody else closed it while this one waited for the disk
	}
	l.finished = true // before others get a turn: nothing comes after the last line
	if unsettled := l.waitForSync(); err == nil {
		err = unsettled
	}
	for l.syncing {
		l.syncDone.Wait()
	}
	l.release()
	if err != nil {
		return fmt.Errorf("the end of the audit log %q cannot be noted: %w", l.folder.path, file.Cause(err))
	}
	return nil
}

func (l *Log) release() {
	if l.syncTimer != nil {
		l.syncTimer.Stop()
	}
	if l.file != nil {
		l.file.Close()
	}
	l.unlock()
	l.folder.root.Close()
}

// addEvent adds a line of the log's own.
func (l *Log) addEvent(own logEvent) error {
	data, err := object(own)
	if err != nil {
		return err
	}
	return l.add(l.options.Now(), data)
}

// add makes a line of the object and writes it, to a new file if it does not fit
// into this one.
func (l *Log) add(at time.Time, object []byte) error {
	for {
		if err := l.checkFile(); err != nil {
			return err
		}
		line, head := encodeLine(l.head, at, object)
		if !l.filled || l.size+int64(len(line)) <= l.options.MaxBytes {
			l.filled = true
			return l.write(line, head)
		}
		if l.syncing { // of the file that is about to be another one
			l.syncDone.Wait()
			continue
		}
		if err := l.rotate(); err != nil {
			return err
		}
	}
}

// checkFile says whether the file is still as we left it.
func (l *Log) checkFile() error {
	switch {
	case l.finished:
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
		return errReplaced
	case info.Size() != l.size:
		return fmt.Errorf("somebody else changed it: it had %d bytes and has %d", l.size, info.Size())
	}
	return nil
}

// write writes a line behind the others, or nothing.
func (l *Log) write(line []byte, head Head) error {
	if _, err := l.file.WriteAt(line, l.size); err != nil {
		// Nobody was promised what there is of the line.
		l.dirty = l.file.Truncate(l.size) != nil
		return err
	}
	l.size += int64(len(line))
	l.head = head
	return nil
}

// waitForSync waits until all lines that there are now are on the disk. It lets others
// append meanwhile; what they wrote before the disk began is then noteSync, too.
func (l *Log) waitForSync() error {
	upTo := l.head.Sequence
	for l.synced < upTo && l.failed == nil {
		if l.syncing {
			l.syncDone.Wait()
			continue
		}
		l.syncing = true
		begun, current := l.head.Sequence, l.file
		l.mu.Unlock()
		err := current.Sync()
		l.mu.Lock()
		l.syncing = false
		l.syncDone.Broadcast()
		l.noteSync(begun, err)
	}
	if l.synced >= upTo {
		return nil
	}
	return l.failed
}

// noteSync takes addEvent of what the disk said of all lines up to a number.
func (l *Log) noteSync(upTo uint64, err error) {
	if err == nil {
		l.synced = max(l.synced, upTo)
	} else if l.failed == nil {
		l.failed = fmt.Errorf("the disk did not take it, and lines may be lost until the program is started anew: %w", file.Cause(err))
	}
}
