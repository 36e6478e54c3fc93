package cli

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// setting is a row of the table of settings. Its flag, its variable, its key in
// the configuration file, its checks and its row in the docs derive from it. It
// is the pflag.Value of its flag.
type setting struct {
	name        string // of the flag; the configuration file allows _ for -
	target      any    // pointer to the parsed value
	placeholder string // of the value in help, if its type says too little
	def         string
	variable    string                  // if empty, RETOOL_MCP_ and the name
	aliases     []string                // further variables with the same meaning
	perInstance bool                    // an instance in the configuration file may have its own value
	enum        []string                // the values allowed
	min, max    int64                   // bounds of a number or a duration; max 0 is none
	verbatim    bool                    // commas do not separate the items of a list
	flagOnly    bool                    // without variable and key
	check       func(text string) error // of a value whose type does not say enough
	help        string

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

// label names the setting in messages.
func (s *setting) label() string {
	if s.flagOnly {
		return "--" + s.name
	}
	return "--" + s.name + " (" + s.env() + ")"
}

// variable is one that is set.
type variable struct{ name, value string }

// variables returns those of the names that are set. A variable that is empty or
// blank counts as not set.
func variables(names ...string) (set []variable) {
	for _, name := range names {
		if value := strings.TrimSpace(os.Getenv(name)); value != "" {
			set = append(set, variable{name, value})
		}
	}
	return set
}

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
// add up.
func (s *setting) Set(text string) error {
	if list, ok := s.target.(*[]string); ok && s.changed {
		before := *list
		err := s.parse(text)
		*list = slices.Concat(before, *list)
		return err
	}
	s.changed = true
	return s.parse(text)
}

// value parses a text that was set there, for comparison: the items of a list are
// sorted. It leaves the setting as it is.
func (s *setting) value(text string, at origin) (any, error) {
	scratch := *s
	value := reflect.New(reflect.TypeOf(s.target).Elem())
	scratch.target = value.Interface()
	if err := scratch.parse(text); err != nil {
		return nil, fmt.Errorf("%s %w", at.label(s), err)
	}
	if s.check != nil {
		name := at.label(s)
		if s.name == "url" {
			name = at.name() // as where the addresses of several variables are compared
		}
		if err := s.check(text); err != nil {
			return nil, named(name, err)
		}
	}
	if list, ok := scratch.target.(*[]string); ok && !s.verbatim {
		slices.Sort(*list)
	}
	return value.Elem().Interface(), nil
}

// parse replaces the value. Its errors follow the name of the setting.
func (s *setting) parse(text string) (err error) {
	switch target := s.target.(type) {
	case *string:
		*target = text
		return s.checkEnum(text)
	case *[]string:
		*target = []string{text}
		if text == "" && !s.verbatim {
			*target = nil
		} else if !s.verbatim {
			*target = strings.Split(text, ",")
		}
		return s.checkEnum(*target...)
	case *bool:
		*target, err = parseBool(text)
		return err
	case *time.Duration:
		if *target, err = time.ParseDuration(text); err != nil {
			return fmt.Errorf("must be a duration such as 30s, not %q", text)
		}
		return s.checkBounds(int64(*target), text)
	case *int:
		if *target, err = strconv.Atoi(text); err != nil {
			return fmt.Errorf("must be a whole number, not %q", text)
		}
		return s.checkBounds(int64(*target), text)
	case *uint64:
		if *target, err = strconv.ParseUint(text, 10, 64); err != nil {
			return fmt.Errorf("must be a whole number from 0, not %q", text)
		}
		return nil
	default:
		return errors.New("has no known type")
	}
}

func (s *setting) checkEnum(values ...string) error {
	for _, value := range values {
		if len(s.enum) > 0 && !slices.Contains(s.enum, value) {
			last := len(s.enum) - 1
			return fmt.Errorf("must be %s or %s, not %q", strings.Join(s.enum[:last], ", "), s.enum[last], value)
		}
	}
	return nil
}

func parseBool(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "true", "1", "yes":
		return true, nil
	case "false", "0", "no":
		return false, nil
	}
	return false, fmt.Errorf("must be true or false, not %q", text)
}

func (s *setting) checkBounds(n int64, text string) error {
	_, isTime := s.target.(*time.Duration)
	switch {
	case s.max > 0 && (n < s.min || n > s.max):
		return fmt.Errorf("must be from %d to %d, not %s", s.min, s.max, text)
	case n >= s.min:
		return nil
	case isTime && s.min > 0:
		return fmt.Errorf("must be more than zero, not %s", text)
	case isTime:
		return fmt.Errorf("must not be negative, but is %s", text)
	default:
		return fmt.Errorf("must be at least %d, not %s", s.min, text)
	}
}
