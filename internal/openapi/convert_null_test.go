package openapi_test

import "testing"

func TestNull(t *testing.T) {
	convert(t, []conversion{
		{
			name:    "nullable type",
			schema:  `{"type":"string","nullable":true}`,
			want:    `{"anyOf":[{"type":"string"},{"type":"null"}]}`,
			accepts: []string{`"a"`, `null`}, refuses: []string{`1`},
		},
		{
			name:    "not nullable",
			schema:  `{"type":"string","nullable":false}`,
			want:    `{"type":"string"}`,
			refuses: []string{`null`},
		},
		{
			name:   "annotations stand outside",
			schema: `{"type":"string","nullable":true,"title":"T","description":"d","default":"x","deprecated":true,"maxLength":3}`,
			want: `{"title":"T","description":"d","default":"x","deprecated":true,
				"anyOf":[{"type":"string","maxLength":3},{"type":"null"}]}`,
		},
		{
			name:    "nullable enum without null in it",
			schema:  `{"type":"string","enum":["a","b"],"nullable":true}`,
			want:    `{"anyOf":[{"type":"string","enum":["a","b"]},{"type":"null"}]}`,
			accepts: []string{`"a"`, `null`}, refuses: []string{`"c"`},
		},
		{
			name:    "nullable enum with null in it",
			schema:  `{"type":"string","enum":["a",null],"nullable":true}`,
			want:    `{"anyOf":[{"type":"string","enum":["a"]},{"type":"null"}]}`,
			accepts: []string{`"a"`, `null`}, refuses: []string{`"c"`},
		},
		{
			name:   "enum with null says nullable",
			schema: `{"type":"string","enum":["a",null]}`,
			want:   `{"anyOf":[{"type":"string","enum":["a"]},{"type":"null"}]}`,
		},
		{
			name:    "enum of nothing but null",
			schema:  `{"enum":[null]}`,
			want:    `{"type":"null"}`,
			accepts: []string{`null`}, refuses: []string{`"a"`},
		},
		{name: "nullable alone", schema: `{"nullable":true}`, want: `true`, accepts: []string{`null`, `1`}},
		{
			name:   "nullable with a description",
			schema: `{"nullable":true,"description":"any JSON"}`,
			want:   `{"description":"any JSON"}`,
		},
		{
			name:   "nullable beside what is forbidden",
			schema: `{"nullable":true,"not":{"type":"object"}}`,
			want:   `{"not":{"type":"object"}}`,
		},
		{name: "empty", schema: `{}`, want: `true`, accepts: []string{`null`, `{}`}},
		{
			name:   "nullable anyOf",
			schema: `{"nullable":true,"anyOf":[{"type":"string"},{"type":"integer"}]}`,
			want:   `{"anyOf":[{"type":"string"},{"type":"integer"},{"type":"null"}]}`,
		},
		{
			name:    "nullable oneOf",
			schema:  `{"nullable":true,"oneOf":[{"type":"string"},{"type":"integer"}]}`,
			want:    `{"oneOf":[{"type":"string"},{"type":"integer"},{"type":"null"}]}`,
			accepts: []string{`null`, `1`}, refuses: []string{`true`},
		},
		{
			name:    "nullable oneOf, one branch of which takes null",
			schema:  `{"nullable":true,"oneOf":[{"type":"string","nullable":true},{"type":"integer"}]}`,
			want:    `{"oneOf":[{"anyOf":[{"type":"string"},{"type":"null"}]},{"type":"integer"}]}`,
			accepts: []string{`null`, `"a"`, `1`}, refuses: []string{`true`},
		},
		{
			name:   "nullable anyOf, one branch of which takes everything",
			schema: `{"nullable":true,"anyOf":[{"type":"string"},{}]}`,
			want:   `{"anyOf":[{"type":"string"},true]}`,
		},
		{
			name:   "oneOf with two nullable branches: null would match twice",
			schema: `{"oneOf":[{"type":"string","nullable":true},{"type":"integer","nullable":true}]}`,
			want: `{"anyOf":[
				{"anyOf":[{"type":"string"},{"type":"null"}]},
				{"anyOf":[{"type":"integer"},{"type":"null"}]}]}`,
			accepts: []string{`null`, `"a"`, `1`}, refuses: []string{`true`},
		},
		{
			name: "oneOf in oneOf, where null would match twice",
			schema: `{"oneOf":[{"oneOf":[{"type":"integer","nullable":true},{"type":"boolean","nullable":true},{"type":"string"}]},
				{"type":"string","enum":["a",null]},{"type":"array"}]}`,
			want: `{"anyOf":[
				{"anyOf":[{"anyOf":[{"type":"integer"},{"type":"null"}]},{"anyOf":[{"type":"boolean"},{"type":"null"}]},{"type":"string"}]},
				{"anyOf":[{"type":"string","enum":["a"]},{"type":"null"}]},{"type":"array","items":true}]}`,
			accepts: []string{`null`, `1`, `"a"`},
		},
		{
			name:    "oneOf with a branch of null alone",
			schema:  `{"oneOf":[{"type":"string","enum":["a"]},{"enum":[""]},{"enum":[null]}]}`,
			want:    `{"oneOf":[{"type":"string","enum":["a"]},{"type":"string","enum":[""]},{"type":"null"}]}`,
			accepts: []string{`null`, `"a"`, `""`}, refuses: []string{`"b"`},
		},
		{
			name:   "nullable object with a union beside it",
			schema: `{"type":"object","nullable":true,"anyOf":[{"required":["a"]},{"required":["b"]}]}`,
			want: `{"anyOf":[
				{"type":"object","anyOf":[
					{"type":"object","properties":{"a":true},"required":["a"]},
					{"type":"object","properties":{"b":true},"required":["b"]}]},
				{"type":"null"}]}`,
			accepts: []string{`null`, `{"a":1}`}, refuses: []string{`{}`},
		},
		{
			name:   "nullable allOf",
			schema: `{"nullable":true,"description":"d","allOf":[{"$ref":"#/components/schemas/A"}]}`, schemas: []string{`"A":{"type":"string"}`},
			want: `{"description":"d","anyOf":[{"type":"string"},{"type":"null"}]}`,
		},
		{
			name:   "nullable beside a reference",
			schema: `{"nullable":true,"$ref":"#/components/schemas/A"}`, schemas: []string{`"A":{"type":"string"}`},
			want: `{"anyOf":[{"type":"string"},{"type":"null"}]}`,
		},
		{
			name:   "reference to what is nullable, twice",
			schema: `{"nullable":true,"$ref":"#/components/schemas/A"}`, schemas: []string{`"A":{"type":"string","nullable":true}`},
			want: `{"anyOf":[{"type":"string"},{"type":"null"}]}`,
		},
		{
			name:   "nullable item, property and map value",
			schema: `{"type":"object","properties":{"a":{"type":"array","items":{"type":"number","nullable":true}}},"additionalProperties":{"type":"boolean","nullable":true}}`,
			want: `{"type":"object",
				"properties":{"a":{"type":"array","items":{"anyOf":[{"type":"number"},{"type":"null"}]}}},
				"additionalProperties":{"anyOf":[{"type":"boolean"},{"type":"null"}]}}`,
		},
		{
			name:   "default of null is no default",
			schema: `{"type":"string","nullable":true,"default":null}`,
			want:   `{"anyOf":[{"type":"string"},{"type":"null"}]}`,
		},
	})
}

func TestTypeArrays(t *testing.T) {
	convert(t, []conversion{
		{
			name:    "with null",
			schema:  `{"type":["string","null"],"maxLength":3}`,
			want:    `{"anyOf":[{"type":"string","maxLength":3},{"type":"null"}]}`,
			accepts: []string{`null`, `"abc"`}, refuses: []string{`"abcd"`},
		},
		{name: "of one", schema: `{"type":["string"]}`, want: `{"type":"string"}`},
		{name: "of null alone", schema: `{"type":["null"]}`, want: `{"type":"null"}`},
		{name: "null", schema: `{"type":"null"}`, want: `{"type":"null"}`, refuses: []string{`1`}},
		{name: "of one, twice", schema: `{"type":["string","string"]}`, want: `{"type":"string"}`},
		{
			name:   "of several with an enum that has none of any",
			schema: `{"type":["string","integer"],"enum":[[]]}`,
			want:   `{"anyOf":[{"type":"string"},{"type":"integer"}]}`,
		},
		{
			name:   "of several with an enum that has texts without quotes",
			schema: `{"type":["string","integer","null"],"enum":[true,1]}`,
			want:   `{"anyOf":[{"type":"string","enum":["true"]},{"type":"integer","enum":[1]},{"type":"null"}]}`,
		},
		{
			name:   "of several with an enum that has only texts without quotes",
			schema: `{"type":["string","integer"],"enum":[true]}`,
			want:   `{"type":"string","enum":["true"]}`,
		},
		{name: "of null twice", schema: `{"type":["null","null"]}`, want: `{"type":"null"}`},
		{name: "of none", schema: `{"type":[]}`, want: `true`},
		{
			name:   "of several, each with the keywords that are its own",
			schema: `{"type":["string","integer","null"],"minLength":1,"minimum":5,"description":"d"}`,
			want:   `{"description":"d","anyOf":[{"type":"string","minLength":1},{"type":"integer","minimum":5},{"type":"null"}]}`,
		},
		{
			name:   "of several with an enum: each takes its values",
			schema: `{"type":["string","integer"],"enum":["a",1,"b"]}`,
			want:   `{"anyOf":[{"type":"string","enum":["a","b"]},{"type":"integer","enum":[1]}]}`,
		},
		{
			name:    "of several with an enum that has none of one type",
			schema:  `{"type":["string","integer"],"enum":["a","b"]}`,
			want:    `{"type":"string","enum":["a","b"]}`,
			refuses: []string{`1`},
		},
		{
			name:   "null unquoted, as it comes from YAML",
			schema: `{"type":["string",null]}`,
			want:   `{"anyOf":[{"type":"string"},{"type":"null"}]}`,
		},
	})
}
