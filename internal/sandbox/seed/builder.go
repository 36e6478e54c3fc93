package seed

import (
	"math/rand/v2"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// builder is an organization in the making, with indexes into it by which parts
// that come later find what earlier ones made.
type builder struct {
	*model.Org
	sizes   Sizes
	now     model.Time
	founded model.Time
	space   bool   // has less of what Sizes does not count, and no well-known people
	zone    string // domain of the hosts that resources are at
	mail    string // domain of the employees' e-mails

	random  *rand.Rand
	streams uint64

	people      []employee // by legacy id, less one
	groupNamed  map[string]*model.Group
	folderNamed map[string]string // ids by type and path, "app/Finance/Close"
	appFolders  [][]string        // ids by department
	appList     []*built
	stages      []*model.Environment

	resourceNamed map[string]string // ids by name
	used          []string          // ids of resources that apps may use
	triggers      []trigger
	pinned        map[string]string // releases of workflows in production, by id
}

// employee is a user and what is known of them besides.
type employee struct {
	*model.User
	department int
	builds     bool // edits apps
}

// built is an app and what is known of it besides.
type built struct {
	*model.App
	department int
	use        use
	visited    int // its place among the visited apps, counted from 1; 0 for not yet
}

// use tells how an app is used.
type use string

const (
	live    use = ""
	dormant use = "dormant" // not opened for months
	unused  use = "unused"  // never opened
)

func newBuilder(seed uint64, founded, now model.Time, sizes Sizes) *builder {
	return &builder{
		Org: model.New(seed, founded), sizes: sizes, now: now, founded: founded,
		groupNamed: map[string]*model.Group{}, folderNamed: map[string]string{},
		resourceNamed: map[string]string{}, pinned: map[string]string{},
	}
}

// nextStream begins the random numbers of the next part.
func (b *builder) nextStream() {
	b.streams++
	b.random = rand.New(rand.NewPCG(b.Seed, 1<<63|b.streams)) //nolint:gosec // data made up, not secrets
}

// chance is true in so many of a hundred cases.
func (b *builder) chance(percent int) bool { return b.random.IntN(100) < percent }

// pick is any one of the items.
func pick[T any](b *builder, items []T) T { return items[b.random.IntN(len(items))] }

// between is any moment from the first to the last.
func (b *builder) between(first, last model.Time) model.Time {
	if last <= first {
		return first
	}
	return first + model.Time(b.random.Int64N(int64(last-first)))
}

// spread is the moment of the i-th of n things that came one after the other
// over the years.
func (b *builder) spread(i, n int) model.Time {
	slot := (b.now - b.founded) / model.Time(n)
	return b.founded + slot*model.Time(i) + model.Time(b.random.Int64N(int64(slot)))
}

// since is a moment after the first, rather soon after it than long.
func (b *builder) since(first model.Time) model.Time {
	return b.between(first, b.between(first, b.now))
}

// ago is a moment of the day that ended so many days before now.
func (b *builder) ago(days int) model.Time {
	at := b.now.Add(-time.Duration(days) * day)
	return b.between(at.Add(-day), at)
}

const day = 24 * time.Hour

const secretAlphabet = "abcdefghijkmnopqrstuvwxyz23456789"

// secret is something that looks like a password or key.
func (b *builder) secret(prefix string, length int) string {
	text := make([]byte, length)
	for i := range text {
		text[i] = secretAlphabet[b.random.IntN(len(secretAlphabet))]
	}
	return prefix + string(text)
}

// object is JSON that is stored as it is.
func object(members map[string]any) jsontext.Value {
	text, err := json.Marshal(members, json.Deterministic(true))
	if err != nil {
		panic(err) // texts, numbers and objects of them can be written
	}
	return text
}

// optional is nil for "".
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
