package server

import (
	"bytes"
	"context"
	"crypto/rand"
	"strconv"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// largeText is the length in bytes from which a result's text is worth keeping
// away from mcp-go, which copies and scans it four times on its way out.
const largeText = 1 << 10

// texts holds the large texts of results that mcp-go is writing. It is given a
// stand-in for each; the output puts the text, quoted once and for all, in its
// place. Nobody can know a stand-in beforehand, so none can come from outside.
type texts struct {
	prefix []byte // of every stand-in, with the quote before it

	mu     sync.Mutex
	last   int
	quoted map[string][]byte // by what follows the prefix
}

func newTexts() *texts {
	return &texts{prefix: []byte(`"text-` + rand.Text() + "-"), quoted: map[string][]byte{}}
}

type textsKey struct{}

func withTexts(ctx context.Context, t *texts) context.Context {
	return context.WithValue(ctx, textsKey{}, t)
}

// standIn keeps a large text back and returns what mcp-go is to write for it.
// Outside of ServeStdio, and for small ones, that is the text itself.
func standIn(ctx context.Context, text string) string {
	t, ok := ctx.Value(textsKey{}).(*texts)
	if !ok || len(text) < largeText {
		return text
	}
	quoted, _ := jsontext.AppendQuote(make([]byte, 0, len(text)+len(text)/4), text) // the error tells of invalid UTF-8, which is replaced
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last++
	key := strconv.Itoa(t.last)
	t.quoted[key] = quoted
	return string(t.prefix[1:]) + key
}

// find returns the stand-in in a message, if there is one, by where it begins
// and ends, quotes included, and forgets the text that belongs there.
func (t *texts) find(message []byte) (from, to int, quoted []byte) {
	from = bytes.Index(message, t.prefix)
	if from < 0 {
		return 0, 0, nil
	}
	key, _, _ := bytes.Cut(message[from+len(t.prefix):], []byte{'"'})
	t.mu.Lock()
	defer t.mu.Unlock()
	quoted = t.quoted[string(key)]
	delete(t.quoted, string(key))
	return from, from + len(t.prefix) + len(key) + 1, quoted
}
