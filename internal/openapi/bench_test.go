package openapi_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/internal/referencedata"
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
	for _, name := range referencedata.Documents {
		bench(name, referencedata.Read(b, name))
	}
	bench(referencedata.Documents[0]+" as YAML", toYAML(b, referencedata.Read(b, referencedata.Documents[0])))
}
