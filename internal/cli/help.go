package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
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
	text := fmt.Sprintf("unknown command %q", args[0])
	if cmd.HasParent() {
		text = fmt.Sprintf("%s has no command %q", nameOf(cmd), args[0])
	}
	cmd.SuggestionsMinimumDistance = 2
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return errors.New(text + ": did you mean " + strings.Join(near, " or ") + "?")
	}
	tells := "lists the commands"
	if !cmd.HasAvailableSubCommands() {
		tells = "describes it"
	}
	return fmt.Errorf("%s: %q %s", text, cmd.CommandPath()+" --help", tells)
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
			return fmt.Errorf("unexpected argument %s", args[n])
		}
		return nil
	}
}

// flagError words what is wrong with a flag.
func flagError(cmd *cobra.Command, err error) error {
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		name := unknown.GetSpecifiedName()
		if len(name) < 2 {
			return fmt.Errorf("unknown flag -%s", name)
		}
		near, distance := "", 3
		cmd.Flags().VisitAll(func(flag *pflag.Flag) {
			if d := levenshtein.ComputeDistance(name, flag.Name); d < distance && !flag.Hidden {
				near, distance = flag.Name, d
			}
		})
		if near == "" {
			return fmt.Errorf("unknown flag --%s", name)
		}
		return fmt.Errorf("unknown flag --%s: did you mean --%s?", name, near)
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
