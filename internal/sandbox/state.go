package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/retool-mcp/retool-mcp/internal/file"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// saveAfter is how long changes are collected before the state is written: a
// process that is killed loses no more than that.
const saveAfter = 200 * time.Millisecond

// readState reads a state file. It returns nil if there is none.
func readState(name string) (*model.Org, error) {
	_, err := os.Stat(filepath.Dir(name)) // without a folder it could not be saved
	var data []byte
	if err == nil {
		info, failed := os.Stat(name)
		switch {
		case errors.Is(failed, fs.ErrNotExist):
			return nil, nil //nolint:nilnil // no file is not an error, and not an organization
		case failed == nil && !info.Mode().IsRegular(): // it would be replaced
			err = errors.New("it is not a regular file")
		default:
			data, err = os.ReadFile(name)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s cannot store the sandbox state: %w", name, err)
	}
	var o model.Org
	if err := json.Unmarshal(data, &o); err != nil || o.ID == "" {
		return nil, fmt.Errorf("%s is not a sandbox state file, or one of another version: delete it to start over", name)
	}
	return &o, nil
}

// stateFile writes the state soon after a change, and at the end.
type stateFile struct {
	sandbox *Sandbox
	dirty   chan struct{}
	stop    chan struct{}
	done    sync.WaitGroup
}

func newStateFile(s *Sandbox) *stateFile {
	f := &stateFile{sandbox: s, dirty: make(chan struct{}, 1), stop: make(chan struct{})}
	f.done.Go(f.saveChanges)
	file.RemoveLeftovers(filepath.Dir(s.options.State), filepath.Base(s.options.State))
	return f
}

func (f *stateFile) changed() {
	select {
	case f.dirty <- struct{}{}:
	default:
	}
}

func (f *stateFile) saveChanges() {
	for {
		select {
		case <-f.dirty:
		case <-f.stop:
			return
		}
		select {
		case <-time.After(saveAfter):
		case <-f.stop:
			return
		}
		if err := f.save(); err != nil {
			f.sandbox.options.Logger.Error("the sandbox state could not be saved", "error", err)
		}
	}
}

func (f *stateFile) close() error {
	close(f.stop)
	f.done.Wait()
	return f.save()
}

func (f *stateFile) save() error {
	data, err := f.sandbox.MarshalJSON()
	if err != nil {
		return err
	}
	return file.Replace(f.sandbox.options.State, data)
}
