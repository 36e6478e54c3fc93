package openapi_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
)

// alternativesOf writes a union as "tag=value {fields}", one line for each
// branch.
func alternativesOf(t *testing.T, document, tag string) []string {
	t.Helper()
	var s struct {
		Type  string
		AnyOf []struct {
			Type       string
			Properties map[string]struct{ Enum []string }
			Required   []string
		}
		OneOf []json.RawMessage
	}
	encoded := text(t, readOne(t, document).Body.Schema)
	encoded = strings.Replace(encoded, `"oneOf"`, `"anyOf"`, 1)
	require.NoError(t, json.Unmarshal([]byte(encoded), &s), encoded)
	out := []string{}
	for _, b := range s.AnyOf {
		var fields []string
		for name, p := range b.Properties {
			if name == tag {
				require.Contains(t, b.Required, tag, encoded)
				continue
			}
			if len(p.Enum) > 0 {
				name += "=" + strings.Join(p.Enum, "|")
			}
			fields = append(fields, name)
		}
		slices.Sort(fields)
		out = append(out, strings.Join(b.Properties[tag].Enum, "|")+" {"+strings.Join(fields, " ")+"}")
	}
	return out
}

func TestDiscriminators(t *testing.T) {
	object := func(fields ...string) string {
		for i, f := range fields {
			if !strings.Contains(f, ":") {
				fields[i] = `"` + f + `":{"type":"string"}`
			}
		}
		return `"type":"object","properties":{` + strings.Join(fields, ",") + `}`
	}
	ref := func(name string) string { return `{"$ref":"#/components/schemas/` + name + `"}` }
	extends := func(base string, fields ...string) string {
		return `{"allOf":[` + ref(base) + `,{` + object(fields...) + `}]}`
	}
	const mapped = `"discriminator":{"propertyName":"type","mapping":{"cat":"#/components/schemas/Cat","dog":"Dog"}}`
	const plain = `"discriminator":{"propertyName":"type"}`
	cat, dog := `"Cat":`+extends("Pet", "purr"), `"Dog":`+extends("Pet", "bark")
	for _, x := range []struct {
		name, schema string
		schemas      []string
		want         []string
	}{
		{"mapping by reference and by name", ref("Pet"), []string{`"Pet":{` + object("type", "name") + `,` + mapped + `}`, cat, dog}, []string{"cat {name purr}", "dog {bark name}"}},
		{"no mapping", ref("Pet"), []string{`"Pet":{` + object("type", "name") + `,` + plain + `}`, cat, dog}, []string{"Pet {name}", "Cat {name purr}", "Dog {bark name}"}},
		{"no mapping, and an enum without the parent", ref("Pet"), []string{`"Pet":{` + object(`"type":{"enum":["Cat","Dog"]}`) + `,` + plain + `}`, cat, dog}, []string{"Cat {purr}", "Dog {bark}"}},
		{"an enum in other words than the names", ref("Pet"), []string{`"Pet":{` + object(`"type":{"enum":["c","d"]}`) + `,` + plain + `}`, cat, dog}, []string{"c|d {purr}", "c|d {bark}"}},
		{"the parent is concrete", ref("Pet"), []string{`"Pet":{` + object("type", "name") + `,"discriminator":{"propertyName":"type","mapping":{"pet":"Pet","cat":"Cat"}}}`, cat}, []string{"pet {name}", "cat {name purr}"}},
		{"one child with two values", ref("Pet"), []string{`"Pet":{` + object("type") + `,"discriminator":{"propertyName":"type","mapping":{"cat":"Cat","tom":"Cat","dog":"Dog"}}}`, cat, dog}, []string{"cat|tom {purr}", "dog {bark}"}},
		{"a mapping of some", ref("Pet"), []string{`"Pet":{` + object("type") + `,"discriminator":{"propertyName":"type","mapping":{"cat":"Cat"}}}`, cat, dog}, []string{"cat {purr}", "Dog {bark}"}},
		{"the children know their values", ref("Pet"), []string{`"Pet":{` + object("type") + `,` + plain + `}`, `"Cat":` + extends("Pet", `"type":{"const":"meow"}`), dog}, []string{"Pet {}", "meow {}", "Dog {bark}"}},
		{"the tag is not declared", ref("Pet"), []string{`"Pet":{` + object("name") + `,` + mapped + `}`, cat, dog}, []string{"cat {name purr}", "dog {bark name}"}},
		{"the tag may be null", ref("Pet"), []string{`"Pet":{` + object(`"type":{"type":"string","nullable":true}`) + `,` + mapped + `}`, cat, dog}, []string{"cat {purr}", "dog {bark}"}},
		{"a mapping to what is no child", ref("Pet"), []string{`"Pet":{` + object("type") + `,"discriminator":{"propertyName":"type","mapping":{"cat":"Cat","fish":"Fish","none":"None","bad":5}}}`, cat, `"Fish":{` + object("type", "swim") + `}`}, []string{"cat {purr}", "fish {swim}"}},
		{"grandchildren", ref("Pet"), []string{`"Pet":{` + object("type", "name") + `,` + plain + `}`, dog, `"Poodle":` + extends("Dog", "curls")}, []string{"Pet {name}", "Dog {bark name}", "Poodle {bark curls name}"}},
		{
			"grandchildren by another property", ref("Pet"),
			[]string{`"Pet":{` + object("type") + `,` + mapped + `}`, cat, `"Dog":{"allOf":[` + ref("Pet") + `],` + object("breed") + `,"discriminator":{"propertyName":"breed"}}`, `"Poodle":` + extends("Dog", "curls")},
			[]string{"cat {purr}", "dog {breed}", "dog {breed=Poodle curls}"},
		},
		{"a child that is used itself", ref("Dog"), []string{`"Pet":{` + object("type", "name") + `,` + mapped + `}`, cat, dog}, []string{}},
		{"extended on the spot", `{"allOf":[` + ref("Pet") + `],"description":"d"}`, []string{`"Pet":{` + object("type") + `,` + mapped + `}`, cat, dog}, []string{"cat {purr}", "dog {bark}"}},
		{"oneOf with a mapping", `{"oneOf":[` + ref("Cat") + `,` + ref("Dog") + `],` + mapped + `}`, []string{`"Cat":{` + object("type", "purr") + `}`, `"Dog":{` + object("bark") + `}`}, []string{"cat {purr}", "dog {bark}"}},
		{"oneOf without", `{"oneOf":[` + ref("Cat") + `,` + ref("Dog") + `],` + plain + `}`, []string{`"Cat":{` + object("type", "purr") + `}`, `"Dog":{` + object("type", "bark") + `}`}, []string{"Cat {purr}", "Dog {bark}"}},
		{"anyOf", `{"anyOf":[` + ref("Cat") + `,` + ref("Dog") + `],` + plain + `}`, []string{`"Cat":{` + object("type", "purr") + `}`, `"Dog":{` + object("type", "bark") + `}`}, []string{"Cat {purr}", "Dog {bark}"}},
		{"oneOf of the parent's children", ref("Pet"), []string{`"Pet":{` + object("type", "name") + `,"oneOf":[` + ref("Cat") + `,` + ref("Dog") + `],` + mapped + `}`, cat, dog}, []string{"cat {name purr}", "dog {bark name}"}},
		{"parent and child contain each other", ref("Pet"), []string{`"Pet":{` + object("type", `"friend":`+ref("Pet")) + `,` + mapped + `}`, `"Cat":` + extends("Pet", `"prey":`+ref("Dog"), `"kin":`+ref("Cat")), dog}, []string{"cat {friend kin prey}", "dog {bark friend}"}},
		{"a child that extends itself", ref("Pet"), []string{`"Pet":{` + object("type") + `,` + plain + `}`, `"Cat":{"allOf":[` + ref("Cat") + `,` + ref("Pet") + `]}`, dog}, []string{"Pet {}", "Cat {}", "Dog {bark}"}},
		{"no children", ref("Pet"), []string{`"Pet":{` + object("type") + `,` + plain + `}`}, []string{}},
		{"one child of an abstract parent", ref("Pet"), []string{`"Pet":{` + object("type") + `,"discriminator":{"propertyName":"type","mapping":{"cat":"Cat"}}}`, cat}, []string{}},
		{"no name of a property", ref("Pet"), []string{`"Pet":{` + object("type") + `,"discriminator":{"mapping":{"cat":"Cat"}}}`, cat}, []string{}},
		{"an alias of a child", ref("Pet"), []string{`"Pet":{` + object("type") + `,` + mapped + `}`, `"A":` + ref("Cat"), cat, dog}, []string{"cat {purr}", "dog {bark}"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			document := withSchema(x.schema, x.schemas...)
			require.Equal(t, x.want, alternativesOf(t, document, "type"))
			require.Equal(t, x.want, alternativesOf(t, modern(document), "type"))
			compile(t, readOne(t, document).Body.Schema)
		})
	}
}

func TestDiscriminatorsInWhole(t *testing.T) {
	const pet = `"Pet":{"type":"object","required":["type"],"properties":{"type":{"type":"string","description":"kind"},"name":{"type":"string"}},"discriminator":{"propertyName":"type","mapping":{"cat":"Cat","dog":"Dog"}}}`
	const cat = `"Cat":{"allOf":[{"$ref":"#/components/schemas/Pet"},{"type":"object","required":["purr"],"properties":{"purr":{"type":"boolean"}}}]}`
	const dog = `"Dog":{"allOf":[{"$ref":"#/components/schemas/Pet"}],"required":["name"]}`
	const union = `"type":"object","required":["type"],"properties":{"type":{"type":"string","description":"kind","enum":["cat","dog"]},"name":{"type":"string"}},"anyOf":[
		{"type":"object","required":["type","purr"],"properties":{"type":{"type":"string","description":"kind","enum":["cat"]},"name":{"type":"string"},"purr":{"type":"boolean"}}},
		{"type":"object","required":["name","type"],"properties":{"name":{"type":"string"},"type":{"type":"string","description":"kind","enum":["dog"]}}}]`
	rows := []conversion{
		{
			name: "where the parent is used", schema: `{"type":"array","items":{"$ref":"#/components/schemas/Pet"}}`,
			want:    `{"type":"array","items":{` + union + `}}`,
			accepts: []string{`[{"type":"cat","purr":true},{"type":"dog","name":"a"}]`}, refuses: []string{`[{"type":"cat"}]`, `[{"type":"cow"}]`, `[{"type":"dog","purr":true}]`},
		},
		{name: "nullable", schema: `{"type":"object","properties":{"pet":{"$ref":"#/components/schemas/Pet","nullable":true}}}`, want: `{"type":"object","properties":{"pet":{"anyOf":[{` + union + `},{"type":"null"}]}}}`},
		{name: "a child stays what it is", schema: `{"$ref":"#/components/schemas/Cat"}`, want: `{"type":"object","required":["type","purr"],"properties":{"type":{"type":"string","description":"kind"},"name":{"type":"string"},"purr":{"type":"boolean"}}}`},
		{
			name: "the only child", schema: `{"$ref":"#/components/schemas/Base"}`,
			schemas: []string{`"Base":{"type":"object","properties":{"type":{"type":"string"}},"discriminator":{"propertyName":"type","mapping":{"only":"Only"}}}`, `"Only":{"allOf":[{"$ref":"#/components/schemas/Base"}],"properties":{"a":{"type":"string"}}}`},
			want:    `{"type":"object","required":["type"],"properties":{"a":{"type":"string"},"type":{"type":"string","enum":["only"]}}}`,
		},
		{
			name: "a closed parent", schema: `{"$ref":"#/components/schemas/Base"}`,
			schemas: []string{`"Base":{"type":"object","properties":{"t":{"type":"string"}},"additionalProperties":false,"discriminator":{"propertyName":"t"}}`, `"Only":{"allOf":[{"$ref":"#/components/schemas/Base"}],"properties":{"a":{"type":"string"}}}`},
			want: `{"type":"object","required":["t"],"properties":{"t":{"type":"string","enum":["Base","Only"]}},"anyOf":[
				{"type":"object","required":["t"],"properties":{"t":{"type":"string","enum":["Base"]}},"additionalProperties":false},
				{"type":"object","required":["t"],"properties":{"a":{"type":"string"},"t":{"type":"string","enum":["Only"]}}}]}`,
			accepts: []string{`{"t":"Only","a":"x"}`}, refuses: []string{`{"t":"Base","a":"x"}`},
		},
		{
			name: "a tag that is a number", schema: `{"$ref":"#/components/schemas/Base"}`,
			schemas: []string{`"Base":{"type":"object","properties":{"t":{"type":"integer"}},"discriminator":{"propertyName":"t","mapping":{"1":"One","2":"Two"}}}`, `"One":{"allOf":[{"$ref":"#/components/schemas/Base"}],"properties":{"a":{"type":"string"}}}`, `"Two":{"allOf":[{"$ref":"#/components/schemas/Base"}]}`},
			want:    `{"type":"object","properties":{"t":{"type":"integer"}},"anyOf":[{"type":"object","properties":{"a":{"type":"string"},"t":{"type":"integer"}}},{"type":"object","properties":{"t":{"type":"integer"}}}]}`,
		},
		{
			name: "a tag that only answers carry", schema: `{"$ref":"#/components/schemas/Base"}`,
			schemas: []string{`"Base":{"type":"object","properties":{"t":{"type":"string","readOnly":true},"n":{"type":"string"}},"discriminator":{"propertyName":"t","mapping":{"1":"One"}}}`, `"One":{"allOf":[{"$ref":"#/components/schemas/Base"}]}`},
			want:    `{"type":"object","properties":{"n":{"type":"string"}}}`,
		},
		{
			name: "oneOf with null", schema: `{"oneOf":[{"$ref":"#/components/schemas/Cat"},{"$ref":"#/components/schemas/Dog"}],"nullable":true,"discriminator":{"propertyName":"type"}}`,
			want: `{"anyOf":[{"type":"object","required":["type"],"properties":{"type":{"type":"string","enum":["Cat","Dog"]}},"oneOf":[
				{"type":"object","required":["type","purr"],"properties":{"type":{"type":"string","description":"kind","enum":["Cat"]},"name":{"type":"string"},"purr":{"type":"boolean"}}},
				{"type":"object","required":["name","type"],"properties":{"name":{"type":"string"},"type":{"type":"string","description":"kind","enum":["Dog"]}}}]},{"type":"null"}]}`,
		},
	}
	for i := range rows {
		rows[i].schemas = append(rows[i].schemas, pet, cat, dog)
	}
	convert(t, rows)

	t.Run("with keywords beside the reference", func(t *testing.T) {
		s := readOne(t, modern(withSchema(`{"$ref":"#/components/schemas/Pet","required":["note"],"properties":{"note":{"type":"string"}}}`, pet, cat, dog))).Body.Schema
		require.Contains(t, s.Required, "note")
		require.Len(t, s.AnyOf, 2)
		validator := compile(t, s)
		require.True(t, valid(t, validator, `{"type":"cat","purr":true,"note":"x"}`))
		require.False(t, valid(t, validator, `{"type":"cat","purr":true}`))
	})
	t.Run("in other files", func(t *testing.T) {
		f := &folder{files: map[string]string{
			"pet.json": `{"type":"object","properties":{"type":{"type":"string"}},"discriminator":{"propertyName":"type","mapping":{"cat":"cat.json","dog":"sub/dog.json#/Dog"}}}`,
			"cat.json": `{"allOf":[{"$ref":"pet.json"},{"properties":{"purr":{"type":"string"}}}]}`, "sub/dog.json": `{"Dog":{"allOf":[{"$ref":"../pet.json"},{"properties":{"bark":{"type":"string"}}}]}}`,
		}}
		doc, err := openapi.Read(openapi.Source{Data: []byte(withSchema(`{"$ref":"pet.json"}`)), Open: f.open})
		require.NoError(t, err)
		require.JSONEq(t, `{"type":"object","required":["type"],"properties":{"type":{"type":"string","enum":["cat","dog"]}},"anyOf":[
			{"type":"object","required":["type"],"properties":{"type":{"type":"string","enum":["cat"]},"purr":{"type":"string"}}},
			{"type":"object","required":["type"],"properties":{"type":{"type":"string","enum":["dog"]},"bark":{"type":"string"}}}]}`, text(t, doc.Operations[0].Body.Schema))
	})
}

func TestDiscriminatorsOfHostileDocuments(t *testing.T) {
	const parent = `"type":"object","properties":{"t":{"type":"string"},"a":{"$ref":"#/components/schemas/P0"},"b":{"$ref":"#/components/schemas/P1"}},"discriminator":{"propertyName":"t"}`
	families := func(parents, children int, base func(p, i int) int) string {
		var all []string
		for p := range parents {
			all = append(all, fmt.Sprintf(`"P%d":{%s}`, p, parent))
			for i := range children {
				all = append(all, fmt.Sprintf(`"C%d_%d":{"allOf":[{"$ref":"#/components/schemas/P%d"}],"properties":{"x":{"$ref":"#/components/schemas/P%d"}}}`, p, i, p, base(p, i)))
			}
		}
		return strings.Join(all, ",")
	}
	chain := []string{`"P0":{` + parent + `}`, `"P1":{"type":"string"}`, `"C0":{"allOf":[{"$ref":"#/components/schemas/P0"}]}`}
	for i := range 2_000 {
		chain = append(chain, fmt.Sprintf(`"C%d":{"allOf":[{"$ref":"#/components/schemas/C%d"}],"discriminator":{"propertyName":"t%d"}}`, i+1, i, i))
	}
	mapping := make([]string, 20_000)
	for i := range mapping {
		mapping[i] = fmt.Sprintf(`"v%d":"P1"`, i)
	}
	for name, schemas := range map[string]string{
		"many children": families(2, 5_000, func(_, i int) int { return i % 2 }),
		"many families": families(60, 5, func(p, i int) int { return (p + i) % 60 }),
		"a long line":   strings.Join(chain, ","),
		"many values of two": `"P0":{"oneOf":[{"$ref":"#/components/schemas/P1"},{"$ref":"#/components/schemas/P2"}],"discriminator":{"propertyName":"t","mapping":{` +
			strings.Join(mapping, ",") + "," + strings.ReplaceAll(strings.ReplaceAll(strings.Join(mapping, ","), `"v`, `"w`), `"P1"`, `"P2"`) + `}}},"P1":{"type":"object"},"P2":{"type":"object"}`,
		"many values":        `"P0":{"type":"object","discriminator":{"propertyName":"t","mapping":{` + strings.Join(mapping, ",") + `}}},"P1":{"allOf":[{"$ref":"#/components/schemas/P0"}]}`,
		"extends each other": `"P0":{"allOf":[{"$ref":"#/components/schemas/P1"}],` + parent + `},"P1":{"allOf":[{"$ref":"#/components/schemas/P0"}],` + parent + `}`,
		"itself":             `"P0":{"allOf":[{"$ref":"#/components/schemas/P0"}],"discriminator":{"propertyName":"t","mapping":{"a":"P0","b":"#","c":"#/components","d":"https://example.com/x","e":"../x"}}},"P1":{"$ref":"#/components/schemas/P1"}`,
		"no objects":         `"P0":{"type":["string","null"],"discriminator":{"propertyName":"t"},"oneOf":[5,{"$ref":"#/components/schemas/P1"}]},"P1":{"allOf":5,"discriminator":"t"}`,
	} {
		t.Run(name, func(t *testing.T) {
			document := withPaths(`"/ok":{"get":{}},"/a":{"post":{"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/P0"}}}}}},
				"/b":{"post":{"requestBody":{"content":{"application/json":{"schema":{"type":"array","items":{"$ref":"#/components/schemas/P1"}}}}}}}`, `"schemas":{`+schemas+`}`)
			for _, document := range []string{document, modern(document)} {
				inTime(t, func() {
					doc, err := openapi.Read(openapi.Source{Data: []byte(document)})
					require.NoError(t, err)
					require.NotEmpty(t, doc.Operations)
					for _, op := range doc.Operations[1:] {
						require.Less(t, len(text(t, op.Body.Schema)), 1<<20)
					}
				})
			}
		})
	}
}
