package schemas_test

import (
	"fmt"
	"hash/maphash"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
)

// text is one text of a document and its place.
type text struct {
	file, at string
	line     int
	value    string
}

func (t text) place() string { return fmt.Sprintf("%s, line %d, %s", t.file, t.line, t.at) }

func parse(t *testing.T, data []byte) *yaml.Node {
	t.Helper()
	var doc yaml.Node
	require.NoError(t, yaml.Unmarshal(data, &doc))
	require.Len(t, doc.Content, 1)
	return doc.Content[0]
}

// eachText calls see with every text below a node, and with the name of the
// member that it is the value of.
func eachText(file, at string, n *yaml.Node, see func(name string, t text)) {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			name, value := n.Content[i].Value, n.Content[i+1]
			if value.Kind == yaml.ScalarNode {
				see(name, text{file, at + "/" + name, value.Line, value.Value})
				continue
			}
			eachText(file, at+"/"+strings.ReplaceAll(name, "/", "~1"), value, see)
		}
	case yaml.SequenceNode:
		for i, item := range n.Content {
			if item.Kind == yaml.ScalarNode {
				see("", text{file, at + "/" + strconv.Itoa(i), item.Line, item.Value})
				continue
			}
			eachText(file, at+"/"+strconv.Itoa(i), item, see)
		}
	}
}

// sentences are the texts of a document that people and agents read. JSON is
// YAML, so this serves both.
func sentences(t *testing.T, file string, data []byte) (out []text) {
	t.Helper()
	eachText(file, "", parse(t, data), func(name string, s text) {
		if slices.Contains([]string{"summary", "description", "title", "x-trap", "x-undo"}, name) {
			out = append(out, s)
		}
	})
	return out
}

// runLength is how many words in a row may not be the same.
const runLength = 8

var word = regexp.MustCompile(`[\p{L}\p{N}]+`)

func wordsOf(s string) []string { return word.FindAllString(strings.ToLower(s), -1) }

// runs is an index of all runs of words in some texts.
type runs struct {
	seed  maphash.Seed
	texts []text
	words [][]string
	at    map[uint64][2]int // the text and the word that a run begins with
}

func indexOf(texts []text) *runs {
	r := &runs{seed: maphash.MakeSeed(), texts: texts, at: map[uint64][2]int{}}
	for i, s := range texts {
		words := wordsOf(s.value)
		r.words = append(r.words, words)
		for j := 0; j+runLength <= len(words); j++ {
			r.at[r.hash(words[j:])] = [2]int{i, j}
		}
	}
	return r
}

func (r *runs) hash(words []string) uint64 {
	return maphash.String(r.seed, strings.Join(words[:runLength], " "))
}

// in returns what s shares with the texts: each run whole, with both places.
func (r *runs) in(s text) (found []string) {
	words := wordsOf(s.value)
	for i := 0; i+runLength <= len(words); i++ {
		at, ok := r.at[r.hash(words[i:])]
		if !ok {
			continue
		}
		other, n := r.words[at[0]][at[1]:], 0
		for i+n < len(words) && n < len(other) && words[i+n] == other[n] {
			n++
		}
		if n < runLength { // the same hash by chance
			continue
		}
		found = append(found, fmt.Sprintf("%q\n  in %s\n  and %s", strings.Join(words[i:i+n], " "), s.place(), r.texts[at[0]].place()))
		i += n - 1
	}
	return found
}

// TestSentencesAreOurOwn holds our description to its own words: facts of
// Retool's documents may be used, sentences may not.
func TestSentencesAreOurOwn(t *testing.T) {
	var theirs []text
	for _, name := range referencedata.Documents {
		theirs = append(theirs, sentences(t, name, referencedata.Read(t, name))...)
	}
	require.Greater(t, len(theirs), 1000)
	index := indexOf(theirs)
	ours := sentences(t, ourFile, ourText(t))
	require.Greater(t, len(ours), 400)
	for _, s := range ours {
		for _, run := range index.in(s) {
			t.Errorf("eight or more words of theirs: %s", run)
		}
	}
}

func TestRunsOfWordsAreFound(t *testing.T) {
	theirs := sentences(t, "theirs.json", []byte(`{"paths": {"/a": {"get": {"description": "One two, three four. Five `+"`six`"+` seven eight nine ten."}}},
		"properties": {"title": {"description": "short"}}}`))
	require.Len(t, theirs, 2)
	index := indexOf(theirs)
	for ours, want := range map[string]string{
		"Zero ONE two-three four five six seven eight eleven": "one two three four five six seven eight",
		"two three four five six seven eight nine ten":        "two three four five six seven eight nine ten",
		"one two three four five six seven":                   "",
		"one two three four five six seven and eight":         "",
	} {
		found := index.in(text{"ours.yaml", "/x", 7, ours})
		if want == "" {
			require.Empty(t, found, ours)
			continue
		}
		require.Equal(t, []string{fmt.Sprintf("%q\n  in ours.yaml, line 7, /x\n  and theirs.json, line 1, /paths/~1a/get/description", want)}, found)
	}
}
