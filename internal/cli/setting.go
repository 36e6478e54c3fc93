package cli

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// setting is a row of the table of settings. Its flag, its variable, its key in
// the configuration file, its checks and its row in the docs derive from it. It
// is the pflag.Value of its flag.
type setting struct {
	name        string // of the flag; the configuration file allows _ for -
	target      any    // pointer to the parsed value
	placeholder string // of the value in help, if its type says too little
	def         string
	variable    string   // if empty, RETOOL_MCP_ and the name
	aliases     []string // further variables with the same meaning
	perInstance bool     // an instance in the configuration file may have its own value
	enum        []string // the values allowed, in lower case; any case is accepted
	open        bool     // other values than those of enum are allowed
	lower       bool     // the items of a list are in lower case
	min, max    int64    // bounds of a number or a duration; max 0 is none
	lines       bool     // line ends and not commas separate the items of a list
	flagOnly    bool     // without variable and key
	// mayBeMissing lets a placeholder in its variable count as not set: clients
	// leave one there if their user set none. Without any other setting, calls
	// might do or reach more than the operator wants, so it stops the start.
	mayBeMissing bool
	check        func(text string) error // of a value, or an item of a list, whose type does not say enough
	help         string

	changed bool // by its flag
}

// settingGroup is a section of help.
type settingGroup struct {
	title    string
	settings []*setting
}

// rows are the settings of several groups.
func rows(groups []settingGroup) (all []*setting) {
	for _, g := range groups {
		all = append(all, g.settings...)
	}
	return all
}

func find(all []*setting, name string) *setting {
	i := slices.IndexFunc(all, func(row *setting) bool { return row.name == name })
	if i < 0 {
		return nil
	}
	return all[i]
}

// env is the variable of the setting.
func (s *setting) env() string {
	if s.variable != "" {
		return s.variable
	}
	return "RETOOL_MCP_" + strings.ToUpper(strings.ReplaceAll(s.name, "-", "_"))
}

// key is the setting's name in the configuration file.
func (s *setting) key() string { return strings.ReplaceAll(s.name, "-", "_") }

// label names the setting in messages, and says why one of its variables counts
// as not set.
func (s *setting) label() string {
	if s.flagOnly {
		return "--" + s.name
	}
	return "--" + s.name + " (" + s.env() + s.unreplaced() + ")"
}

// variables are the names of the setting's variables.
func (s *setting) variables() []string { return append([]string{s.env()}, s.aliases...) }

// addTo registers the flag of the setting, and its default.
func (s *setting) addTo(flags *pflag.FlagSet) {
	if s.def != "" {
		_ = s.parse(s.def) // a test parses all defaults
	}
	usage := s.help
	if !s.flagOnly {
		usage += " [" + s.env() + "]"
	}
	flag := flags.VarPF(s, s.name, "", usage)
	flag.DefValue = s.def
	if s.Type() == "bool" {
		flag.NoOptDefVal = "true"
	}
}

// addFlag registers a flag of one command, which has no variable.
func addFlag(cmd *cobra.Command, name, placeholder string, target any, help string) {
	(&setting{name: name, placeholder: placeholder, target: target, flagOnly: true, help: help}).addTo(cmd.Flags())
}

// String implements pflag.Value; flags get their default from the table.
func (s *setting) String() string { return s.def }

// Type implements pflag.Value: it is the placeholder in help.
func (s *setting) Type() string {
	if s.placeholder != "" {
		return s.placeholder
	}
	switch s.target.(type) {
	case *bool:
		return "bool"
	case *time.Duration:
		return "DURATION"
	case *string, *[]string:
		return "TEXT"
	default:
		return "NUMBER"
	}
}

// Set implements pflag.Value. The values of a list that is given several times
// add up; anything else may be given once.
func (s *setting) Set(value string) (err error) {
	if !s.flagOnly {
		if value, err = cleaned(value); err != nil {
			return err
		}
	}
	if list, ok := s.target.(*[]string); ok && s.changed {
		before := *list
		defer func() { *list = slices.Concat(before, *list) }()
	} else if s.changed {
		return errors.New("is given twice: give it once")
	}
	s.changed = true
	return s.parse(value)
}

// value parses a text that was set there, for comparison: the items of a list are
// sorted. It leaves the setting as it is.
func (s *setting) value(given string, at origin) (any, error) {
	scratch := *s
	value := reflect.New(reflect.TypeOf(s.target).Elem())
	scratch.target = value.Interface()
	given, err := cleaned(given)
	if err == nil {
		err = scratch.parse(given)
	}
	if err != nil {
		return nil, fmt.Errorf("%s %w", at.label(s), err)
	}
	if s.check != nil {
		name := at.label(s)
		if s.name == "url" {
			name = at.name() // as where the addresses of several variables are compared
		}
		given := []string{given}
		if list, ok := scratch.target.(*[]string); ok {
			given = *list
		}
		for _, one := range given {
			if err := s.check(one); err != nil {
				return nil, named(name, err)
			}
		}
	}
	if list, ok := scratch.target.(*[]string); ok {
		slices.Sort(*list)
	}
	return value.Elem().Interface(), nil
}

// parse replaces the value. Its errors follow the name of the setting.
func (s *setting) parse(given string) (err error) {
	switch target := s.target.(type) {
	case *string:
		*target = given
		return s.useEnum(target)
	case *[]string:
		*target, err = s.items(given)
		return err
	case *bool:
		*target, err = parseBool(given)
		return err
	case *time.Duration:
		if *target, err = time.ParseDuration(given); err != nil {
			return fmt.Errorf("must be a duration such as 30s, not %q", given)
		}
		return s.checkBounds(int64(*target), given)
	case *int:
		if *target, err = strconv.Atoi(given); err != nil {
			return fmt.Errorf("must be a whole number, not %q", given)
		}
		return s.checkBounds(int64(*target), given)
	case *uint64:
		if *target, err = strconv.ParseUint(given, 10, 64); err != nil {
			return fmt.Errorf("must be a whole number from 0, not %q", given)
		}
		return nil
	default:
		return errors.New("has no known type")
	}
}

// separator stands between the values of a list, "" if the setting is none.
func (s *setting) separator() string {
	_, isList := s.target.(*[]string)
	switch {
	case s.lines:
		return "\n"
	case isList, strings.HasSuffix(s.placeholder, ",..."):
		return ","
	}
	return ""
}

// items are those of a list.
func (s *setting) items(list string) (items []string, err error) {
	if list == "" && !s.lines {
		return nil, nil
	}
	items = strings.Split(list, s.separator())
	for i := range items {
		items[i] = text.Unquote(items[i])
		if s.lower {
			items[i] = strings.ToLower(items[i])
		}
		err = errors.Join(err, s.useEnum(&items[i]))
	}
	return items, err
}

// useEnum replaces a value by the one of the enum that it is, in any case.
func (s *setting) useEnum(value *string) error {
	i := slices.IndexFunc(s.enum, func(allowed string) bool { return strings.EqualFold(allowed, *value) })
	switch {
	case i >= 0:
		*value = s.enum[i]
	case len(s.enum) > 0 && !s.open:
		last := len(s.enum) - 1
		return fmt.Errorf("must be %s or %s, not %q", strings.Join(s.enum[:last], ", "), s.enum[last], *value)
	}
	return nil
}

func parseBool(given string) (bool, error) {
	switch strings.ToLower(given) {
	case "true", "1", "yes":
		return true, nil
	case "false", "0", "no":
		return false, nil
	}
	return false, fmt.Errorf("must be true or false, not %q", given)
}

func (s *setting) checkBounds(n int64, given string) error {
	_, isTime := s.target.(*time.Duration)
	switch {
	case s.max > 0 && (n < s.min || n > s.max):
		return fmt.Errorf("must be from %d to %d, not %s", s.min, s.max, given)
	case n >= s.min:
		return nil
	case isTime && s.min > 0:
		return fmt.Errorf("must be more than zero, not %s", given)
	case isTime:
		return fmt.Errorf("must not be negative, but is %s", given)
	default:
		return fmt.Errorf("must be at least %d, not %s", s.min, given)
	}
}
