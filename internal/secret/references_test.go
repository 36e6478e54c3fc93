package secret_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/secret"
)

// canary is part of every value that a call must not get to see. No error may
// hold it.
const canary = "CANARY"

// noMatter is the end of errors about what was perhaps not meant.
const noMatter = "; to send the text literally, write $$ for its $"

func TestFind(t *testing.T) {
	env := func(name string) secret.Reference {
		return secret.Reference{Kind: "env", Name: name, Text: "${env:" + name + "}"}
	}
	file := func(name string) secret.Reference {
		return secret.Reference{Kind: "file", Name: name, Text: "${file:" + name + "}"}
	}
	for name, test := range map[string]struct {
		text string
		want []secret.Reference
	}{
		"nothing":                          {"", nil},
		"plain text":                       {"a $ and {braces}", nil},
		"one, with text around it":         {"Bearer ${env:X}.", []secret.Reference{env("X")}},
		"several, in order":                {"${file:/b}${env:A}-${env:A}", []secret.Reference{file("/b"), env("A"), env("A")}},
		"a name that nothing can have":     {"${env:A B\n}", []secret.Reference{env("A B\n")}},
		"no name":                          {"${env:}${file:}", []secret.Reference{env(""), file("")}},
		"Retool's own braces":              {"{{ env.X }} ${foo} ${environment:X} ${ENV:X} ${env.X} $env:X {env:X}", nil},
		"an end that never comes":          {"${env:X", nil},
		"escaped":                          {"$${env:X} $${file:/x}", nil},
		"escaped behind another dollar":    {"$$${env:X}", nil},
		"escaped around one that is not":   {"$${env:${env:X}}", []secret.Reference{env("X")}},
		"escaped in front of one":          {"$${env:X}${env:Y}", []secret.Reference{env("Y")}},
		"one in the name of another":       {"${env:${env:X}}", []secret.Reference{env("${env:X")}},
		"bytes that are no text around it": {"\xff${env:X}\xff", []secret.Reference{env("X")}},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.want, secret.Find(test.text)) })
	}
}

func TestExpandVariables(t *testing.T) {
	for name, value := range map[string]string{
		"DB_PASSWORD": canary + "-1", "_key2": canary + "-2", "SAME": canary + "-1", "lower": "ünï\n" + canary,
		"NESTED": "${env:DB_PASSWORD} $${env:X}",
	} {
		t.Setenv(name, value)
	}
	r, err := secret.NewReferences([]string{"DB_PASSWORD", "_key2", "SAME", "lower", "NESTED"}, nil)
	require.NoError(t, err)
	for name, test := range map[string]struct {
		text, want string
		values     []string
	}{
		"no text":                       {"", "", nil},
		"no reference":                  {"a $$ {{ b }} ${c}", "a $$ {{ b }} ${c}", nil},
		"the whole text":                {"${env:DB_PASSWORD}", "CANARY-1", []string{"CANARY-1"}},
		"part of a text":                {"Bearer ${env:_key2}!", "Bearer CANARY-2!", []string{"CANARY-2"}},
		"two, in order":                 {"${env:_key2}:${env:DB_PASSWORD}", "CANARY-2:CANARY-1", []string{"CANARY-2", "CANARY-1"}},
		"twice, and one of equal value": {"${env:SAME}${env:SAME}${env:DB_PASSWORD}", "CANARY-1CANARY-1CANARY-1", []string{"CANARY-1"}},
		"lines and letters of any kind": {"${env:lower}", "ünï\nCANARY", []string{"ünï\nCANARY"}},
		"a value is not expanded":       {"${env:NESTED}", "${env:DB_PASSWORD} $${env:X}", []string{"${env:DB_PASSWORD} $${env:X}"}},
		"escapes":                       {"$${env:DB_PASSWORD} $${file:/etc/passwd}", "${env:DB_PASSWORD} ${file:/etc/passwd}", nil},
		"an escape of an escape":        {"$$${env:X}", "$${env:X}", nil},
		"an escape beside a reference":  {"$${env:SAME}=${env:SAME}", "${env:SAME}=CANARY-1", []string{"CANARY-1"}},
	} {
		t.Run(name, func(t *testing.T) {
			expanded, values, err := r.Expand(test.text)
			require.NoError(t, err)
			require.Equal(t, test.want, expanded)
			require.Equal(t, test.values, values)
		})
	}
}

// A value may change while the program runs; references are made once.
func TestVariablesAreReadWhenAskedFor(t *testing.T) {
	t.Setenv("ROTATES", "old")
	r, err := secret.NewReferences([]string{"ROTATES"}, nil)
	require.NoError(t, err)
	t.Setenv("ROTATES", "new")
	expanded, _, err := r.Expand("${env:ROTATES}")
	require.NoError(t, err)
	require.Equal(t, "new", expanded)
}

func TestExpandVariablesFails(t *testing.T) {
	for name, value := range map[string]string{
		"GOOD": canary, "HIDDEN": canary, "EMPTY": "", "BINARY": canary + "\xff", "HUGE": strings.Repeat(canary, 11<<10),
	} {
		t.Setenv(name, value)
	}
	const listed = "GOOD, EMPTY, BINARY, HUGE, NEVER_SET_BY_ANYBODY"
	r, err := secret.NewReferences(strings.Split(listed, ", "), nil)
	require.NoError(t, err)
	unlisted := ": the operator does not allow this variable in the allowed variables, only " + listed + noMatter
	for name, test := range map[string]struct{ text, want string }{
		"not listed":              {"${env:HIDDEN}", "`${env:HIDDEN}`" + unlisted},
		"not listed, with spaces": {"${env: GOOD}", "`${env: GOOD}`" + unlisted},
		"in other letters":        {"${env:good}", "`${env:good}`" + unlisted},
		"no name":                 {"${env:}", "`${env:}`" + unlisted},
		"a line as name":          {"${env:A\n`B`}", "\"${env:A\\n`B`}\"" + unlisted},
		"a NUL byte in the name":  {"${env:GOOD\x00}", `"${env:GOOD\x00}"` + unlisted},
		"a long name":             {"${env:" + strings.Repeat("é", 4000) + "}", "`${env:" + strings.Repeat("é", 97) + "…`" + unlisted},
		"the second of two":       {"${env:GOOD} ${env:HIDDEN}", "`${env:HIDDEN}`" + unlisted},
		"nested":                  {"${env:${env:GOOD}}", "`${env:${env:GOOD}`" + unlisted},
		"not set":                 {"${env:NEVER_SET_BY_ANYBODY}", "`${env:NEVER_SET_BY_ANYBODY}`: the operator allows this variable but has not set it"},
		"empty":                   {"${env:EMPTY}", "`${env:EMPTY}`: the variable is empty"},
		"not UTF-8":               {"${env:BINARY}", "`${env:BINARY}`: the variable is not valid UTF-8"},
		"too large":               {"${env:HUGE}", "`${env:HUGE}`: the variable is larger than 64 KiB, the maximum"},
		"a file, and none is allowed": {
			"${file:/etc/passwd}",
			"`${file:/etc/passwd}`: the operator allows no file (see the allowed files)" + noMatter,
		},
	} {
		t.Run(name, func(t *testing.T) {
			expanded, values, err := r.Expand(test.text)
			require.EqualError(t, err, test.want)
			require.NotContains(t, err.Error(), canary)
			require.Empty(t, expanded)
			require.Empty(t, values)
		})
	}
}

func TestNothingIsAllowed(t *testing.T) {
	empty, err := secret.NewReferences(nil, []string{})
	require.NoError(t, err)
	t.Setenv("HIDDEN", canary)
	for name, r := range map[string]*secret.References{"nil": nil, "zero": {}, "empty lists": empty} {
		for _, text := range []string{"${env:HIDDEN}", "${file:/etc/passwd}"} {
			t.Run(name+" "+text, func(t *testing.T) {
				_, _, err := r.Expand("a " + text)
				require.EqualError(t, err, "`"+text+"`: the operator allows no references to secrets (see "+
					"the allowed variables and the allowed files)"+noMatter)
			})
		}
		t.Run(name+" and none is asked for", func(t *testing.T) {
			expanded, values, err := r.Expand("${a} $${env:B}")
			require.NoError(t, err)
			require.Equal(t, "${a} ${env:B}", expanded)
			require.Empty(t, values)
		})
	}
}

// The error helps an agent that mistyped a name. It is no list of an estate.
func TestAnErrorListsOnlySoMany(t *testing.T) {
	var many []string
	for i := range 25 {
		many = append(many, fmt.Sprintf("V%d", i))
	}
	r, err := secret.NewReferences(many, nil)
	require.NoError(t, err)
	_, _, err = r.Expand("${env:X}")
	require.ErrorContains(t, err, "only V0, V1, ")
	require.ErrorContains(t, err, ", V19 and 5 more;")
}

// A short text must not become gigabytes.
func TestValuesOfOneTextAreBounded(t *testing.T) {
	t.Setenv("LARGE", strings.Repeat("x", 64<<10))
	r, err := secret.NewReferences([]string{"LARGE"}, nil)
	require.NoError(t, err)
	expanded, values, err := r.Expand(strings.Repeat("${env:LARGE}", 16))
	require.NoError(t, err)
	require.Len(t, expanded, 1<<20)
	require.Len(t, values, 1)
	_, _, err = r.Expand(strings.Repeat("${env:LARGE}", 17))
	require.EqualError(t, err, "`${env:LARGE}`: the values in this text exceed 1024 KiB; use fewer references")
}

func TestNewReferencesRefusesVariables(t *testing.T) {
	for name, entry := range map[string]string{
		"empty": "", "a glob": "DB_*", "everything": "*", "with its value": "DB=x", "spaces": " DB", "a digit first": "1DB",
		"a hyphen": "DB-PASSWORD", "a dot": "db.password", "a line": "DB\n", "NUL": "DB\x00", "a reference": "${env:DB}", "a letter beyond ASCII": "DÉ",
	} {
		t.Run(name, func(t *testing.T) {
			r, err := secret.NewReferences([]string{"GOOD", entry}, nil)
			require.EqualError(t, err, fmt.Sprintf("%q is not a variable name: only letters, digits and _ are allowed, without patterns or values", entry))
			require.Nil(t, r)
		})
	}
}
