package openapi_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
)

func TestServer(t *testing.T) {
	for _, row := range []struct{ name, servers, address, want string }{
		{"below the document's address", `[{"url":"./"}]`, "https://example.retool.com/api/v2/spec", "https://example.retool.com/api/v2/"},
		{"below the address of a sub-path", `[{"url":"./"}]`, "https://tools.example.com:8443/retool/api/v2/spec?x=1#y", "https://tools.example.com:8443/retool/api/v2/"},
		{"the document's address itself", `[{"url":""}]`, "https://example.com/api/spec", "https://example.com/api/spec"},
		{"a path", `[{"url":"/api/v2"}]`, "https://example.com/docs/openapi.json", "https://example.com/api/v2"},
		{"up and down", `[{"url":"../v2/"}]`, "http://example.com/docs/openapi.json", "http://example.com/v2/"},
		{"the scheme of the document", `[{"url":"//api.example.com/v2"}]`, "https://example.com/openapi.json", "https://api.example.com/v2"},
		{"absolute", `[{"url":"https://api.example.com/v2"}]`, "", "https://api.example.com/v2"},
		{"absolute, wherever the document is", `[{"url":"http://api.example.com:8080"}]`, "https://example.com/openapi.json", "http://api.example.com:8080"},
		{"relative, from a file", `[{"url":"./"}]`, "", ""},
		{"relative to an address that is none", `[{"url":"./"}]`, "not an address", ""},
		{"the first of several", `[{"url":"https://a.example.com"},{"url":"https://b.example.com"}]`, "", "https://a.example.com"},
		{
			"variables", `[{"url":"https://{region}.example.com:{port}/{base}","variables":{"region":{"default":"eu","enum":["eu","us"]},"port":{"default":8443},"base":{"default":"v2"}}}]`,
			"", "https://eu.example.com:8443/v2",
		},
		{"variable in a relative address", `[{"url":"{base}/","variables":{"base":{"default":"/v2"}}}]`, "https://example.com/openapi.json", "https://example.com/v2/"},
		{"variable without a default", `[{"url":"https://example.com/{base}/x","variables":{"base":{}}}]`, "", "https://example.com//x"},
		{"variable in the host that nobody declared", `[{"url":"https://{region}.example.com"}]`, "", ""},
		{"variable in the path that nobody declared", `[{"url":"https://example.com/{base}"}]`, "", ""},
		{"none", `[]`, "https://example.com/openapi.json", ""},
		{"no list", `{"url":"https://example.com"}`, "", ""},
		{"no object", `["https://example.com"]`, "", ""},
		{"ftp", `[{"url":"ftp://example.com"}]`, "", ""},
		{"a scheme without a host", `[{"url":"https:///v2"}]`, "", ""},
		{"a host alone", `[{"url":"api.example.com"}]`, "", ""},
		{"no address", `[{"url":"https://exa mple.com:port"}]`, "", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			document := `{"openapi":"3.0.3","servers":` + row.servers + `,"paths":{"/a":{"get":{},"servers":[{"url":"https://other.example.com"}]}}}`
			doc, err := openapi.Read(openapi.Source{Data: []byte(document), Address: row.address})
			require.NoError(t, err)
			require.Equal(t, row.want, doc.Server)
		})
	}
	t.Run("not mentioned", func(t *testing.T) {
		doc, err := openapi.Read(openapi.Source{Data: []byte(withOperation("/a", ``, ``)), Address: "https://example.com/openapi.json"})
		require.NoError(t, err)
		require.Empty(t, doc.Server)
	})
}
