package cli

import (
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"

	configfile "github.com/retool-mcp/retool-mcp/internal/config"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

// level is how strong the place is in which a setting was set: a flag overrides a
// variable, and a variable the configuration file. What an instance in that file
// says of itself holds for it alone.
type level int

const (
	unset level = iota
	inFile
	byVariable
	byFlag
	inInstance
)

// origin is where a setting was set.
type origin struct {
	level level
	// names are as an operator wrote them: --url, RETOOL_URL, url in retool.yaml.
	// There are several if variables agree.
	names []string
}

// name is the first of the names.
func (o origin) name() string {
	if len(o.names) == 0 {
		return ""
	}
	return o.names[0]
}

// label names the setting that was set there, in messages.
func (o origin) label(row *setting) string {
	if o.name() == row.env() {
		return row.label()
	}
	return o.name()
}

// load resolves the settings of a command: those of its flags that the command
// line does not set come from variables, and else from the configuration file.
func (s *Settings) load(settings []*setting) (instances []configfile.Instance, err error) {
	s.origins = map[string]origin{}
	if err := checkVariables(os.Environ()); err != nil {
		return nil, err
	}
	config := find(settings, "config")
	if err := s.resolve(config, "", nil); err != nil {
		return nil, err
	}
	file := &configfile.File{}
	if s.Config != "" {
		if file, err = configfile.Read(s.Config, configKeys()); err != nil {
			return nil, named(config.label(), err)
		}
	}
	if row := find(settings, "transport"); row != nil { // first: it tells who waits for the error of another
		settings = append([]*setting{row}, settings...)
	}
	for _, row := range settings {
		if err := s.resolve(row, s.Config, file.Values); err != nil {
			return nil, err
		}
	}
	return file.Instances, nil
}

// configKeys are the settings that a configuration file may have.
func configKeys() (keys []configfile.Key) {
	for _, row := range table() {
		if row.name != "config" {
			keys = append(keys, configfile.Key{Name: row.name, Instance: row.perInstance, Separator: row.separator()})
		}
	}
	return keys
}

// resolve sets one setting. Every value that is given must be valid, even if
// another overrides it. All its variables that are set must agree; those of
// address and token are compared when they are used.
func (s *Settings) resolve(row *setting, file string, values map[string]string) error {
	if err := row.refusePlaceholders(); err != nil {
		return err
	}
	var o origin
	if row.changed {
		o = origin{byFlag, []string{"--" + row.name}}
	}
	given := variables(row.variables()...)
	fromFile := len(given)
	if value := text.Unquote(values[row.name]); value != "" {
		given = append(given, variable{row.key() + " in " + file, value})
	}
	var used any
	readOnly := s.ReadOnly
	for i, v := range given {
		at := origin{byVariable, []string{v.name}}
		if i == fromFile {
			at.level = inFile
		}
		value, err := row.value(v.value, at)
		switch {
		case err != nil:
			return err
		case o.level == unset:
			o, used = at, value
			_ = row.parse(v.value)
		case at.level != o.level:
		case !reflect.DeepEqual(value, used) && row.name != "url" && row.name != "token":
			return contradict(o.name(), v.name)
		default:
			o.names = append(o.names, v.name)
		}
		readOnly = readOnly || row.name == "read-only" && value == true
	}
	s.ReadOnly = s.ReadOnly || readOnly // nothing takes it back
	s.origins[row.name] = o
	return nil
}

// forInstance returns the settings of one instance: those of all, with its own.
func (s *Settings) forInstance(i configfile.Instance) (*Settings, error) {
	own := *s
	own.origins = maps.Clone(s.origins)
	for _, row := range rows(own.table()) {
		given, ok := i.Values[row.name]
		if !ok {
			continue
		}
		at := origin{inInstance, []string{row.key() + " of the instance " + i.Name + " in " + s.Config}}
		if _, err := row.value(given, at); err != nil {
			return nil, err
		}
		if s.origins[row.name].level < byVariable || slices.Contains(ofInstance, row.name) {
			own.origins[row.name] = at
			given, _ = cleaned(given) // value has checked it
			_ = row.parse(given)
		} // else flags and variables override the file, for every instance
	}
	own.ReadOnly = own.ReadOnly || s.ReadOnly // nothing takes it back
	if own.Sandbox && own.origins["sandbox"].level == inInstance {
		return &own, nil
	}
	if i.Values["url"] == "" || i.Values["token"] == "" && i.Values["token-file"] == "" {
		return nil, fmt.Errorf("%s: instance %s needs a url, and a token_file or token of its own: the token of another instance must not go there", label("config"), i.Name)
	}
	return &own, nil
}

// ofInstance are the settings that identify an instance: those of all cannot
// mean it.
var ofInstance = []string{"url", "token", "token-file", "unix-socket", "sandbox", "sandbox-seed", "sandbox-state", "read-only"}
