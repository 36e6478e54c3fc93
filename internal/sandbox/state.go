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
	file.RemoveLeftovers(filepath.Dir(s.options.State), filepath.Base(s.options.State))
	return k
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

func (k *keeper) save() error {
	s := k.sandbox
	data, err := s.MarshalJSON()
	if err != nil {
		return err
	}
	return file.Replace(s.options.State, data)
}
