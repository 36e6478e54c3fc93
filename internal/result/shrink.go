package result

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

// fit shrinks a value to what a limit leaves beside a reserve, if it has to; a
// limit of 0 is none.
func fit(v *jsonvalue.Value, limit, reserve int) (cut []string) {
	if limit <= 0 || Tokens(v.JSON()) <= limit-reserve {
		return nil
	}
	return shrink(v, limit-reserve, "", 0)
}

// maxShrunk is how deep shrink looks for what it may keep: each level costs a pass
// over what is below it.
const maxShrunk = 20

// shrink makes a value small enough for so many tokens, and says what it omitted.
// It drops the largest members of an object first. It cuts the last one that is
// left: a list keeps its first items, a text its beginning.
func shrink(v *jsonvalue.Value, tokens int, at string, depth int) (cut []string) {
	if depth > maxShrunk && !v.Scalar() {
		v.Names, v.Parts = nil, nil
		return []string{"what is in " + named(at)}
	}
	tokens = max(tokens, 50)
	costs := make([]int, len(v.Parts))
	total := 0
	for i := range v.Parts {
		costs[i] = Tokens(v.Parts[i].JSON())
		total += costs[i]
		if v.Kind == jsonvalue.Object {
			total += Tokens(v.Names[i]) + 3
		}
	}
	switch v.Kind {
	case jsonvalue.Object:
		return shrinkObject(v, costs, total, tokens, at, depth)
	case jsonvalue.List:
		n, sum := 0, 0
		for n < len(costs) && sum+costs[n]+1 <= tokens {
			sum += costs[n] + 1
			n++
		}
		if n == len(costs) {
			return nil
		}
		cut = []string{fmt.Sprintf("%d of the %d items of %s", len(costs)-n, len(costs), named(at))}
		if n == 0 { // not even the first
			n, cut = 1, nil
			if len(costs) > 1 {
				cut = []string{fmt.Sprintf("%d of the %d items of %s", len(costs)-1, len(costs), named(at))}
			}
			cut = append(cut, shrink(&v.Parts[0], tokens, at, depth+1)...)
		}
		v.Parts = v.Parts[:n:n]
		return cut
	default:
		if Tokens(v.Text) <= tokens || v.Kind != jsonvalue.Text {
			return nil
		}
		whole := utf8.RuneCountInString(v.Text)
		v.Text = beginning(v.Text, tokens)
		return []string{fmt.Sprintf("all but the first %d of the %d characters of %s", utf8.RuneCountInString(v.Text), whole, named(at))}
	}
}

func shrinkObject(v *jsonvalue.Value, costs []int, total, tokens int, at string, depth int) (cut []string) {
	largest := make([]int, len(costs))
	for i := range largest {
		largest[i] = i
	}
	slices.SortStableFunc(largest, func(a, b int) int { return cmp.Compare(costs[b], costs[a]) })
	dropped := map[int]bool{}
	for _, i := range largest {
		if total <= tokens || len(dropped) == len(costs)-1 {
			break
		}
		dropped[i] = true
		total -= costs[i] + Tokens(v.Names[i]) + 3
		if len(cut) < maxNamed {
			cut = append(cut, fmt.Sprintf("%s (about %d tokens)", joinPath(at, v.Names[i]), costs[i]))
		}
	}
	kept := jsonvalue.Value{Kind: jsonvalue.Object, Untrusted: v.Untrusted}
	for i := range v.Parts {
		if !dropped[i] {
			kept.Names, kept.Parts = append(kept.Names, v.Names[i]), append(kept.Parts, v.Parts[i])
		}
	}
	if total > tokens && len(kept.Parts) == 1 {
		cut = append(cut, shrink(&kept.Parts[0], tokens-Tokens(kept.Names[0])-3, joinPath(at, kept.Names[0]), depth+1)...)
	}
	if more := len(dropped) - maxNamed; more > 0 {
		cut = append(cut, fmt.Sprintf("and %d smaller ones", more))
	}
	*v = kept
	return cut
}

// maxNamed is how many omitted fields are named.
const maxNamed = 20

func joinPath(at, name string) string { return strings.TrimPrefix(at+"."+segment(name), ".") }

func named(at string) string {
	if at == "" {
		return "the answer"
	}
	return at
}

// beginning returns as much of a text as so many tokens hold.
func beginning(s string, tokens int) string {
	low, high := 0, len(s)
	for low < high {
		middle := (low + high + 1) / 2
		if Tokens(s[:middle]) <= tokens {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return text.Prefix(s, low)
}
