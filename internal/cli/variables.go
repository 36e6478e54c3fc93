package cli

import (
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// variable is one that is set.
type variable struct{ name, value string }

// variables returns those of the names that are set. A variable that is empty or
// blank counts as not set, and so does a placeholder: clients that pass variables
// on leave it there if the user did not set one.
func variables(names ...string) (set []variable) {
	for _, name := range names {
		value := text.Unquote(os.Getenv(name))
		if _, is := text.Placeholder(value); value != "" && !is {
			set = append(set, variable{name, value})
		}
	}
	return set
}

// placeholders yields the variables of the setting that hold one, and its form.
func (s *setting) placeholders() iter.Seq2[string, string] {
	return func(yield func(name, form string) bool) {
		for _, name := range s.variables() {
			if form, is := text.Placeholder(text.Unquote(os.Getenv(name))); is && !yield(name, form) {
				return
			}
		}
	}
}

// refusePlaceholders refuses a placeholder in a variable of the setting, unless it
// counts as not set.
func (s *setting) refusePlaceholders() error {
	if s.mayBeMissing {
		return nil
	}
	for name, form := range s.placeholders() {
		return errors.New(name + " holds the placeholder " + form + " and not a value; set it, or remove it")
	}
	return nil
}

// unreplaced says which variables of the setting hold a placeholder and count as
// not set, "" for none.
func (s *setting) unreplaced() (note string) {
	if !s.mayBeMissing {
		return ""
	}
	for name, form := range s.placeholders() {
		note += "; " + name + " holds the placeholder " + form + " and counts as not set"
	}
	return note
}

// cleaned is a value without what surrounds it. What stands for a value is
// refused.
func cleaned(value string) (string, error) {
	value = text.Unquote(value)
	if form, is := text.Placeholder(value); is {
		return "", errors.New("holds the placeholder " + form + " and not a value")
	}
	if text.Blank(value) {
		return "", errors.New("holds a blank to fill in, <…>, and not a value")
	}
	return value, nil
}

const ownPrefix = "RETOOL_MCP_"

// notSettings are variables with our prefix that belong to others: to clients of
// a remote server, as the guide names it, and to this project's tests.
var notSettings = []string{"TOKEN", "PERF", "PERF_SPEC", "TEST_"}

// ofServices matches, without the prefix's RETOOL_MCP, what Kubernetes adds to
// every container of a namespace with a service whose name begins with retool-mcp,
// and Docker to a container with a link.
var ofServices = text.Pattern(`^(?:_\w+)?_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_\w+)?)$`)

// checkVariables refuses a variable with our prefix that is no setting: it is
// misspelled, and the program would run without what it should do.
func checkVariables(environment []string) error {
	var known []string
	for _, row := range table() {
		known = append(known, row.variables()...)
	}
	for _, entry := range environment {
		name, value, _ := strings.Cut(entry, "=")
		own, ours := strings.CutPrefix(name, ownPrefix)
		value = text.Unquote(value)
		if !ours || value == "" || slices.Contains(known, name) || ofOthers(own, value) {
			continue
		}
		return fmt.Errorf("the variable %s is no setting%s", typed(name), nearestVariable(own, known))
	}
	return nil
}

func ofOthers(own, value string) bool {
	isPort := (own == "PORT" || strings.HasSuffix(own, "_PORT")) && strings.Contains(value, "://")
	return isPort || ofServices().MatchString("_"+own) || slices.ContainsFunc(notSettings, func(other string) bool {
		return own == other || strings.HasSuffix(other, "_") && strings.HasPrefix(own, other)
	})
}

// nearestVariable suggests a setting, "" if none is close. Prefixes, which all have
// in common, do not count.
func nearestVariable(own string, known []string) string {
	if without := "RETOOL_" + own; slices.Contains(known, without) {
		return " (did you mean " + without + "?)"
	}
	full := map[string]string{}
	var names []string
	for _, row := range table() {
		name := strings.TrimPrefix(strings.TrimPrefix(row.env(), ownPrefix), "RETOOL_")
		names, full[name] = append(names, name), row.env()
	}
	if near := text.Nearest(own, names); near != "" {
		return " (did you mean " + full[near] + "?)"
	}
	return ": \"retool-mcp serve --help\" lists the variables"
}
