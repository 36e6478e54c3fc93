// Command docgen writes a table of settings into a Markdown page, between its
// markers.
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/cli"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: docgen FILE TABLE")
		os.Exit(2)
	}
	if err := write(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "docgen:", err)
		os.Exit(1)
	}
}

func write(name, which string) error {
	begin, end := "<!-- "+which+" -->\n", "<!-- /"+which+" -->\n"
	page, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	before, rest, opened := strings.Cut(string(page), begin)
	_, after, closed := strings.Cut(rest, end)
	if !opened || !closed {
		return fmt.Errorf("%s lacks the lines %s and %s", name, strings.TrimSpace(begin), strings.TrimSpace(end))
	}
	return os.WriteFile(name, []byte(before+begin+cli.SettingsMarkdown(which)+end+after), 0o600)
}
