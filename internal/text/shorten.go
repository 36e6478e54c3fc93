package text

import "strings"

// Shorten cuts s at a word within limit bytes.
func Shorten(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	cut := strings.LastIndexByte(s[:limit], ' ')
	if cut <= 0 {
		cut = limit
	}
	return strings.TrimRight(strings.ToValidUTF8(s[:cut], ""), " ,;:.(") + "…"
}
