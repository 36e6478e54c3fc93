package cli

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	configfile "github.com/retool-mcp/retool-mcp/internal/config"
)

// readConfig reads the configuration file, if one is named. What it says of a
// setting becomes the setting's variable, unless that is set, or another one that
// means the same; so a file gives way to variables as variables do to flags, and
// everything that is checked of them is checked of it.
func readConfig(args []string) (configured, error) {
	name := configName(args)
	if name == "" {
		return configured{}, nil
	}
	parser, _, err := newParser(&commands{}, Streams{Out: io.Discard, Err: io.Discard})
	if err != nil {
		return configured{}, fmt.Errorf("command line: %w", err)
	}
	flags, keys := configurable(parser)
	file, err := configfile.Read(name, keys)
	if err != nil {
		return configured{}, named("--config (RETOOL_MCP_CONFIG)", err)
	}
	c := configured{instances: file.Instances, byVariable: map[string]bool{}, readOnly: saysYes(file.Values["read-only"])}
	for key, flag := range flags {
		variables := append(slices.Clone(flag.Envs), strings.Split(flag.Tag.Get("also"), ",")...)
		c.byVariable[key] = len(environment(variables...)) > 0
		value, ok := file.Values[key]
		if !ok || c.byVariable[key] {
			continue
		}
		if err := os.Setenv(flag.Envs[0], value); err != nil {
			return configured{}, named("--config (RETOOL_MCP_CONFIG)", err)
		}
	}
	return c, nil
}

// configured is what a configuration file says beyond its settings.
type configured struct {
	instances []configfile.Instance
	// byVariable are the settings that variables say, and so not the file.
	byVariable map[string]bool
	// readOnly says that the file or a variable asks for read-only, whatever a
	// flag says.
	readOnly bool
}

// saysYes tells whether a switch is on. What is no plain no counts as yes: it is
// asked of switches that are there for safety.
func saysYes(value string) bool {
	return !slices.Contains([]string{"", "0", "false", "no"}, strings.ToLower(strings.TrimSpace(value)))
}

// configName is the file that --config or its variable names. It has to be known
// before the command line can be parsed.
func configName(args []string) string {
	for i, arg := range args {
		if value, ok := strings.CutPrefix(arg, "--config="); ok {
			return value
		}
		if arg == "--config" && i+1 < len(args) {
			return args[i+1]
		}
		if arg == "--" {
			break
		}
	}
	return strings.TrimSpace(os.Getenv("RETOOL_MCP_CONFIG"))
}

// configurable are the settings that a file may have: all that have a variable.
func configurable(parser *kong.Kong) (flags map[string]*kong.Flag, keys configfile.Keys) {
	flags = map[string]*kong.Flag{}
	for _, node := range append([]*kong.Node{parser.Model.Node}, parser.Model.Children...) {
		for _, flag := range node.Flags {
			if len(flag.Envs) == 0 || flag.Name == "config" || flags[flag.Name] != nil {
				continue
			}
			flags[flag.Name] = flag
			keys.All = append(keys.All, flag.Name)
			if flag.Tag.Get("each") == "instance" {
				keys.PerInstance = append(keys.PerInstance, flag.Name)
			}
		}
	}
	return flags, keys
}

// forInstance are the settings of one instance: those of all, with its own.
func (s *Settings) forInstance(i configfile.Instance) (*Settings, error) {
	own := *s
	own.name, own.instances, own.given = i.Name, nil, map[string]bool{}
	maps.Copy(own.given, s.given)
	for key, text := range i.Values {
		if !slices.Contains(ownOfInstance, key) && (s.given[key] || s.byVariable[key]) {
			continue // flags and variables win over the file, for every instance
		}
		field := fieldOf(&own, key)
		if err := setField(field, text); err != nil {
			return nil, fmt.Errorf("instance %s: %s: %w", i.Name, strings.ReplaceAll(key, "-", "_"), err)
		}
		own.given[key] = true
	}
	own.ReadOnly = own.ReadOnly || s.ReadOnly // which nothing takes back
	if own.given["sandbox"] && own.Sandbox {
		return &own, nil
	}
	if i.Values["url"] == "" || i.Values["token"] == "" && i.Values["token-file"] == "" {
		return nil, fmt.Errorf("instance %s: it needs a url, and a token_file or token of its own: that of another instance must not go there", i.Name)
	}
	return &own, nil
}

// ownOfInstance are settings that say which instance it is: what is said of all
// cannot mean them.
var ownOfInstance = []string{"url", "token", "token-file", "unix-socket", "sandbox", "sandbox-seed", "sandbox-state", "read-only"}

// fieldOf is the field of a setting, by the name of its flag.
func fieldOf(s *Settings, name string) reflect.Value {
	field, ok := settingField(name)
	if !ok {
		panic("cli: there is no setting " + name) // the file was checked against them
	}
	return reflect.ValueOf(s).Elem().FieldByIndex(field.Index)
}

// settingField finds the setting of a flag; ok is false for a flag of a command.
func settingField(name string) (field reflect.StructField, ok bool) {
	for field := range reflect.TypeFor[Settings]().Fields() {
		if field.Tag.Get("name") == name {
			return field, true
		}
	}
	return reflect.StructField{}, false
}

var errNoForm = errors.New("no form for such a setting")

func setField(field reflect.Value, text string) error {
	switch field.Interface().(type) {
	case string:
		field.SetString(text)
	case []string:
		field.Set(reflect.ValueOf(strings.Split(text, ",")))
	case bool:
		is, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("must be true or false, not %q", text)
		}
		field.SetBool(is)
	case time.Duration:
		d, err := time.ParseDuration(text)
		if err != nil {
			return fmt.Errorf("must be a time such as 30s, not %q", text)
		}
		field.SetInt(int64(d))
	case int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("must be a number, not %q", text)
		}
		field.SetInt(int64(n))
	case uint64:
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return fmt.Errorf("must be a number, not %q", text)
		}
		field.SetUint(n)
	default:
		return errNoForm
	}
	return nil
}
