package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	configfile "github.com/retool-mcp/retool-mcp/internal/config"
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
	config := find(settings, "config")
	if err := s.resolve(config, "", nil); err != nil {
		return nil, err
	}
	file := &configfile.File{}
	if s.Config != "" {
		keys, perInstance := configKeys()
		if file, err = configfile.Read(s.Config, keys, perInstance); err != nil {
			return nil, named(config.label(), err)
		}
	}
	for _, row := range settings {
		if err := s.resolve(row, s.Config, file.Values); err != nil {
			return nil, err
		}
	}
	for _, at := range variables("RETOOL_MCP_READ_ONLY") {
		s.ReadOnly = s.ReadOnly || saysYes(at.value)
	}
	s.ReadOnly = s.ReadOnly || saysYes(file.Values["read-only"])
	return file.Instances, nil
}

// saysYes tells whether a switch is on. Everything but a plain no counts as yes:
// nothing takes read-only back.
func saysYes(value string) bool {
	return !slices.Contains([]string{"", "0", "false", "no"}, strings.ToLower(strings.TrimSpace(value)))
}

// configKeys are the settings that a configuration file may have, and those that
// an instance in it may have.
func configKeys() (keys, perInstance []string) {
	for _, row := range table() {
		if row.name == "config" {
			continue
		}
		keys = append(keys, row.name)
		if row.perInstance {
			perInstance = append(perInstance, row.name)
		}
	}
	return keys, perInstance
}

// resolve sets one setting. All its variables that are set must agree; those of
// address and token are compared when they are used.
func (s *Settings) resolve(row *setting, file string, values map[string]string) error {
	if row.changed {
		s.origins[row.name] = origin{byFlag, []string{"--" + row.name}}
		return nil
	}
	if set := variables(append([]string{row.env()}, row.aliases...)...); len(set) > 0 {
		o := origin{level: byVariable}
		for _, v := range set {
			if v.value != set[0].value && row.name != "url" && row.name != "token" {
				return contradict(set[0].name, v.name)
			}
			o.names = append(o.names, v.name)
		}
		return s.set(row, set[0].value, o)
	}
	if text := strings.TrimSpace(values[row.name]); text != "" {
		return s.set(row, text, origin{inFile, []string{row.key() + " in " + file}})
	}
	return nil
}

func (s *Settings) set(row *setting, text string, o origin) error {
	s.origins[row.name] = o
	if err := row.parse(text); err != nil {
		return fmt.Errorf("%s %w", o.label(row), err)
	}
	return nil
}

// forInstance returns the settings of one instance: those of all, with its own.
func (s *Settings) forInstance(i configfile.Instance) (*Settings, error) {
	own := *s
	own.origins = maps.Clone(s.origins)
	for _, row := range rows(own.table()) {
		text, ok := i.Values[row.name]
		before := s.origins[row.name].level
		if !ok || before >= byVariable && !slices.Contains(ofInstance, row.name) {
			continue // flags and variables override the file, for every instance
		}
		at := row.key() + " of the instance " + i.Name + " in " + s.Config
		if err := own.set(row, text, origin{inInstance, []string{at}}); err != nil {
			return nil, err
		}
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
