package call

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// grant is the access of a subject to an object that a call changes.
type grant struct {
	given struct {
		Subject struct {
			Type string          `json:"type"`
			ID   json.RawMessage `json:"id"` // a number or a text
		} `json:"subject"`
		Object      struct{ Type, ID string } `json:"object"`
		AccessLevel string                    `json:"access_level"`
	}
	level string // as it is, "" for none of its own
}

// grantOf reads the access that a call changes; nil if that cannot be read. A list
// names resources by another id than the call may.
func (l *lookup) grantOf(ctx context.Context, bound *tools.Call) *grant {
	g := &grant{}
	i := slices.IndexFunc(l.r.Readers.Tools, func(t tools.Tool) bool { return t.Method == "POST" && t.Path == "/permissions/listObjects" })
	if json.Unmarshal(bound.Arguments(), &g.given) != nil || i < 0 || unknown(string(g.given.Subject.ID)) || unknown(g.given.Object.ID) {
		return nil
	}
	object := g.given.Object
	if !l.items(ctx, &l.r.Readers.Tools[i], map[string]any{"subject": g.given.Subject, "object_type": object.Type}, func(item *jsonvalue.Value) {
		if strings.EqualFold(item.Member("id").Str(), object.ID) {
			g.level = item.Member("access_level").Str()
		}
	}) {
		return nil
	}
	if g.level == "" && object.Type != "folder" && !text.IsUUID(object.ID) {
		return nil
	}
	return g
}

// fact says which access there is.
func (g *grant) fact() []string {
	switch {
	case g == nil:
		return nil
	case g.level != "":
		return []string{"Access now: " + text.Name(g.level)}
	default:
		return []string{"Access now: none of its own"}
	}
}

// onlyInherited refuses to revoke access where there is none of its own, and says
// where the access comes from, if the access list of the object does.
func (l *lookup) onlyInherited(ctx context.Context, g *grant) *result.Result {
	subject := strings.Trim(string(g.given.Subject.ID), `"`)
	comes := "Any access is inherited: list_object_access shows from where."
	if from := l.sources(ctx, g, subject); len(from) > 0 {
		comes = "It has access through " + strings.Join(from, ", ") + ": change that instead."
	}
	return refusal("%s has no access of its own to %s, so there is nothing to revoke. %s",
		l.reference(ctx, g.given.Subject.Type, subject), l.reference(ctx, g.given.Object.Type, g.given.Object.ID), comes)
}

// sources are where a subject's access to an object comes from.
func (l *lookup) sources(ctx context.Context, g *grant, subject string) (from []string) {
	type reference struct{ Type, ID string }
	var answer struct {
		Data map[string][]struct {
			Subject reference
			Sources struct {
				Universal bool
				Groups    []reference
				Inherited *reference
			}
		}
	}
	t := l.r.reader("permissions/accessList/{}/{}")
	if t == nil {
		return nil
	}
	call, err := bind(ctx, t, map[string]string{"objectId": g.given.Object.ID, "objectType": g.given.Object.Type})
	if err != nil {
		return nil // not for this type
	}
	response, err := l.r.send(ctx, l.client, upstreamRequest{call: call, request: call.Request})
	if err != nil || json.Unmarshal(response.Body, &answer) != nil {
		return nil
	}
	for _, entry := range answer.Data[g.given.Subject.Type] {
		if entry.Subject.ID != subject {
			continue
		}
		for _, group := range entry.Sources.Groups {
			from = append(from, l.reference(ctx, "group", group.ID))
		}
		if parent := entry.Sources.Inherited; parent != nil {
			from = append(from, l.reference(ctx, parent.Type, parent.ID))
		}
		if entry.Sources.Universal {
			from = append(from, "a setting for all objects of the type")
		}
	}
	return from
}

// reference is a kind and an object, by name if that is known.
func (l *lookup) reference(ctx context.Context, kind, id string) string {
	kind = strings.ReplaceAll(kind, "_", " ")
	shown := text.Name(id)
	if name := l.called(ctx, kind, id); name != "" && name != id {
		shown = fmt.Sprintf("%s (%s)", quoted(name), shown)
	}
	return text.Name(kind) + " " + shown
}
