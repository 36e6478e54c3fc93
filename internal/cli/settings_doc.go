package cli

import (
	"fmt"
	"io"
	"strings"
)

//go:generate go run ./docgen ../../docs/settings.md

// SettingsMarkdown is the table of all settings, made from the command line
// itself, for docs/settings.md.
func SettingsMarkdown() (string, error) {
	parser, _, err := newParser(&commands{}, Streams{Out: io.Discard, Err: io.Discard})
	if err != nil {
		return "", fmt.Errorf("command line: %w", err)
	}
	var table strings.Builder
	table.WriteString("| Flag | Variable | Default | Meaning |\n| --- | --- | --- | --- |\n")
	for _, flag := range parser.Model.Flags {
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
