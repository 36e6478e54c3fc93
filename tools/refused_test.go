package tools_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/internal/referencedata"
	"github.com/retool-mcp/retool-mcp/internal/toolgen"
	"github.com/retool-mcp/retool-mcp/internal/toolgen/toolgentest"
	"github.com/retool-mcp/retool-mcp/tools"
)

// realCatalogs are the embedded document's and those of the real ones, with the
// embedded one as the known one.
func realCatalogs(t *testing.T) map[string]*tools.Catalog {
	t.Helper()
	ours := toolgentest.Embedded(t)
	all := map[string]*tools.Catalog{"embedded": ours}
	for _, document := range referencedata.Documents {
		doc, err := openapi.Read(openapi.Source{Data: referencedata.Read(t, document)})
		require.NoError(t, err)
		all[document], err = toolgen.New(doc, ours)
		require.NoError(t, err)
	}
	return all
}

// patchArgument is the argument that holds a JSON Patch, "" for none.
func patchArgument(t testing.TB, tool *tools.Tool) (name string, ops []any) {
	t.Helper()
	var full schema
	require.NoError(t, json.Unmarshal([]byte(tool.Full), &full))
	for name, s := range full.Properties {
		if s.Items == nil {
			continue
		}
		for _, item := range append(s.Items.branches(), *s.Items) {
			if _, hasPath := item.Properties["path"]; hasPath {
				ops = append(ops, item.Properties["op"].Enum...)
			}
		}
		if ops != nil {
			return name, ops
		}
	}
	return "", nil
}

// What is known to be refused of a JSON Patch is refused, for calls and dry runs,
// by the embedded document and by those of instances.
func TestRefusedPatches(t *testing.T) {
	for name, catalog := range realCatalogs(t) {
		patched, closed := 0, 0
		for i := range catalog.Tools {
			tool := &catalog.Tools[i]
			argument, verbs := patchArgument(t, tool)
			if argument == "" {
				continue
			}
			patched++
			b, err := tools.NewBinder(tool)
			require.NoError(t, err)
			try := func(operation string) error {
				arguments := map[string]any{argument: []any{json.RawMessage(operation)}}
				for _, a := range tool.Args {
					if a.In == tools.InPath {
						arguments[a.Name] = "user_7"
						if strings.HasPrefix(a.Name, "group") || strings.HasPrefix(a.Name, "accessRequest") {
							arguments[a.Name] = "7"
						}
						if tool.Name == "update_environment" {
							arguments[a.Name] = "00000000-0000-4000-8000-000000000007"
						}
					}
				}
				plain, err := json.Marshal(arguments)
				require.NoError(t, err)
				_, err = b.Bind(plain)
				arguments[tools.ArgDryRun] = true
				dry, wrong := json.Marshal(arguments)
				require.NoError(t, wrong)
				_, of := b.Bind(dry)
				require.Equal(t, fmt.Sprint(err), fmt.Sprint(of), tool.Name)
				return err
			}
			paths := slices.Sorted(maps.Keys(patchOf(t, tool)))
			path := "/name"
			if len(paths) > 0 {
				path = paths[len(paths)-1]
			}
			require.NoError(t, try(`{"op":"replace","path":"`+path+`","value":`+someValue(t, tool, path)+`}`), tool.Name)
			for operation, says := range map[string]string{
				`{"op":"set","path":"` + path + `","value":"x"}`:   `operations.0.op: must be `,
				`{"op":"replace","path":"` + path + `"}`:           `operations.0.value: missing, the new value`,
				`{"op":"replace","value":"x"}`:                     `operations.0.path: missing`,
				`{"op":"replace","path":"$.a.b","value":"x"}`:      `operations.0.path: must begin with /, such as "/a/b", not "$.a.b"`,
				`{"op":"replace","path":"#/a","value":"x"}`:        `operations.0.path: must begin with /, such as "/a", not "#/a"`,
				`{"path":"` + path + `","value":"x"}`:              `operations.0.op: missing`,
				`{"op":"replace","path":"` + path + `","valu":"x"`: ``,
			} {
				if says != "" {
					require.ErrorContains(t, try(operation), strings.Replace(says, "operations", argument, 1), "%s %s %v", name, tool.Name, verbs)
				}
			}
			if len(paths) == 0 {
				require.NoError(t, try(`{"op":"replace","path":"/anything","value":"x"}`), tool.Name)
				continue
			}
			closed++
			err = try(`{"op":"replace","path":"/email","value":"x"}`)
			require.ErrorContains(t, err, tool.Name+` cannot change "/email"`)
			for _, p := range paths {
				require.ErrorContains(t, err, p)
				if s := patchOf(t, tool)[p]; len(s.Enum) == 0 {
					require.NoError(t, try(`{"op":"replace","path":"`+p+`/part","value":"x"}`), "part of %s", p)
					continue
				}
				require.ErrorContains(t, try(`{"op":"replace","path":"`+p+`","value":"none of them"}`), "operations.0.value: must be ")
				require.ErrorContains(t, try(`{"op":"replace","path":"`+p+`/part","value":"x"}`), "cannot change")
			}
		}
		require.Equal(t, 9, patched, name)
		require.Equal(t, 4, closed, name)
	}
}

func someValue(t testing.TB, tool *tools.Tool, path string) string {
	t.Helper()
	if s := patchOf(t, tool)[path]; len(s.Enum) > 0 {
		return string(encoded(t, s.Enum[0]))
	}
	return `"x"`
}

// A field that only a newer instance has can be changed there.
func TestPatchOfNewerFields(t *testing.T) {
	const document = `{"openapi":"3.0.0","info":{"title":"Retool API","version":"9.0.0"},"paths":{"/users/{id}":{"patch":{
		"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],
		"requestBody":{"content":{"application/json":{"schema":{"type":"object","additionalProperties":false,"properties":{"operations":{"type":"array","items":{"type":"object",
			"properties":{"op":{"type":"string","enum":["replace"]},"path":{"type":"string"},"value":{}},"required":["op","path"]}}}}}}},
		"responses":{"200":{"content":{"application/json":{"schema":{"type":"object","properties":{"data":{"type":"object","properties":{"id":{"type":"string"},"email":{"type":"string"},"pronouns":{"type":"string"}}}}}}}}}}}}}`
	doc, err := openapi.Read(openapi.Source{Data: []byte(document)})
	require.NoError(t, err)
	c, err := toolgen.New(doc, toolgentest.Embedded(t))
	require.NoError(t, err)
	with := func(path string) error {
		_, err := bind(t, c, `{"id":"user_1","operations":[{"op":"replace","path":"`+path+`","value":"x"}]}`)
		return err
	}
	require.NoError(t, with("/pronouns"))
	require.NoError(t, with("/first_name"))
	require.ErrorContains(t, with("/email"), `cannot change "/email"`)
}

// An unknown field is refused wherever the document closes the body around it, with
// the fields that there are and the nearest; elsewhere the API decides.
func TestUnknownFieldsOfClosedObjects(t *testing.T) {
	for name, catalog := range realCatalogs(t) {
		closed := 0
		for i := range catalog.Tools {
			tool := &catalog.Tools[i]
			b, err := tools.NewBinder(tool)
			require.NoError(t, err)
			var full map[string]any
			require.NoError(t, json.Unmarshal([]byte(tool.Full), &full))
			var s schema
			require.NoError(t, json.Unmarshal([]byte(tool.Full), &s))
			for argument, property := range full["properties"].(map[string]any) {
				for _, object := range []map[string]any{property.(map[string]any), items(property)} {
					properties, ok := object["properties"].(map[string]any)
					if !ok || object["type"] != "object" {
						continue
					}
					arguments := s.sample(t).(map[string]any)
					of := s.Properties[argument]
					if of.Items != nil {
						of = *of.Items
					}
					value := of.sample(t).(map[string]any)
					known := slices.Sorted(maps.Keys(properties))[0]
					value[known+"x"] = true
					arguments[argument] = value
					_, err := b.Bind(encoded(t, arguments))
					if object["additionalProperties"] != false {
						if err != nil {
							require.NotContains(t, err.Error(), "unknown field", tool.Name)
						}
						continue
					}
					closed++
					require.ErrorContains(t, err, fmt.Sprintf("unknown field %q (did you mean %s?) (known: ", known+"x", known), "%s %s", name, tool.Name)
				}
			}
		}
		require.GreaterOrEqual(t, closed, 4, name)
	}
	for name, catalog := range realCatalogs(t) {
		b, err := tools.NewBinder(catalog.Find("create_space"))
		require.NoError(t, err)
		_, err = b.Bind([]byte(`{"name":"Acme","domain":"acme","options":{"copy_sso":true}}`))
		require.ErrorContains(t, err, `options: unknown field "copy_sso" (did you mean copy_sso_settings?) (known: `, name)
	}
}

func items(schema any) map[string]any {
	s, _ := schema.(map[string]any)["items"].(map[string]any)
	return s
}

// An argument that a tool lacks is told with what to use instead.
func TestWhatToUseInsteadOfAnUnknownArgument(t *testing.T) {
	c := toolgentest.Embedded(t)
	for _, x := range []struct{ tool, given, says string }{
		{"list_folders", `{"type":"app"}`, `type: unknown argument; to filter by it, use where: "folder_type == 'app'"`},
		{"list_folders", `{"folder_type":"app"}`, `use where: "folder_type == 'app'"`},
		{"list_users", `{"active":false}`, `use where: "active == false"`},
		{"list_users", `{"is_admin":"true"}`, `use where: "is_admin == 'true'"`},
		{"list_environments", `{"description":"Pat O'Hara"}`, `use where: "description == 'Pat O\\'Hara'"`},
		{"list_apps", `{"name":"Payroll"}`, `name: unknown argument (did you mean name_contains?); to filter by it, use where: "name == 'Payroll'"`},
		{"list_users", `{"status":["a"]}`, "status: unknown argument\n"},
		{"create_space", `{"name":"A","domain":"a","copy_sso_settings":true}`, "copy_sso_settings: unknown argument; it is a field of options"},
		{"create_resource", `{"base_url":"x"}`, "base_url: unknown argument; it is a field of options"},
		{"update_user", `{"first_name":"Jane"}`, `first_name: unknown argument; to change it, use operations: [{"op": "replace", "path": "/first_name", "value": …}]`},
		{"update_user", `{"email":"Jane"}`, "email: unknown argument\n"},
		{"get_user", `{"dryRun":true}`, "dryRun: unknown argument\n"},
		{"disable_user", `{"dryRun":true}`, "dryRun: unknown argument (did you mean dry_run?)\n"},
	} {
		b, err := tools.NewBinder(c.Find(x.tool))
		require.NoError(t, err)
		_, err = b.Bind([]byte(x.given))
		require.ErrorContains(t, err, x.says, x.tool)
	}
	for i := range c.Tools { // every field of every list
		tool := &c.Tools[i]
		if !tool.HasControl(tools.ArgWhere) {
			continue
		}
		b, err := tools.NewBinder(tool)
		require.NoError(t, err)
		for _, field := range tool.Answer.Fields {
			if strings.Contains(field, ".") || slices.ContainsFunc(tool.Args, func(a tools.Arg) bool { return a.Name == field }) {
				continue
			}
			_, err := b.Bind(encoded(t, map[string]any{field: 7}))
			if err == nil || !strings.Contains(err.Error(), field+": unknown argument") {
				continue // an argument in the other style
			}
			require.ErrorContains(t, err, `use where: "`+field+` == 7"`, tool.Name)
		}
	}
}
