package plan

import (
	"slices"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
)

// Mentions tells whether arguments hold one of several ids, as a text or a number.
func Mentions(args []byte, ids []string) bool {
	v, err := jsonvalue.Parse(args)
	return err == nil && len(ids) > 0 && mentions(&v, ids)
}

func mentions(v *jsonvalue.Value, ids []string) bool {
	if v.Scalar() {
		return (v.Kind == jsonvalue.Text || v.Kind == jsonvalue.Number) && slices.Contains(ids, v.Text)
	}
	return slices.ContainsFunc(v.Parts, func(part jsonvalue.Value) bool { return mentions(&part, ids) })
}
