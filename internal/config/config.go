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

// maxFile is more than any configuration needs.
const maxFile = 1 << 20

var instanceName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}$`) })

// Read reads the file. The keys of the file itself, and those of an instance, are
// the names of flags that it may have. Its errors name the line of an unknown key or of a value
// of the wrong form. A file with a token that others can read is an error too.
func Read(name string, keys, perInstance []string) (*File, error) {
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
	f, err := parse(data, keys, perInstance)
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

func parse(data []byte, keys, perInstance []string) (*File, error) {
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
			return f.addInstances(value, perInstance)
		}
		return set(f.Values, key, value, keys)
	})
}

func (f *File) addInstances(node *yaml.Node, keys []string) error {
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

func set(values map[string]string, key, value *yaml.Node, keys []string) (err error) {
	name := flagOf(key.Value)
	if !slices.Contains(keys, name) {
		return at(key, fmt.Sprintf("unknown setting %q; the settings are %s", key.Value, strings.ReplaceAll(strings.Join(keys, ", "), "-", "_")))
	}
	if values[name], err = textOf(value); err != nil {
		return at(value, key.Value+" "+err.Error())
	}
	return nil
}

// flagOf is a key as the name of a flag: token_file and token-file are the same.
func flagOf(key string) string { return strings.ReplaceAll(key, "_", "-") }

var errForm = errors.New("must be a single value or a list of single values")

// textOf is a value as a variable would have it.
func textOf(node *yaml.Node) (string, error) {
	switch {
	case node.Kind == yaml.AliasNode:
		return "", errors.New("must not be an alias")
	case node.Kind == yaml.ScalarNode && node.Tag == "!!null":
		return "", nil
	case node.Kind == yaml.ScalarNode:
		return node.Value, nil
	case node.Kind != yaml.SequenceNode:
		return "", errForm
	}
	var items []string
	for _, item := range node.Content {
		switch {
		case item.Kind != yaml.ScalarNode:
			return "", errForm
		case strings.Contains(item.Value, ","):
			return "", errors.New("must not have a comma in an item of its list")
		}
		items = append(items, item.Value)
	}
	return strings.Join(items, ","), nil
}

func at(node *yaml.Node, text string) error { return fmt.Errorf("line %d: %s", node.Line, text) }
