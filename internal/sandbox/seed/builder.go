package seed

import (
	"math/rand/v2"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// builder makes an organization. Its indexes let later parts find the objects of
// earlier ones.
type builder struct {
	*model.Org
	sizes   Sizes
	now     model.Time
	founded model.Time
	space   bool   // has fewer objects that Sizes does not count, and few known people
	zone    string // domain of the hosts of resources
	mail    string // domain of the employees' email addresses

	random  *rand.Rand
	streams uint64

	people      []employee // by legacy id minus one
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

// employee is a user with more facts.
type employee struct {
	*model.User
	department int
	builds     bool // edits apps
}

// built is an app with more facts.
type built struct {
	*model.App
	department int
	use        use
	visited    int // its position among the visited apps, from 1; 0 for none
}

// use is how an app is used.
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

// nextStream starts the random numbers of the next part.
func (b *builder) nextStream() {
	b.streams++
	b.random = rand.New(rand.NewPCG(b.Seed, 1<<63|b.streams)) //nolint:gosec // made-up data, not secrets
}

// chance returns true in a percentage of cases.
func (b *builder) chance(percent int) bool { return b.random.IntN(100) < percent }

// pick returns a random item.
func pick[T any](b *builder, items []T) T { return items[b.random.IntN(len(items))] }

// between returns a random time between two.
func (b *builder) between(first, last model.Time) model.Time {
	if last <= first {
		return first
	}
	return first + model.Time(b.random.Int64N(int64(last-first)))
}

// spread returns the time of the i-th of n objects that are created over the years.
func (b *builder) spread(i, n int) model.Time {
	slot := (b.now - b.founded) / model.Time(n)
	return b.founded + slot*model.Time(i) + model.Time(b.random.Int64N(int64(slot)))
}

// since returns a random time after the first, more likely soon than late.
func (b *builder) since(first model.Time) model.Time {
	return b.between(first, b.between(first, b.now))
}

// ago returns a random time in the day that ended a number of days ago.
func (b *builder) ago(days int) model.Time {
	at := b.now.Add(-time.Duration(days) * day)
	return b.between(at.Add(-day), at)
}

const day = 24 * time.Hour

const secretAlphabet = "abcdefghijkmnopqrstuvwxyz23456789"

// secret returns a text that looks like a password or key.
func (b *builder) secret(prefix string, length int) string {
	text := make([]byte, length)
	for i := range text {
		text[i] = secretAlphabet[b.random.IntN(len(secretAlphabet))]
	}
	return prefix + string(text)
}

// object returns members as JSON.
func object(members map[string]any) jsontext.Value {
	text, err := json.Marshal(members, json.Deterministic(true))
	if err != nil {
		panic(err) // such members can always be written
	}
	return text
}

// optional returns nil for "".
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
