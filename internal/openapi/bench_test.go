package openapi_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/facts"
	"github.com/retool-mcp/retool-mcp/internal/openapi"
)

func BenchmarkRead(b *testing.B) {
	bench := func(name string, data []byte) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				_, err := openapi.Read(openapi.Source{Data: data})
				require.NoError(b, err)
			}
		})
	}
	for _, name := range facts.Documents {
		bench(name, facts.Read(b, name))
	}
	bench(facts.Documents[0]+" as YAML", toYAML(b, facts.Read(b, facts.Documents[0])))
}
