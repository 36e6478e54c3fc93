package state

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/go-json-experiment/json"
)

// kept is how long an id is remembered: much longer than a plan can be applied.
const kept = time.Hour

// used are the ids of plans that were applied, and when those were made, in seconds
// since 1970.
type used map[string]int64

func (f *Folder) used() (used, error) {
	text, err := f.read(usedFile)
	if errors.Is(err, fs.ErrNotExist) {
		return used{}, nil
	}
	if err != nil {
		return nil, err
	}
	ids := used{}
	if err := json.Unmarshal(text, &ids); err != nil {
		return nil, fmt.Errorf("%q is damaged, and says no longer which plans were applied: delete it in ten minutes, when those made so far are void", f.path(usedFile))
	}
	return ids, nil
}

// forgotten tells whether a plan is so old that its id is not kept.
func (f *Folder) forgotten(made int64) bool { return made < f.now().Add(-kept).Unix() }

// Seen tells whether a plan, made at a time, was applied, or is too old to know.
func (f *Folder) Seen(id string, made time.Time) (bool, error) {
	ids, err := f.used()
	_, seen := ids[id]
	return seen || f.forgotten(made.Unix()), err
}

// Use remembers that a plan is applied, and reports false if it was before or is too
// old to know.
func (f *Folder) Use(id string, made time.Time) (first bool, err error) {
	err = f.locked(func() error {
		ids, err := f.used()
		if _, seen := ids[id]; err != nil || seen || f.forgotten(made.Unix()) {
			return err
		}
		for other, made := range ids {
			if f.forgotten(made) {
				delete(ids, other)
			}
		}
		ids[id] = made.Unix()
		text, err := json.Marshal(ids, json.Deterministic(true))
		if err != nil {
			return err
		}
		if err := f.write(usedFile, text); err != nil {
			return err
		}
		first = true
		return nil
	})
	return first, err
}
