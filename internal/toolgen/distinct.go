package toolgen

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// distinct names n things: each by its first candidate, and where several would
// share a name, all of them by their next. The order of the things is
// irrelevant. Of each, the last of the four candidates must be unique.
func distinct(n int, candidate func(i, level int) string) []string {
	const last = 3
	names, levels := make([]string, n), make([]int, n)
	for i := range names {
		names[i] = candidate(i, 0)
	}
	for again := true; again; {
		again = false
		sharing := make(map[string]int, n)
		for _, name := range names {
			sharing[name]++
		}
		for i, name := range names {
			if sharing[name] > 1 && levels[i] < last {
				levels[i]++
				names[i], again = candidate(i, levels[i]), true
			}
		}
	}
	return names
}

// namesOf names all operations. Those that differ only in the names of path
// parameters are told apart by them, others that would share a name by the hash
// of their method and path.
func namesOf(operations []openapi.Operation) []string {
	alike := make(map[string]int, len(operations))
	for _, op := range operations {
		alike[tools.OperationKey(op.Method, op.Path)]++
	}
	return distinct(len(operations), func(i, level int) string {
		op := operations[i]
		name, exact := Name(op.Method, op.Path), fullHash(op.Method+" "+op.Path)
		switch {
		case level == 0:
			return name
		case level == 1 && alike[tools.OperationKey(op.Method, op.Path)] > 1:
			if words := parameterWords(op); len(words) > 0 {
				return fit(nameOf(op.Method, op.Path)+"_by_"+strings.Join(words, "_"), exact[:5], MaxNameLength)
			}
			return withHash(name, exact[:5])
		case level == 1:
			return withHash(name, hashOf(op.Method, op.Path))
		case level == 2:
			return withHash(name, exact[:5])
		default:
			return withHash(name, exact[:32])
		}
	})
}

// parameterWords are the words of all parameters in an operation's path.
func parameterWords(op openapi.Operation) (words []string) {
	for _, p := range op.Parameters {
		if p.In == openapi.InPath {
			words = slices.Concat(words, text.Words(p.Name))
		}
	}
	return words
}

func withHash(name, hash string) string {
	return name[:min(len(name), MaxNameLength-len(hash)-1)] + "_" + hash
}

// fullHash returns a hash in hex digits, which is the same in every release.
func fullHash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
