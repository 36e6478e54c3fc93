// Package config reads the configuration file: settings by the names of their
// flags, and instances of Retool by names of the operator's choice.
//
// It knows YAML, and learns from its caller which settings there are. It must not
// know the command line, tools or HTTP.
package config

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v4"

	"github.com/retool-mcp/retool-mcp/internal/file"
)

// File is the content of a configuration file.
type File struct {
	// Values are the settings by the names of their flags.
	Values map[string]string
	// Instances are in the order of the file.
	Instances []Instance
}

// Instance is one instance of Retool.
type Instance struct {
	Name   string
	Values map[string]string
}

// Key is a setting that a file may have.
type Key struct {
	// Name is that of its flag.
	Name string
	// Instance says that an instance may have it too.
	Instance bool
	// Separator stands between the values of a list, "" if there is one value only.
	Separator string
}

// maxFile is more than any configuration needs.
const maxFile = 1 << 20

var instanceName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}$`) })

// Read reads the file. Its errors name the line of an unknown key or of a value of
// the wrong form. A file with a token that others can read is an error too.
func Read(name string, keys []Key) (*File, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("%s is larger than 1 MiB, the maximum", name)
	}
	data, err := file.ReadText(name)
	if err != nil {
		return nil, err
	}
	f, err := parse(data, keys)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if f.hasSecret() && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s holds a token, and others can read it (mode %04o): chmod 600 %s, or name a file with token_file", name, info.Mode().Perm(), name)
	}
	return f, nil
}

func (f *File) hasSecret() bool {
	has := func(values map[string]string) bool { return values["token"] != "" || values["auth-token"] != "" }
	return has(f.Values) || slices.ContainsFunc(f.Instances, func(i Instance) bool { return has(i.Values) })
}

func parse(data []byte, keys []Key) (*File, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return nil, fmt.Errorf("not YAML: %w", err)
	}
	f := &File{Values: map[string]string{}}
	if len(document.Content) == 0 {
		return f, nil
	}
	return f, eachPair(document.Content[0], "a configuration is a mapping of settings", func(key, value *yaml.Node) error {
		if key.Value == "instances" {
			return f.addInstances(value, slices.DeleteFunc(slices.Clone(keys), func(k Key) bool { return !k.Instance }))
		}
		return set(f.Values, key, value, keys)
	})
}

func (f *File) addInstances(node *yaml.Node, keys []Key) error {
	const form = "instances is a mapping of names to settings"
	if len(node.Content) == 0 {
		return at(node, form)
	}
	return eachPair(node, form, func(name, settings *yaml.Node) error {
		if !instanceName().MatchString(name.Value) {
			return at(name, fmt.Sprintf("the name of the instance %q must be lower-case letters, digits, - and _, at most 32, starting with a letter", name.Value))
		}
		i := Instance{Name: name.Value, Values: map[string]string{}}
		err := eachPair(settings, "the instance "+name.Value+" is a mapping of settings", func(key, value *yaml.Node) error {
			return set(i.Values, key, value, keys)
		})
		f.Instances = append(f.Instances, i)
		return err
	})
}

// eachPair calls do for each pair of a mapping, which must not have a key twice.
func eachPair(node *yaml.Node, form string, do func(key, value *yaml.Node) error) error {
	if node.Kind != yaml.MappingNode {
		return at(node, form)
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		switch {
		case key.Kind != yaml.ScalarNode:
			return at(key, "a key must be a word")
		case seen[flagOf(key.Value)]:
			return at(key, key.Value+" appears twice")
		}
		seen[flagOf(key.Value)] = true
		if err := do(key, node.Content[i+1]); err != nil {
			return err
		}
	}
	return nil
}

func set(values map[string]string, key, value *yaml.Node, keys []Key) (err error) {
	name := flagOf(key.Value)
	i := slices.IndexFunc(keys, func(k Key) bool { return k.Name == name })
	if i < 0 {
		names := make([]string, len(keys))
		for i, k := range keys {
			names[i] = strings.ReplaceAll(k.Name, "-", "_")
		}
		return at(key, fmt.Sprintf("unknown setting %q; the settings are %s", key.Value, strings.Join(names, ", ")))
	}
	if values[name], err = textOf(value, keys[i].Separator); err != nil {
		return at(value, key.Value+" "+err.Error())
	}
	return nil
}

// flagOf is a key as the name of a flag: token_file and token-file are the same.
func flagOf(key string) string { return strings.ReplaceAll(key, "_", "-") }

var errForm = errors.New("must be a single value or a list of single values")

// textOf is a value as a variable would have it, with a separator between the items
// of a list.
func textOf(node *yaml.Node, separator string) (string, error) {
	switch {
	case node.Kind == yaml.AliasNode:
		return "", errors.New("must not be an alias")
	case node.Kind == yaml.ScalarNode && node.Tag == "!!null":
		return "", nil
	case node.Kind == yaml.ScalarNode:
		return node.Value, nil
	case node.Kind != yaml.SequenceNode:
		return "", errForm
	case separator == "":
		return "", errors.New("must be a single value, not a list")
	}
	var items []string
	for _, item := range node.Content {
		switch {
		case item.Kind != yaml.ScalarNode:
			return "", errForm
		case item.Tag == "!!null" || strings.TrimSpace(item.Value) == "":
			return "", errors.New("must not have an empty item in its list")
		case strings.Contains(item.Value, separator):
			return "", errors.New("must not have " + separatorNames[separator] + " in an item of its list")
		}
		items = append(items, item.Value)
	}
	return strings.Join(items, separator), nil
}

var separatorNames = map[string]string{",": "a comma", "\n": "a line end"}

func at(node *yaml.Node, text string) error { return fmt.Errorf("line %d: %s", node.Line, text) }
