package perf_test

import (
	"io"
	"log/slog"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/internal/server"
	"github.com/retool-mcp/retool-mcp/internal/toolgen"
	"github.com/retool-mcp/retool-mcp/tools"
)

// The stages of a start, in their order. With a cache, Read and New give way to
// Snapshot.

func BenchmarkRead(b *testing.B) {
	s := source(b)
	b.SetBytes(int64(len(s.Data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := openapi.Read(s); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	doc, err := openapi.Read(source(b))
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := toolgen.New(doc, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeCatalog(b *testing.B) {
	data, err := json.Marshal(catalog(b), json.OmitZeroStructFields(true))
	require.NoError(b, err)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		var c tools.Catalog
		if err := json.Unmarshal(data, &c); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkServerNew(b *testing.B) {
	c, log := catalog(b), slog.New(slog.DiscardHandler)
	b.ReportAllocs()
	for b.Loop() {
		server.NewService(c, nil, server.ServiceOptions{Version: "test", Log: log})
	}
}

func BenchmarkList(b *testing.B) {
	c := catalog(b)
	b.SetBytes(int64(len(server.List(c))))
	b.ReportAllocs()
	for b.Loop() {
		_, _ = io.Discard.Write(server.List(c))
	}
}

// BenchmarkBinder is what a tool's first call costs beyond the others.
func BenchmarkBinder(b *testing.B) {
	c := catalog(b)
	for _, k := range kinds() {
		b.Run(k.name, func(b *testing.B) {
			tool := c.Find(k.tool)
			require.NotNil(b, tool)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := tools.NewBinder(tool); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkBind(b *testing.B) {
	c := catalog(b)
	for _, call := range []struct{ name, tool, arguments string }{
		{"path", "get_user", `{"userId":"` + userID(7) + `"}`},
		{"query", "list_users", `{"limit":100,"email":"example.person@example.com"}`},
		{"body", "create_user", `{"email":"example.person@example.com","first_name":"Example","last_name":"Person","metadata":{"team":"platform"}}`},
	} {
		b.Run(call.name, func(b *testing.B) {
			tool := c.Find(call.tool)
			require.NotNil(b, tool)
			binder, err := tools.NewBinder(tool)
			require.NoError(b, err)
			arguments := []byte(call.arguments)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := binder.Bind(arguments); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
