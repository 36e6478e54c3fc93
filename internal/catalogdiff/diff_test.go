package catalogdiff_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/catalogdiff"
	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/internal/referencedata"
	"github.com/retool-mcp/retool-mcp/internal/toolgen"
	"github.com/retool-mcp/retool-mcp/tools"
)

// texts returns the differences as people read them.
func texts(changes []catalogdiff.Change) []string {
	out := make([]string, len(changes))
	for i, c := range changes {
		out[i] = c.String()
	}
	return out
}

// TestDiffOfSchemas compares one argument, x, whose schema is given in YAML's
// flow style.
func TestDiffOfSchemas(t *testing.T) {
	catalog := func(x string) *tools.Catalog {
		return catalogOf(t, "  /t:\n    post:\n      requestBody: {content: {application/json: {schema: {type: object, properties: {x: "+x+"}}}}}\n")
	}
	for name, row := range map[string]struct {
		from, to string
		want     []string
	}{
		"nothing":                  {`{type: string}`, `{type: string}`, nil},
		"sentences":                {`{type: string, title: A, description: One.}`, `{type: string, deprecated: true, example: a, x-since: "4.0"}`, nil},
		"type":                     {`{type: string}`, `{type: integer}`, []string{`x type: string → integer`}},
		"type of anything":         {`{}`, `{anyOf: [{type: string}, {type: integer}]}`, []string{`x type: any → integer or string`}},
		"true is anything":         {`true`, `{}`, nil},
		"null":                     {`{type: string}`, `{type: string, nullable: true}`, []string{`x null: no → yes`}},
		"null, written otherwise":  {`{type: [string, 'null']}`, `{oneOf: [{type: 'null'}, {type: string}]}`, nil},
		"null with a default":      {`{type: boolean, default: false}`, `{type: boolean, nullable: true, default: false}`, []string{`x null: no → yes`}},
		"default":                  {`{type: integer, default: 1}`, `{type: integer, default: 2}`, []string{`x default: 1 → 2`}},
		"default, new":             {`{type: string}`, `{type: string, default: ''}`, []string{`x default: none → ""`}},
		"bounds":                   {`{type: integer, minimum: 1, maximum: 9}`, `{type: integer, minimum: 1.0}`, []string{`x maximum: 9 → none`}},
		"pattern and format":       {`{type: string, pattern: '^a'}`, `{type: string, pattern: '^b', format: uuid}`, []string{`x format: none → uuid`, `x pattern: ^a → ^b`}},
		"lengths":                  {`{type: array, items: {type: string, maxLength: 3}, minItems: 1}`, `{type: array, items: {type: string}}`, []string{`x minItems: 1 → none`, `x[] maxLength: 3 → none`}},
		"values":                   {`{type: string, enum: [a, b, c]}`, `{type: string, enum: [c, d, a]}`, []string{`x value b removed`, `x value d added`}},
		"values, none before":      {`{type: string}`, `{type: string, enum: [b, a]}`, []string{`x values: none → a, b`}},
		"constant is a value":      {`{type: string, enum: [a]}`, `{const: a}`, nil},
		"fields":                   {`{type: object, properties: {a: {}, b: {}}}`, `{type: object, properties: {b: {}, c: {}, d: {}}, required: [d]}`, []string{`x.a removed`, `x.c added`, `x.d added (required)`}},
		"required":                 {`{type: object, properties: {a: {}}}`, `{type: object, properties: {a: {}}, required: [a]}`, []string{`x.a required: no → yes`}},
		"fields called like words": {`{type: object, properties: {type: {type: string}, title: {type: string}}}`, `{type: object, properties: {type: {type: integer}}}`, []string{`x.title removed`, `x.type type: string → integer`}},
		"closed":                   {`{type: object, properties: {a: {}}}`, `{type: object, properties: {a: {}}, additionalProperties: false}`, []string{`x other fields: yes → no`}},
		"open, said or not":        {`{type: object, properties: {a: {}}}`, `{type: object, properties: {a: {}}, additionalProperties: true}`, nil},
		"map":                      {`{type: object, additionalProperties: {type: string}}`, `{type: object, additionalProperties: {type: number}}`, []string{`x.* type: string → number`}},
		"map, free before":         {`{type: object}`, `{type: object, additionalProperties: {type: number}}`, []string{`x.* type: any → number`}},
		"names of a pattern":       {`{type: object, patternProperties: {'^a': {type: string}}}`, `{type: object, patternProperties: {'^b': {type: string}}}`, []string{`x./^a removed`, `x./^b added`}},
		"tuple":                    {`{type: array, prefixItems: [{type: string}, {type: integer}]}`, `{type: array, prefixItems: [{type: integer}]}`, []string{`x[0] type: string → integer`, `x[1] removed`}},
		"not":                      {`{type: string, not: {enum: [a]}}`, `{type: string, not: {enum: [b]}}`, []string{`x.not value a removed`, `x.not value b added`}},
		"branches of types":        {`{anyOf: [{type: string}, {type: integer}]}`, `{oneOf: [{type: array, items: {}}, {type: integer}, {type: string, minLength: 1}]}`, []string{`x.anyOf[array] added`, `x.anyOf[string] minLength: none → 1`}},
		"one becomes a union":      {`{type: string}`, `{anyOf: [{type: integer}, {type: string}]}`, []string{`x.anyOf[integer] added`}},
		"union within a union":     {`{anyOf: [{type: string}, {anyOf: [{type: integer}, {type: boolean}]}]}`, `{anyOf: [{type: boolean}, {type: integer}, {type: string}]}`, nil},
		"default of a union":       {`{default: 1, anyOf: [{type: string}, {type: integer}]}`, `{anyOf: [{type: string}, {type: integer}]}`, []string{`x default: 1 → none`}},
		"fixed value tells": {
			`{anyOf: [{type: object, properties: {k: {enum: [a]}, s: {type: string}}}, {type: object, properties: {k: {enum: [b]}, s: {type: string}}}]}`,
			`{anyOf: [{type: object, properties: {k: {enum: [c]}, s: {type: string}}}, {type: object, properties: {k: {enum: [b]}, s: {type: integer}}}, {type: object, properties: {k: {enum: [a]}}}]}`,
			[]string{`x.anyOf[a].s removed`, `x.anyOf[b].s type: string → integer`, `x.anyOf[c] added`},
		},
		"own field tells": {
			`{anyOf: [{type: object, required: [url], properties: {url: {type: string}}}, {type: object, required: [host], properties: {host: {type: string}, port: {type: integer}}}]}`,
			`{anyOf: [{type: object, required: [file], properties: {file: {type: string}}}, {type: object, required: [host], properties: {host: {type: string}, port: {type: integer}, tls: {type: boolean}}}, {type: object, required: [url], properties: {url: {type: string}}}]}`,
			[]string{`x.anyOf[file] added`, `x.anyOf[host].tls added`},
		},
		"title tells": {
			`{anyOf: [{title: One, type: object, additionalProperties: {type: string}}, {title: Two, type: object, additionalProperties: {type: integer}}]}`,
			`{anyOf: [{title: Two, type: object, additionalProperties: {type: string}}, {title: One, type: object, additionalProperties: {type: integer}}]}`,
			[]string{`x.anyOf[One].* type: string → integer`, `x.anyOf[Two].* type: integer → string`},
		},
		"nothing tells": {
			`{anyOf: [{type: object, minProperties: 1}, {type: object, minProperties: 2}]}`,
			`{anyOf: [{type: object, minProperties: 2}]}`,
			[]string{`x.anyOf[#1] removed`},
		},
		"union beside a type": {
			`{type: object, anyOf: [{required: [a]}, {required: [b]}]}`, `{type: object, anyOf: [{required: [b]}]}`,
			[]string{`x.anyOf[a] removed`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var want []string
			for _, w := range row.want {
				want = append(want, "POST /t: argument "+w)
			}
			got := texts(catalogdiff.Compare(catalog(row.from), catalog(row.to)))
			require.ElementsMatch(t, want, got)
			require.Len(t, catalogdiff.Compare(catalog(row.to), catalog(row.from)), len(want), "the other way round")
		})
	}
}

func TestDiffOfOperations(t *testing.T) {
	from := catalogOf(t, `
  /gone:
    get: {}
  /groups/{groupId}/members/{userSid}:
    delete: {}
  /list:
    get:
      parameters:
      - {name: next, in: query, schema: {type: string}}
      - {name: ids, in: query, schema: {type: array, items: {type: string}}}
      - {name: q, in: query, schema: {type: string}}
      responses: {200: {content: {application/json: {schema: {type: object, properties: {next: {}, has_more: {}}}}}}}
  /send:
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {a: {type: string}}}}}}
    put:
      parameters: [{name: a, in: query, schema: {type: string}}]
`)
	to := catalogOf(t, `
  /groups/{group_id}/members/{userId}:
    delete: {}
  /list:
    get:
      parameters:
      - {name: q, in: query, required: true, schema: {type: string}}
      - {name: ids, in: query, explode: false, schema: {type: array, items: {type: string}}}
      - {name: next_token, in: query, schema: {type: string}}
      responses: {200: {content: {application/json: {schema: {type: object, properties: {next_token: {}, has_more: {}}}}}}}
  /new/{id}:
    get: {}
  /send:
    post:
      requestBody: {content: {text/plain: {schema: {type: string}}}}
    put:
      requestBody: {content: {application/json: {schema: {type: object, properties: {a: {type: string}}}}}}
`)
	changes := catalogdiff.Compare(from, to)
	require.Equal(t, []string{
		"GET /gone: operation removed",
		"DELETE /groups/{groupId}/members/{userSid}: argument groupId name: groupId → group_id",
		"DELETE /groups/{groupId}/members/{userSid}: argument userSid name: userSid → userId",
		"GET /list: argument ids form: form, exploded → form",
		"GET /list: argument next_token wire name: next → next_token",
		"GET /list: argument q required: no → yes",
		"GET /new/{id}: operation added",
		"POST /send: argument a removed",
		"POST /send: argument body added",
		"POST /send: body type: application/json → text/plain",
		"PUT /send: argument a form: form, exploded → plain",
		"PUT /send: argument a place: query → field",
		"PUT /send: body type: none → application/json",
	}, texts(changes))
	require.Equal(t, catalogdiff.Change{Kind: catalogdiff.Removed, Operation: "POST /send", What: "argument a", From: "string"}, changes[7])
}

// TestDiffOfTheRealDocuments takes what is known of the two releases.
func TestDiffOfTheRealDocuments(t *testing.T) {
	older, newer := realCatalog(t, referencedata.Documents[0]), realCatalog(t, referencedata.Documents[1])
	changes := texts(catalogdiff.Compare(older, newer))
	for _, want := range []string{
		"DELETE /groups/{groupId}/members/{userSid}: argument userSid name: userSid → userId",
		"GET /apps: argument limit added",
		"PATCH /workflows/{workflowId}: operation added",
		"GET /source_control/releases/apps/{appUuid}: operation removed",
		"POST /resources: argument type value kafka added",
		"POST /sso/config: argument data.anyOf[oidc].oidc_end_session_url added",
	} {
		require.Contains(t, changes, want)
	}
	require.Less(t, len(changes), 100, "one more branch of a union makes no other differ")
	for range 5 {
		require.Equal(t, changes, texts(catalogdiff.Compare(older, newer)))
	}
}

// TestOrderAndSentencesAreNoDifference turns every list of a real document
// whose order means nothing, and takes out what only people read.
func TestOrderAndSentencesAreNoDifference(t *testing.T) {
	for _, name := range referencedata.Documents {
		var document any
		require.NoError(t, json.Unmarshal(referencedata.Read(t, name), &document))
		data, err := json.Marshal(turned(document))
		require.NoError(t, err)
		doc, err := openapi.Read(openapi.Source{Data: data})
		require.NoError(t, err)
		other, err := toolgen.New(doc, nil)
		require.NoError(t, err)
		require.Empty(t, texts(catalogdiff.Compare(realCatalog(t, name), other)))
	}
}

func turned(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			if _, text := value.(string); text && slices.Contains([]string{"description", "summary", "title"}, key) {
				delete(v, key)
				continue
			}
			v[key] = turned(value)
			if list, ok := value.([]any); ok && slices.Contains([]string{"anyOf", "oneOf", "enum", "required"}, key) {
				slices.Reverse(list)
			}
		}
	case []any:
		for i := range v {
			v[i] = turned(v[i])
		}
	}
	return v
}
