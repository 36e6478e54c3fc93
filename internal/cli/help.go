package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// helpWidth is the width of help in columns.
const helpWidth = 100

// usage prints what help shows of a command after its description: commands,
// its own flags, and the settings by group. Those of serving over HTTP are last.
func (p *program) usage(cmd *cobra.Command) error {
	out := cmd.OutOrStderr()
	line := cmd.CommandPath()
	if _, arguments, ok := strings.Cut(cmd.Use, " "); ok {
		line += " " + arguments
	}
	if cmd.HasAvailableSubCommands() {
		line += " [command]"
	}
	fmt.Fprintf(out, "Usage: %s [flags]\n", line)
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintln(out, "\nCommands:")
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() || c.Name() == "help" {
				fmt.Fprintf(out, "  %-12s%s\n", c.Name(), c.Short)
			}
		}
	}
	own := pflag.NewFlagSet("", pflag.ContinueOnError)
	cmd.LocalFlags().VisitAll(func(flag *pflag.Flag) {
		if s, ok := flag.Value.(*setting); !ok || s.flagOnly {
			own.AddFlag(flag)
		}
	})
	printFlags(out, "Flags", own)
	groups := p.general
	if cmd.Name() == "serve" {
		groups = append(groups, p.http)
	}
	for _, group := range groups {
		flags := pflag.NewFlagSet("", pflag.ContinueOnError)
		flags.SortFlags = false
		for _, row := range group.settings {
			if cmd.Name() == "sandbox" && !slices.Contains(ofSandboxCommand, row.name) {
				continue
			}
			if flag := cmd.Flag(row.name); flag != nil {
				flags.AddFlag(flag)
			}
		}
		printFlags(out, group.title, flags)
	}
	if !cmd.HasParent() {
		fmt.Fprintln(out, "\n\"retool-mcp serve --help\" also lists the settings for serving over HTTP.")
	}
	return nil
}

func printFlags(out interface{ Write([]byte) (int, error) }, title string, flags *pflag.FlagSet) {
	if flags.HasAvailableFlags() {
		fmt.Fprintf(out, "\n%s:\n%s", title, flags.FlagUsagesWrapped(helpWidth))
	}
}

// noCommand is for a command that takes no arguments but commands.
func noCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	unknown := "unknown command " + text.Quote(args[0], maxTyped)
	if cmd.HasParent() {
		unknown = nameOf(cmd) + " has no command " + text.Quote(args[0], maxTyped)
	}
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() || c.Name() == "help" {
			names = append(names, c.Name())
		}
	}
	if near := text.Nearest(args[0], names); near != "" {
		return errors.New(unknown + ": did you mean " + near + "?")
	}
	tells := "lists the commands"
	if !cmd.HasAvailableSubCommands() {
		tells = "describes it"
	}
	return fmt.Errorf("%s: %q %s", unknown, cmd.CommandPath()+" --help", tells)
}

// nameOf is a command as the user types it after the program's name.
func nameOf(cmd *cobra.Command) string {
	_, name, _ := strings.Cut(cmd.CommandPath(), " ")
	return name
}

// arguments is for a command that takes the arguments its usage names, of which
// so many are required.
func arguments(required int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		names := strings.Fields(cmd.Use)[1:]
		if len(args) < required {
			return fmt.Errorf("%s needs an argument %s", nameOf(cmd), names[len(args)])
		}
		if n := len(names); len(args) > n && (n == 0 || !strings.Contains(names[n-1], "...")) {
			return fmt.Errorf("unexpected argument %s", typed(args[n]))
		}
		return nil
	}
}

// flagError words what is wrong with a flag.
func flagError(cmd *cobra.Command, err error) error {
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		if several := unknown.GetSpecifiedShortnames(); several != "" {
			return unknownFlag(cmd, "-"+several)
		}
		return unknownFlag(cmd, "--"+unknown.GetSpecifiedName())
	}
	if wrong, ok := errors.AsType[*pflag.InvalidSyntaxError](err); ok {
		flag, _, _ := strings.Cut(wrong.GetSpecifiedFlag(), "=")
		return unknownFlag(cmd, flag)
	}
	if missing, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return fmt.Errorf("--%s needs a value", missing.GetFlag().Name)
	}
	if invalid, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		if row, ok := invalid.GetFlag().Value.(*setting); ok {
			return fmt.Errorf("%s %w", row.label(), invalid.Unwrap())
		}
		return fmt.Errorf("--%s: %w", invalid.GetFlag().Name, invalid.Unwrap())
	}
	return err
}

func unknownFlag(cmd *cobra.Command, flag string) error {
	var names []string
	cmd.Flags().VisitAll(func(known *pflag.Flag) {
		if !known.Hidden {
			names = append(names, "--"+known.Name)
		}
	})
	if near := text.Nearest(flag, names); near != "" && len(flag) > len("-x") {
		return fmt.Errorf("unknown flag %s: did you mean %s?", typed(flag), near)
	}
	return fmt.Errorf("unknown flag %s", typed(flag))
}

// typed returns what the user typed for a message: in quotes if it has more than
// plain characters.
func typed(s string) string {
	plain := func(c rune) bool { return c > ' ' && c != '"' && c != utf8.RuneError && !text.Invisible(c) }
	if s == "" || strings.ContainsFunc(s, func(c rune) bool { return !plain(c) }) {
		return text.Quote(s, maxTyped)
	}
	return text.ClipRunes(s, maxTyped)
}

// maxTyped is the maximum characters that a message repeats.
const maxTyped = 100
