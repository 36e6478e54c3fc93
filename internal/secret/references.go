// Package secret keeps secrets out of conversations in both directions:
// [References] are secrets that the arguments of a call may name instead of
// holding them, and a [Sink] saves one-time secrets to files instead of showing
// them.
//
// It knows the environment and files. It must not know tools, MCP, HTTP or
// Retool. None of its errors holds a value.
package secret

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

const (
	// maxValue is the size of the largest value. Keys and certificates fit; larger
	// files are data, named by mistake.
	maxValue = 64 << 10
	// maxInserted bounds the values in one text: a short text can name a large file
	// many times.
	maxInserted = 1 << 20
	// maxListed and maxShown bound what an error repeats.
	maxListed = 20
	maxShown  = 200
)

// syntax finds escapes, which have no groups, and references. An escape is only
// the beginning of what it escapes, so any text can be written: doubling the dollar
// before each {env: and {file: is enough.
var syntax = text.Pattern(`\$\$\{(?:env|file):|\$\{(env|file):([^}]*)\}`)

// variable matches the name of a variable. The system allows more, but anything
// else in the list is a mistake, such as NAME=value or NAME_*.
var variable = text.Pattern(`^[A-Za-z_][A-Za-z0-9_]*$`)

// References are the secrets that arguments may name. Values are read on use, so a
// secret may change while the program runs. It is safe for concurrent use; nil
// allows nothing.
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
		if !variable().MatchString(name) {
			return nil, fmt.Errorf("%q is not a variable name: only letters, digits and _ are allowed, without patterns or values", name)
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

// reference is a part of a text that names a secret.
type reference struct {
	kind string // env, a variable of the environment, or file, what is in a file
	name string // unchecked
}

func (r reference) String() string { return "${" + r.kind + ":" + r.name + "}" }

// referenceAt is what syntax matched at these places, unless it is an escape.
func referenceAt(s string, at []int) (ref reference, ok bool) {
	if at[2] < 0 {
		return reference{}, false
	}
	return reference{kind: s[at[2]:at[3]], name: s[at[4]:at[5]]}, true
}

// Expand replaces every reference in a text by its value, and $${env: and $${file:
// by the same with one dollar. Values are not expanded again. It also returns the
// values, each once, for the caller to redact them in results.
//
// An error says which reference failed and why; then nothing is expanded.
func (r *References) Expand(s string) (expanded string, values []string, err error) {
	var out strings.Builder
	known := map[reference]string{}
	rest, inserted := 0, 0
	for _, at := range syntax().FindAllStringSubmatchIndex(s, -1) {
		out.WriteString(s[rest:at[0]])
		rest = at[1]
		ref, ok := referenceAt(s, at)
		if !ok {
			out.WriteString(s[at[0]+1 : at[1]])
			continue
		}
		value, read := known[ref]
		if !read {
			if value, err = r.value(ref); err != nil {
				return "", nil, fmt.Errorf("%#q: %w", text.Clip(ref.String(), maxShown), err)
			}
			known[ref] = value
			if !slices.Contains(values, value) {
				values = append(values, value)
			}
		}
		if inserted += len(value); inserted > maxInserted {
			return "", nil, fmt.Errorf("%#q: the values in this text exceed %d KiB; use fewer references", text.Clip(ref.String(), maxShown), maxInserted>>10)
		}
		out.WriteString(value)
	}
	out.WriteString(s[rest:])
	return out.String(), values, nil
}

// value reads what a reference names, if it is allowed and can be sent as text.
func (r *References) value(ref reference) (string, error) {
	if r == nil || len(r.env)+len(r.files) == 0 {
		return "", fmt.Errorf("the operator allows no references to secrets (see %s and %s)%s", r.names().Env, r.names().Files, literally)
	}
	what, lookUp := "the variable", r.variable
	if ref.kind == "file" {
		what, lookUp = "the file", r.file
	}
	value, err := lookUp(ref.name)
	switch {
	case err != nil:
		return "", err
	case value == "":
		return "", fmt.Errorf("%s is empty", what)
	case len(value) > maxValue:
		return "", fmt.Errorf("%s is larger than %d KiB, the maximum", what, maxValue>>10)
	case !utf8.ValidString(value):
		return "", fmt.Errorf("%s is not valid UTF-8", what)
	case strings.Contains(value, "\x00"):
		return "", fmt.Errorf("%s contains a NUL byte", what)
	}
	return value, nil
}

func (r *References) variable(name string) (string, error) {
	if !slices.Contains(r.env, name) {
		return "", unlisted("variable", r.names().Env, r.env)
	}
	value, ok := os.LookupEnv(name)
	if !ok {
		return "", errors.New("the operator allows this variable but has not set it")
	}
	return value, nil
}

func (r *References) file(name string) (string, error) {
	if strings.Contains(name, "\x00") {
		return "", errors.New("a file name cannot contain a NUL byte")
	}
	// The cleaned name alone decides first: asking for a file that is not listed
	// must not tell whether it exists.
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

// literally ends errors about text that may not be meant as a reference.
const literally = "; to send the text literally, write $$ for its $"

func unlisted(what, setting string, listed []string) error {
	if len(listed) == 0 {
		return fmt.Errorf("the operator allows no %s (see %s)%s", what, setting, literally)
	}
	more := ""
	if len(listed) > maxListed {
		more = fmt.Sprintf(" and %d more", len(listed)-maxListed)
		listed = listed[:maxListed]
	}
	return fmt.Errorf("the operator does not allow this %s in %s, only %s%s%s", what, setting, strings.Join(listed, ", "), more, literally)
}
