package cli

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

const ownPrefix = "RETOOL_MCP_"

// notSettings are variables with our prefix that belong to others: to clients of
// a remote server, as the guide names it, and to this project's tests.
var notSettings = []string{"TOKEN", "PERF", "PERF_SPEC", "TEST_"}

// ofServices matches, without the prefix's RETOOL_MCP, what Kubernetes adds to
// every container of a namespace with a service whose name begins with retool-mcp,
// and Docker to a container with a link.
var ofServices = regexp.MustCompile(`^(?:_\w+)?_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_\w+)?)$`)

// checkVariables refuses a variable with our prefix that is no setting: it is
// misspelled, and the program would run without what it should do.
func checkVariables(environment []string) error {
	var known []string
	for _, row := range table() {
		known = append(append(known, row.env()), row.aliases...)
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
	return isPort || ofServices.MatchString("_"+own) || slices.ContainsFunc(notSettings, func(other string) bool {
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
