package cli

import (
	"fmt"
	"strings"
)

//go:generate go run ./docgen ../../docs/settings.md settings
//go:generate go run ./docgen ../../docs/remote.md serve-settings

// SettingsMarkdown is a table of settings, made from the table itself:
// "settings" are those of all commands, for docs/settings.md, and
// "serve-settings" those of serve alone, for docs/remote.md.
func SettingsMarkdown(which string) string {
	s := &Settings{}
	groups := s.table()
	if which == "serve-settings" {
		groups = []settingGroup{s.HTTP.group()}
	}
	var table strings.Builder
	table.WriteString("| Flag | Variable | Default | Meaning |\n| --- | --- | --- | --- |\n")
	for _, row := range rows(groups) {
		variables := code(row.env())
		if len(row.aliases) > 0 {
			variables += "; also " + code(row.aliases...)
		}
		flag := strings.TrimSuffix("--"+row.name+" "+row.Type(), " bool")
		fmt.Fprintf(&table, "| %s | %s | %s | %s |\n", code(strings.TrimSpace(flag)), variables, code(row.def), cell(row.help))
	}
	return table.String()
}

// code writes words as code, separated by commas; an empty one is nothing.
func code(words ...string) string {
	var out []string
	for _, w := range words {
		if w != "" {
			out = append(out, "`"+cell(w)+"`")
		}
	}
	return strings.Join(out, ", ")
}

// cell escapes what would end the cell of a table.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
