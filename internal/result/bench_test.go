package result_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/retool-mcp/retool-mcp/internal/result"
)

// page is an answer of 100 users.
func page() []byte {
	var users []any
	for i := range 100 {
		users = append(users, map[string]any{
			"id": fmt.Sprintf("user_%032x", i*7919), "legacy_id": i, "first_name": "Ava", "last_name": "Lindqvist", "email": fmt.Sprintf("ava.%d@northwind.example", i),
			"created_at": "2023-11-03T09:00:00.000Z", "last_active": "2026-11-01T16:40:05.121Z", "active": true, "is_admin": false,
			"metadata": map[string]any{"cost_center": "CC-2100", "department": "Engineering"}, "two_factor_auth_enabled": true, "user_type": "default",
		})
	}
	body, err := json.Marshal(map[string]any{"success": true, "data": users, "total_count": 1000, "next_token": "t", "has_more": true})
	if err != nil {
		panic(err)
	}
	return body
}

func BenchmarkPage(b *testing.B) {
	body := page()
	for _, arguments := range []string{`{}`, `{"format":"json"}`, `{"fields":["id","email"]}`} {
		c := call(b, "list_users", arguments)
		b.Run(arguments, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if r := result.Render(c, answer(string(body)), result.Options{MaxTokens: 1 << 20}); r.IsError {
					b.Fatal(r.Text)
				}
			}
		})
	}
}
