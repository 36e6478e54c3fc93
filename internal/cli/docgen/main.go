// Command docgen writes the table of settings into a Markdown page, between its
// markers.
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/cli"
)

const (
	begin = "<!-- settings -->\n"
	end   = "<!-- /settings -->\n"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: docgen FILE")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "docgen:", err)
		os.Exit(1)
	}
}

func write(name string) error {
	page, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	before, rest, opened := strings.Cut(string(page), begin)
	_, after, closed := strings.Cut(rest, end)
	if !opened || !closed {
		return fmt.Errorf("%s lacks the lines %s and %s", name, strings.TrimSpace(begin), strings.TrimSpace(end))
	}
	table, err := cli.SettingsMarkdown()
	if err != nil {
		return err
	}
	return os.WriteFile(name, []byte(before+begin+table+end+after), 0o600)
}
