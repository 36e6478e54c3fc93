package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

//go:generate go run ./docgen ../../docs/settings.md settings
//go:generate go run ./docgen ../../docs/remote.md serve-settings

// SettingsMarkdown is a table of settings, made from the command line itself:
// "settings" are those of all commands, for docs/settings.md, and
// "serve-settings" those of serve alone, for docs/remote.md.
func SettingsMarkdown(which string) (string, error) {
	parser, _, err := newParser(&commands{}, Streams{Out: io.Discard, Err: io.Discard})
	if err != nil {
		return "", fmt.Errorf("command line: %w", err)
	}
	flags := parser.Model.Flags
	if which == "serve-settings" {
		i := slices.IndexFunc(parser.Model.Children, func(n *kong.Node) bool { return n.Name == "serve" })
		flags = parser.Model.Children[i].Flags
	}
	var table strings.Builder
	table.WriteString("| Flag | Variable | Default | Meaning |\n| --- | --- | --- | --- |\n")
	for _, flag := range flags {
		if len(flag.Envs) == 0 { // --help
			continue
		}
		variables := code(flag.Envs...)
		if also := flag.Tag.Get("also"); also != "" {
			variables += "; also " + code(strings.Split(also, ",")...)
		}
		fmt.Fprintf(&table, "| %s | %s | %s | %s |\n",
			code(strings.TrimSpace("--"+flag.Name+" "+flag.PlaceHolder)), variables, code(flag.Default), cell(flag.Help))
	}
	return table.String(), nil
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

// cell keeps text from ending the cell of a table that it stands in.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
