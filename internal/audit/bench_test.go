package audit_test

import (
	"encoding/json"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/audit"
)

// BenchmarkAppend measures a line of a read, and of a write, which is synced, alone
// and with concurrent ones.
func BenchmarkAppend(b *testing.B) {
	arguments := json.RawMessage(`{"user_id":"user_7f3a","email":"ada@example.com","metadata":{"team":"Analytics","cost_center":4711},"active":true}`)
	for name, phase := range map[string]audit.Phase{"read": audit.End, "write": audit.Begin} {
		for _, parallel := range []int{1, 16} {
			b.Run(fmt.Sprintf("%s/%d", name, parallel), func(b *testing.B) {
				log := open(b, onDisk(b), audit.Options{})
				e := audit.Entry{Phase: phase, Caller: "ada@example.com", Session: "mcp-session-1", Tool: "update_user", Operation: "PATCH /users/{userId}", Arguments: arguments, Status: 200}
				var calls atomic.Int64
				b.ReportAllocs()
				b.SetParallelism(parallel)
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						e := e
						e.Call = fmt.Sprint(calls.Add(1))
						if err := log.Append(e); err != nil {
							b.Error(err)
						}
					}
				})
			})
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	file := onDisk(b)
	log := open(b, file, audit.Options{})
	for i := range 10000 {
		add(b, log, read(numbered(i)))
	}
	require.NoError(b, log.Close())
	b.SetBytes(int64(len(text(b, file))))
	for b.Loop() {
		verified(b, file)
	}
}
