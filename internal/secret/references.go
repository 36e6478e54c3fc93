// Package secret keeps secrets out of conversations, in both directions: the
// arguments of a call may name a secret that the operator holds, and an answer
// that shows a secret once may be kept in a file instead of being shown.
//
// It knows the environment and files. It must not know tools, MCP, HTTP or
// Retool: texts and values come in, texts and files come out. No error of it
// ever holds a value.
package secret

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// The kinds of references.
const (
	KindEnv  = "env"  // ${env:NAME}, a variable of the environment
	KindFile = "file" // ${file:PATH}, what is in a file
)

const (
	// maxValue is the size of the largest value. Keys and certificates fit well;
	// what is larger is data, and named by mistake.
	maxValue = 64 << 10
	// maxInserted bounds what the values in one text come to, because a short text
	// can name a large file many times.
	maxInserted = 1 << 20
	// maxListed and maxShown bound what an error repeats.
	maxListed = 20
	maxShown  = 200
)

// Reference is a place in a text that names a secret.
type Reference struct {
	Kind string // KindEnv or KindFile
	Name string // the variable or the path; nobody has checked it yet
	Text string // as it stands, such as ${env:NAME}
}

// syntax finds escapes, which have no groups, and references. An escape is only
// the beginning of what it escapes, so that any text at all can be written:
// doubling the dollar before each {env: and {file: is enough.
var syntax = regexp.MustCompile(`\$\$\{(?:env|file):|\$\{(env|file):([^}]*)\}`)

// variable is what a variable's name looks like. The operating system would
// take more, but what else is listed is a mistake, such as NAME=value or NAME_*.
var variable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// References are the secrets that arguments may name. Values are read when they
// are asked for, so that a secret may change while the program runs. It is safe
// for concurrent use; nil allows nothing.
type References struct {
	// SettingNames are the names of settings in errors.
	SettingNames SettingNames

	env   []string
	files []allowance
}

// SettingNames are what users call the settings that errors mention. Empty ones
// are described in words.
type SettingNames struct {
	Env, Files string
}

func (r *References) names() SettingNames {
	n := SettingNames{Env: "the allowed variables", Files: "the allowed files"}
	if r != nil {
		n = SettingNames{Env: cmp.Or(r.SettingNames.Env, n.Env), Files: cmp.Or(r.SettingNames.Files, n.Files)}
	}
	return n
}

// NewReferences allows variables by their exact names, and files by their
// absolute paths: a path with a separator at its end is a directory, and allows
// all files in it and below it. An error names the entry that is wrong.
func NewReferences(env, files []string) (*References, error) {
	r := &References{}
	for _, name := range env {
		if !variable.MatchString(name) {
			return nil, fmt.Errorf("%q is no name of a variable: letters, digits and _ make one, and it stands for itself alone", name)
		}
		r.env = append(r.env, name)
	}
	for _, path := range files {
		a, err := allow(path)
		if err != nil {
			return nil, err
		}
		r.files = append(r.files, a)
	}
	return r, nil
}

// Find returns the references in text, in order. An escaped one, $${env:NAME},
// is none.
func Find(text string) []Reference {
	var found []Reference
	for _, at := range syntax.FindAllStringSubmatchIndex(text, -1) {
		if ref, ok := reference(text, at); ok {
			found = append(found, ref)
		}
	}
	return found
}

// reference is what syntax matched at these places, unless it is an escape.
func reference(text string, at []int) (ref Reference, ok bool) {
	if at[2] < 0 {
		return Reference{}, false
	}
	return Reference{Kind: text[at[2]:at[3]], Name: text[at[4]:at[5]], Text: text[at[0]:at[1]]}, true
}

// Expand replaces every reference in text by its value, and $${env: and $${file:
// by the same with one dollar. What a value holds is not expanded again. It also
// returns the values, each once, for the caller to keep them out of results.
//
// The error is for whoever wrote the text. It says which reference failed and
// why; then nothing is expanded.
func (r *References) Expand(s string) (expanded string, values []string, err error) {
	var out strings.Builder
	known := map[Reference]string{}
	rest, inserted := 0, 0
	for _, at := range syntax.FindAllStringSubmatchIndex(s, -1) {
		out.WriteString(s[rest:at[0]])
		rest = at[1]
		ref, ok := reference(s, at)
		if !ok {
			out.WriteString(s[at[0]+1 : at[1]])
			continue
		}
		value, read := known[ref]
		if !read {
			if value, err = r.value(ref); err != nil {
				return "", nil, fmt.Errorf("%#q: %w", text.Clip(ref.Text, maxShown), err)
			}
			known[ref] = value
			if !slices.Contains(values, value) {
				values = append(values, value)
			}
		}
		if inserted += len(value); inserted > maxInserted {
			return "", nil, fmt.Errorf("%#q: the values in this text come to more than %d KiB; use fewer references", text.Clip(ref.Text, maxShown), maxInserted>>10)
		}
		out.WriteString(value)
	}
	out.WriteString(s[rest:])
	return out.String(), values, nil
}

// value reads what ref names, if that is allowed and can be sent as text.
func (r *References) value(ref Reference) (string, error) {
	if r == nil || len(r.env)+len(r.files) == 0 {
		return "", fmt.Errorf("the operator allows no references to secrets, and would have to set %s or %s%s", r.names().Env, r.names().Files, asItStands)
	}
	what, lookUp := "the variable", r.variable
	if ref.Kind == KindFile {
		what, lookUp = "the file", r.file
	}
	value, err := lookUp(ref.Name)
	switch {
	case err != nil:
		return "", err
	case value == "":
		return "", fmt.Errorf("%s is empty, and an empty secret is a mistake", what)
	case len(value) > maxValue:
		return "", fmt.Errorf("%s is larger than %d KiB, which no secret is", what, maxValue>>10)
	case !utf8.ValidString(value):
		return "", fmt.Errorf("%s is not text in UTF-8", what)
	case strings.Contains(value, "\x00"):
		return "", fmt.Errorf("%s holds a NUL byte, so it is no text", what)
	}
	return value, nil
}

func (r *References) variable(name string) (string, error) {
	if !slices.Contains(r.env, name) {
		return "", unlisted("variable", r.names().Env, r.env)
	}
	value, ok := os.LookupEnv(name)
	if !ok {
		return "", errors.New("the operator allows this variable and has not set it")
	}
	return value, nil
}

func (r *References) file(name string) (string, error) {
	if strings.Contains(name, "\x00") {
		return "", errors.New("no file has a name with a NUL byte in it")
	}
	// The name alone decides first, and cleaning takes .. out of it: whoever asks
	// for what is not listed does not learn whether it exists.
	clean := filepath.Clean(name)
	if !slices.ContainsFunc(r.files, func(a allowance) bool { return a.names(clean) }) {
		var listed []string
		for _, a := range r.files {
			listed = append(listed, a.listed)
		}
		return "", unlisted("file", r.names().Files, listed)
	}
	return read(r.files, clean)
}

// asItStands ends errors about what was perhaps not meant as a reference.
const asItStands = "; to send the text itself, write $$ instead of its $"

func unlisted(what, setting string, listed []string) error {
	if len(listed) == 0 {
		return fmt.Errorf("the operator allows no %s, and would have to set %s%s", what, setting, asItStands)
	}
	more := ""
	if len(listed) > maxListed {
		more = fmt.Sprintf(" and %d more", len(listed)-maxListed)
		listed = listed[:maxListed]
	}
	return fmt.Errorf("the operator does not allow this %s in %s, only %s%s%s", what, setting, strings.Join(listed, ", "), more, asItStands)
}
