package mcpfix

// mcp-go decodes ids as float64 and writes them back with HTML escapes:
// 12345678901234567890 comes back as 12345678901234567000, "<1>" as
// "\u003c1\u003e". The protocol wants the same id in the response.
//
// So a request whose id mcp-go would change travels under an alias, and the
// output restores the client's id, byte for byte.

// echoed reports whether mcp-go answers a request of this id, a JSON string or
// number, with the same bytes. If in doubt, it reports false.
func echoed(id string) bool {
	const exact = 15 // decimal digits that a float64 always holds
	if id[0] != '"' && len(id) > exact {
		return false
	}
	for i := range len(id) {
		switch c := id[i]; {
		case id[0] != '"' && (c < '0' || c > '9'):
			return false
		case c < ' ' || c > '~' || c == '\\' || c == '<' || c == '>' || c == '&':
			return false
		}
	}
	return true
}
