package openapi_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
)

func TestErrors(t *testing.T) {
	noise := make([]byte, 256)
	for i := range noise {
		noise[i] = byte(i*167 + 89)
	}
	for name, row := range map[string]struct{ document, want string }{
		"empty":                        {"", "the document is empty"},
		"blank":                        {" \n\t\r\n", "the document is empty"},
		"byte order mark alone":        {"\xef\xbb\xbf", "the document is empty"},
		"YAML comment alone":           {"# nothing\n", "the document is empty"},
		"garbage":                      {"hello world", "not an OpenAPI document: the text is a string, not an object"},
		"number":                       {"42", "not an OpenAPI document: the text is a number, not an object"},
		"web page":                     {"\n <!DOCTYPE html><html></html>", "this is a web page or XML, not an OpenAPI document"},
		"XML":                          {"<?xml version=\"1.0\"?><a/>", "this is a web page or XML, not an OpenAPI document"},
		"JSON array":                   {`[{"openapi":"3.0.0"}]`, "not an OpenAPI document: the text is an array, not an object"},
		"YAML list":                    {"- openapi: 3.0.0\n", "not an OpenAPI document: the text is an array, not an object"},
		"other JSON":                   {`{"name":"x","version":"1"}`, `not an OpenAPI document: it has no "openapi" field`},
		"other YAML":                   {"name: x\n", `not an OpenAPI document: it has no "openapi" field`},
		"Swagger 2.0":                  {`{"swagger":"2.0","paths":{}}`, "a Swagger 2.0 document: convert it to OpenAPI 3 first"},
		"Swagger 2.0 in YAML":          {"swagger: 2.0\npaths: {}\n", "a Swagger 2.0 document: convert it to OpenAPI 3 first"},
		"OpenAPI 4":                    {`{"openapi":"4.0","paths":{}}`, `OpenAPI version "4.0" is not supported, only 3.x`},
		"OpenAPI 4 in YAML":            {"openapi: 4.0\npaths: {}\n", `OpenAPI version "4.0" is not supported, only 3.x`},
		"version that is none":         {`{"openapi":{},"paths":{}}`, `OpenAPI version "" is not supported, only 3.x`},
		"no paths":                     {`{"openapi":"3.0.0"}`, `the document describes no operation ("paths" is missing or empty)`},
		"empty paths":                  {`{"openapi":"3.0.0","paths":{}}`, `the document describes no operation ("paths" is missing or empty)`},
		"paths of null":                {"openapi: 3.0.0\npaths:\n", `the document describes no operation ("paths" is missing or empty)`},
		"paths that are a list":        {`{"openapi":"3.0.0","paths":[]}`, `the document describes no operation ("paths" is missing or empty)`},
		"webhooks alone":               {`{"openapi":"3.1.0","webhooks":{"a":{"post":{}}}}`, `the document describes no operation ("paths" is missing or empty)`},
		"path without operations":      {`{"openapi":"3.0.0","paths":{"/a":{}}}`, `the document describes no operation ("paths" is missing or empty)`},
		"no operation that is usable":  {`{"openapi":"3.0.0","paths":{"/a":{"get":5,"put":5},"b":{"get":{}}}}`, "none of the document's 3 operations can be used; the first, GET /a: the operation is not an object"},
		"noise":                        {string(noise), "neither JSON (no \"{\" at its start) nor valid YAML"},
		"NUL bytes":                    {"\x00\x00\x00", "neither JSON"},
		"JSON that ends":               {`{"openapi":"3.0.0","paths":{"/a"`, "the JSON ends in the middle"},
		"JSON that ends in a string":   {`{"openapi":"3.0`, "the JSON ends in the middle"},
		"JSON after a byte order mark": {"\xef\xbb\xbf{", "the JSON ends in the middle"},
		"JSON nested too deeply":       {`{"x":` + strings.Repeat("[", 1_000) + strings.Repeat("]", 1_000) + `}`, "the JSON nests deeper than 1000 levels"},
		"JSON nested deeply enough":    {`{"x":` + strings.Repeat("[", 999) + strings.Repeat("]", 999) + `}`, `it has no "openapi" field`},
		"JSON with a comma too many":   {`{"openapi":"3.0.0","paths":{},}`, "not valid JSON at byte 29: "},
		"JSON with a comment":          {`{"openapi":"3.0.0", // three` + "\n" + `"paths":{}}`, "not valid JSON at byte 20: "},
		"JSON with a name of no kind":  {`{"openapi":"3.0.0",5:{}}`, "not valid JSON at byte 19: "},
		"JSON and more":                {`{"openapi":"3.0.0"} {}`, "there is more text after the end of the JSON document"},
		"JSON and less":                {`{"openapi":"3.0.0"}}`, "there is more text after the end of the JSON document"},
		"YAML that ends":               {"openapi: 3.0.0\npaths:\n  /a: {get: {summary: \"s", "neither JSON (no \"{\" at its start) nor valid YAML"},
		"YAML out of line":             {"openapi: 3.0.0\n paths: {}\n", "neither JSON (no \"{\" at its start) nor valid YAML"},
	} {
		t.Run(name, func(t *testing.T) {
			doc, err := openapi.Read(openapi.Source{Data: []byte(row.document)})
			require.Nil(t, doc)
			require.ErrorContains(t, err, row.want)
		})
	}
}

func TestTolerance(t *testing.T) {
	const document = `{"openapi":"3.0.0","info":{"title":"T"},"paths":{"/a":{"get":{}}}}`
	const inYAML = "openapi: 3.0.0\ninfo: {title: T}\npaths: {/a: {get: {}}}\n"
	for name, document := range map[string]string{
		"byte order mark":         "\xef\xbb\xbf" + document,
		"byte order mark in YAML": "\xef\xbb\xbf" + inYAML,
		"white space around":      "\n\t " + document + " \r\n",
		"indented YAML":           "  openapi: 3.0.0\n  info: {title: T}\n  paths: {/a: {get: {}}}\n",
		"Windows's line ends":     string(bytes.ReplaceAll([]byte(inYAML), []byte("\n"), []byte("\r\n"))),
		"YAML that is JSON":       "# JSON\n" + document,
		"3.1":                     `{"openapi":"3.1.0","info":{"title":"T"},"paths":{"/a":{"get":{}}}}`,
		"3.2":                     `{"openapi":"3.2.0","info":{"title":"T"},"paths":{"/a":{"get":{}}}}`,
		"3.0 as a number":         `{"openapi":3.0,"info":{"title":"T"},"paths":{"/a":{"get":{}}}}`,
		"repeated names":          `{"openapi":"2.0","openapi":"3.0.0","info":{"title":"S"},"info":{"title":"T"},"paths":{"/b":{"get":{}}},"paths":{"/a":{"get":{"summary":"first"},"get":{}},"/a":{"get":{}}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			doc := read(t, document)
			require.Equal(t, "T", doc.Title)
			require.Len(t, doc.Operations, 1)
			require.Equal(t, "/a", doc.Operations[0].Path)
			require.Empty(t, doc.Operations[0].Summary)
		})
	}
	t.Run("invalid UTF-8", func(t *testing.T) {
		op := readOne(t, withOperation("/a", "\"summary\":\"a\xffb\\ud800c\",\"requestBody\":{\"content\":{\"application/json\":{\"schema\":{\"properties\":{\"\xc3\x28\":{}}}}}}", ``))
		require.Equal(t, "a\uFFFDb\uFFFDc", op.Summary)
		_, ok := op.Body.Schema.Properties.Get("\uFFFD(")
		require.True(t, ok)
	})
	t.Run("NUL in a string", func(t *testing.T) {
		require.Equal(t, "a\x00b", readOne(t, withOperation("/a", `"summary":"a\u0000b"`, ``)).Summary)
	})
	t.Run("repeated names in a large object", func(t *testing.T) {
		paths := ""
		for range 20 {
			paths += `"/a":{"get":{"summary":"first"}},"/b":{"get":{}},`
		}
		doc := read(t, withPaths(paths+`"/a":{"get":{"summary":"last"}}`))
		require.Len(t, doc.Operations, 2)
		require.Equal(t, "last", find(t, doc, "GET /a").Summary)
	})
}
