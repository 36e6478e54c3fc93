package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// saveAfter is how long changes are gathered before the state is written: a
// process that is killed loses no more than that.
const saveAfter = 200 * time.Millisecond

// readState reads a state file, nil where there is none yet.
func readState(name string) (*model.Org, error) {
	if _, err := os.Stat(filepath.Dir(name)); err != nil { // it could not be saved there
		return nil, fmt.Errorf("%s cannot keep the state of the sandbox: %w", name, err)
	}
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // no file is no fault, and no organization
	}
	if err != nil {
		return nil, fmt.Errorf("%s cannot keep the state of the sandbox: %w", name, err)
	}
	var o model.Org
	if err := json.Unmarshal(data, &o); err != nil || o.ID == "" {
		return nil, fmt.Errorf("%s is no state of a sandbox, or one of another version: delete it to begin anew", name)
	}
	return &o, nil
}

// keeper writes the state soon after a change, and at the end.
type keeper struct {
	sandbox *Sandbox
	dirty   chan struct{}
	stop    chan struct{}
	done    sync.WaitGroup
}

func newKeeper(s *Sandbox) *keeper {
	k := &keeper{sandbox: s, dirty: make(chan struct{}, 1), stop: make(chan struct{})}
	k.done.Go(k.run)
	k.tidy()
	return k
}

// abandoned is the age at which a file that is being written is of a process that
// was killed.
const abandoned = time.Hour

// unfinished is what the state is called while it is written: a name to add to.
func (k *keeper) unfinished() string { return "." + filepath.Base(k.sandbox.options.State) + "." }

// tidy removes what killed processes left.
func (k *keeper) tidy() {
	folder := filepath.Dir(k.sandbox.options.State)
	entries, err := os.ReadDir(folder)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), k.unfinished()) {
			continue
		}
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > abandoned {
			_ = os.Remove(filepath.Join(folder, e.Name()))
		}
	}
}

func (k *keeper) changed() {
	select {
	case k.dirty <- struct{}{}:
	default:
	}
}

func (k *keeper) run() {
	for {
		select {
		case <-k.dirty:
		case <-k.stop:
			return
		}
		select {
		case <-time.After(saveAfter):
		case <-k.stop:
			return
		}
		if err := k.save(); err != nil {
			k.sandbox.options.Logger.Error("the sandbox's state could not be saved", "error", err)
		}
	}
}

func (k *keeper) close() error {
	close(k.stop)
	k.done.Wait()
	return k.save()
}

// save replaces the file by a whole new one: a reader sees the old state or the
// new one, whenever the process ends.
func (k *keeper) save() (err error) {
	s := k.sandbox
	data, err := s.MarshalJSON()
	if err != nil {
		return err
	}
	name := s.options.State
	file, err := os.CreateTemp(filepath.Dir(name), k.unfinished()+"*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name())
		}
	}()
	_, err = file.Write(data)
	err = errors.Join(err, file.Sync(), file.Close())
	if err != nil {
		return err
	}
	return os.Rename(file.Name(), name)
}
