// Package config reads the configuration file: settings by the names of their
// flags, and instances of Retool by names of the operator's choice.
//
// It knows YAML and nothing of what a setting means: which there are is told by
// the one who reads the file. It must not know the command line, tools or HTTP.
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
)

// File is what a configuration file says.
type File struct {
	// Values are the settings by the names of their flags.
	Values map[string]string
	// Instances stand in the order of the file.
	Instances []Instance
}

// Instance is one instance of Retool.
type Instance struct {
	Name   string
	Values map[string]string
}

// Keys are the settings that a file may have, by the names of their flags.
type Keys struct {
	// All are those of the file itself, PerInstance those of an instance.
	All, PerInstance []string
}

// maxFile is more than any configuration takes.
const maxFile = 1 << 20

// secrets are settings whose values nobody else may read.
var secrets = []string{"token", "auth-token"}

var instanceName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}$`) })

// Read reads the file. A key that is not among the keys, a value of the wrong
// form, and a secret in a file that others can read are errors which say where.
func Read(name string, keys Keys) (*File, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("%s is larger than 1 MiB, which no configuration is", name)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	f, err := parse(data, keys)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if f.holdsSecrets() && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s holds a token, and others can read it (its mode is %04o): chmod 600 %s, or name a file with token_file", name, info.Mode().Perm(), name)
	}
	return f, nil
}

func (f *File) holdsSecrets() bool {
	has := func(values map[string]string) bool {
		return slices.ContainsFunc(secrets, func(name string) bool { return values[name] != "" })
	}
	return has(f.Values) || slices.ContainsFunc(f.Instances, func(i Instance) bool { return has(i.Values) })
}

func parse(data []byte, keys Keys) (*File, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("no YAML: %w", err)
	}
	f := &File{Values: map[string]string{}}
	if doc.Kind == 0 || len(doc.Content) == 0 {
		return f, nil // an empty file says nothing
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode {
		return nil, at(root, "a configuration is a mapping of settings")
	}
	return f, pairs(root, func(key, value *yaml.Node) error {
		if key.Value == "instances" {
			return f.instances(value, keys.PerInstance)
		}
		return set(f.Values, key, value, keys.All)
	})
}

func (f *File) instances(node *yaml.Node, keys []string) error {
	if node.Kind != yaml.MappingNode || len(node.Content) == 0 {
		return at(node, "instances is a mapping of names to settings")
	}
	return pairs(node, func(name, settings *yaml.Node) error {
		if !instanceName().MatchString(name.Value) {
			return at(name, fmt.Sprintf("the instance %q must have a name of small letters, digits, - and _, at most 32, that begins with a letter", name.Value))
		}
		if settings.Kind != yaml.MappingNode {
			return at(settings, "the instance "+name.Value+" is a mapping of settings")
		}
		i := Instance{Name: name.Value, Values: map[string]string{}}
		err := pairs(settings, func(key, value *yaml.Node) error { return set(i.Values, key, value, keys) })
		f.Instances = append(f.Instances, i)
		return err
	})
}

// pairs goes through a mapping, in which no key may stand twice.
func pairs(node *yaml.Node, each func(key, value *yaml.Node) error) error {
	seen := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		if key.Kind != yaml.ScalarNode {
			return at(key, "a key must be a word")
		}
		if seen[flagOf(key.Value)] {
			return at(key, fmt.Sprintf("%s stands there twice", key.Value))
		}
		seen[flagOf(key.Value)] = true
		if err := each(key, node.Content[i+1]); err != nil {
			return err
		}
	}
	return nil
}

func set(values map[string]string, key, value *yaml.Node, keys []string) error {
	name := flagOf(key.Value)
	if !slices.Contains(keys, name) {
		return at(key, fmt.Sprintf("there is no setting %q here: there are %s", key.Value, strings.ReplaceAll(strings.Join(keys, ", "), "-", "_")))
	}
	text, err := textOf(value)
	if err != nil {
		return at(value, key.Value+" "+err.Error())
	}
	values[name] = text
	return nil
}

// flagOf is a key as the name of a flag: token_file and token-file are the same.
func flagOf(key string) string { return strings.ReplaceAll(key, "_", "-") }

var (
	errForm  = errors.New("must be a single value or a list of such")
	errComma = errors.New("must not have a comma within an item of its list")
	errAlias = errors.New("must not be an alias")
)

// textOf is a value as it would stand in a variable.
func textOf(node *yaml.Node) (string, error) {
	switch node.Kind {
	case yaml.ScalarNode:
		if node.Tag == "!!null" {
			return "", nil
		}
		return node.Value, nil
	case yaml.SequenceNode:
		var items []string
		for _, item := range node.Content {
			if item.Kind != yaml.ScalarNode {
				return "", errForm
			}
			if strings.Contains(item.Value, ",") {
				return "", errComma
			}
			items = append(items, item.Value)
		}
		return strings.Join(items, ","), nil
	case yaml.AliasNode:
		return "", errAlias
	default:
		return "", errForm
	}
}

func at(node *yaml.Node, text string) error { return fmt.Errorf("line %d: %s", node.Line, text) }
