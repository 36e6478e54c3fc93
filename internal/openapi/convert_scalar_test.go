package openapi_test

import "testing"

func TestNumbers(t *testing.T) {
	convert(t, []conversion{
		{
			name:    "exclusive minimum as 3.0 has it",
			schema:  `{"type":"number","minimum":5,"exclusiveMinimum":true}`,
			want:    `{"type":"number","exclusiveMinimum":5}`,
			accepts: []string{`5.1`}, refuses: []string{`5`},
		},
		{
			name:    "exclusive maximum as 3.0 has it",
			schema:  `{"type":"number","maximum":5,"exclusiveMaximum":true}`,
			want:    `{"type":"number","exclusiveMaximum":5}`,
			accepts: []string{`4.9`}, refuses: []string{`5`},
		},
		{
			name:    "inclusive, said so",
			schema:  `{"type":"integer","minimum":0,"exclusiveMinimum":false,"maximum":9,"exclusiveMaximum":false}`,
			want:    `{"type":"integer","minimum":0,"maximum":9}`,
			accepts: []string{`0`, `9`},
		},
		{
			name:   "exclusive without a limit",
			schema: `{"type":"integer","exclusiveMinimum":true,"exclusiveMaximum":true}`,
			want:   `{"type":"integer"}`,
		},
		{
			name:   "exclusive limits as 3.1 has them",
			schema: `{"type":"number","exclusiveMinimum":1,"exclusiveMaximum":2,"minimum":0}`,
			want:   `{"type":"number","exclusiveMinimum":1,"exclusiveMaximum":2,"minimum":0}`,
		},
		{
			name:    "integers beyond 53 bits",
			schema:  `{"type":"integer","minimum":-9223372036854775808,"maximum":9007199254740993,"default":9007199254740993,"enum":[9007199254740993]}`,
			want:    `{"type":"integer","minimum":-9223372036854775808,"maximum":9007199254740993,"default":9007199254740993,"enum":[9007199254740993]}`,
			refuses: []string{`9007199254740992`},
		},
		{name: "multipleOf", schema: `{"type":"number","multipleOf":0.01}`, want: `{"type":"number","multipleOf":0.01}`},
		{name: "multipleOf zero", schema: `{"type":"number","multipleOf":0}`, want: `{"type":"number"}`},
		{name: "multipleOf below zero", schema: `{"type":"number","multipleOf":-2}`, want: `{"type":"number"}`},
		{name: "multipleOf no number", schema: `{"type":"number","multipleOf":"2"}`, want: `{"type":"number"}`},
		{name: "limits that are no numbers", schema: `{"type":"number","minimum":"1","maximum":null}`, want: `{"type":"number"}`},
		{
			name:   "formats of numbers",
			schema: `{"type":"object","properties":{"a":{"type":"integer","format":"int64"},"b":{"type":"number","format":"double"}}}`,
			want:   `{"type":"object","properties":{"a":{"type":"integer","format":"int64"},"b":{"type":"number","format":"double"}}}`,
		},
		{name: "implied by a limit", schema: `{"maximum":5}`, want: `{"type":"number","maximum":5}`},
	})
}

func TestStrings(t *testing.T) {
	convert(t, []conversion{
		{name: "format", schema: `{"type":"string","format":"date-time"}`, want: `{"type":"string","format":"date-time"}`, accepts: []string{`"not a date"`}},
		{name: "bytes", schema: `{"type":"string","format":"byte"}`, want: `{"type":"string","contentEncoding":"base64"}`},
		{name: "binary", schema: `{"type":"string","format":"binary"}`, want: `{"type":"string","format":"binary"}`},
		{
			name:   "content as 3.1 has it",
			schema: `{"type":"string","contentEncoding":"base64","contentMediaType":"image/png"}`,
			want:   `{"type":"string","contentEncoding":"base64","contentMediaType":"image/png"}`,
		},
		{name: "lengths", schema: `{"type":"string","minLength":0,"maxLength":10}`, want: `{"type":"string","minLength":0,"maxLength":10}`},
		{name: "lengths that make no sense", schema: `{"type":"string","minLength":-1,"maxLength":"10"}`, want: `{"type":"string"}`},
		{name: "length that no program counts to", schema: `{"type":"string","maxLength":18446744073709551616}`, want: `{"type":"string"}`},
		{name: "portable pattern", schema: `{"type":"string","pattern":"^[a-z0-9\\_]+$"}`, want: `{"type":"string","pattern":"^[a-z0-9_]+$"}`},
		{name: "pattern that is not", schema: `{"type":"string","pattern":"^(?!x)"}`, want: `{"type":"string"}`},
		{name: "implied by a pattern", schema: `{"pattern":"^a$"}`, want: `{"type":"string","pattern":"^a$"}`},
		{name: "keywords of other types", schema: `{"type":"string","minimum":1,"items":{},"properties":{}}`, want: `{"type":"string"}`},
	})
}

func TestFixedValues(t *testing.T) {
	convert(t, []conversion{
		{name: "enum", schema: `{"type":"string","enum":["a","b"]}`, want: `{"type":"string","enum":["a","b"]}`},
		{name: "enum without a type", schema: `{"enum":["a","b"]}`, want: `{"type":"string","enum":["a","b"]}`},
		{
			name:   "enum of several types",
			schema: `{"enum":["a",1,true]}`,
			want:   `{"anyOf":[{"type":"string","enum":["a"]},{"type":"number","enum":[1]},{"type":"boolean","enum":[true]}]}`,
		},
		{name: "enum with repetitions", schema: `{"type":"string","enum":["a","b","a",""]}`, want: `{"type":"string","enum":["a","b",""]}`},
		{name: "enum with values of another type", schema: `{"type":"string","enum":["a",{},[]]}`, want: `{"type":"string","enum":["a"]}`},
		{name: "enum with texts without quotes", schema: `{"type":"string","enum":["a",1,true,1.50,"1"]}`, want: `{"type":"string","enum":["a","1","true","1.50"]}`},
		{name: "enum with numbers in quotes", schema: `{"type":"integer","enum":[1,"2","-3","04","x","1e999",true]}`, want: `{"type":"integer","enum":[1,2,-3]}`},
		{name: "enum with booleans in quotes", schema: `{"type":"boolean","enum":["true","no",1]}`, want: `{"type":"boolean","enum":[true]}`},
		{name: "enum of objects and arrays", schema: `{"type":"object","enum":[{"a":[1,null]},{"b":"x"}]}`, want: `{"type":"object","enum":[{"a":[1,null]},{"b":"x"}]}`},
		{name: "enum of nothing", schema: `{"type":"string","enum":[]}`, want: `{"type":"string"}`},
		{name: "enum that is no list", schema: `{"type":"string","enum":"a"}`, want: `{"type":"string"}`},
		{name: "const", schema: `{"const":"a"}`, want: `{"type":"string","enum":["a"]}`},
		{name: "const with a type", schema: `{"type":"integer","const":5}`, want: `{"type":"integer","enum":[5]}`},
		{name: "const of null", schema: `{"const":null}`, want: `{"type":"null"}`, refuses: []string{`1`}},
		{name: "const of false", schema: `{"const":false}`, want: `{"type":"boolean","enum":[false]}`, refuses: []string{`true`}},
	})
}

func TestAnnotations(t *testing.T) {
	convert(t, []conversion{
		{
			name:   "kept",
			schema: `{"type":"string","title":"T","description":"d","default":"x","deprecated":true}`,
			want:   `{"type":"string","title":"T","description":"d","default":"x","deprecated":true}`,
		},
		{name: "default of false", schema: `{"type":"boolean","default":false}`, want: `{"type":"boolean","default":false}`},
		{name: "default of zero", schema: `{"type":"integer","default":0}`, want: `{"type":"integer","default":0}`},
		{name: "default of nothing in it", schema: `{"type":"string","default":""}`, want: `{"type":"string","default":""}`},
		{name: "default object", schema: `{"type":"object","default":{"a":[1,"b",null]}}`, want: `{"type":"object","default":{"a":[1,"b",null]}}`},
		{name: "not deprecated", schema: `{"type":"string","deprecated":false}`, want: `{"type":"string"}`},
		{
			name: "left out",
			schema: `{"type":"object","example":{"a":1},"examples":[{"a":1}],"xml":{"name":"x"},"externalDocs":{"url":"u"},"x-order":1,"x-nullable":true,
				"discriminator":{"propertyName":"a"},"$schema":"http://json-schema.org/draft-07/schema#","$id":"urn:x","$anchor":"a","$comment":"c",
				"properties":{"a":{"type":"string","example":"e","x-sensitive":true,"xml":{"attribute":true}}}}`,
			want: `{"type":"object","properties":{"a":{"type":"string"}}}`,
		},
		{
			name:   "properties of such names stay",
			schema: `{"type":"object","properties":{"example":{"type":"string"},"x-id":{"type":"string"},"nullable":{"type":"boolean"},"$ref":{"type":"string"}}}`,
			want:   `{"type":"object","properties":{"example":{"type":"string"},"x-id":{"type":"string"},"nullable":{"type":"boolean"},"$ref":{"type":"string"}}}`,
		},
	})
}
