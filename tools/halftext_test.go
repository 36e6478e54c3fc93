package tools_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/toolgen/toolgentest"
	"github.com/retool-mcp/retool-mcp/tools"
)

// halfNumbers are texts that begin with a number, or are one as no id is written.
var halfNumbers = []string{
	"1st Line Support", "3D Printing", "3D", "5a0e8400-e29b-41d4-a716-446655440000", "5,6", "5;6", "05", "007", "0x10", "0b1", "6 and 7", "6 7", "5x", "5 %",
	"5.", ".5", "5..6", "1.2.3", "5e0", "1e2", "5e400", "5E+1", "+5", "--5", "-", "5-", "5-6", "1_000", "1,000", "5\u200b", "\u200b5", "5\x00", "\u0665", "\uff15",
	"[5", "[5] [6]", "[5],", "[5]x", "[05]", "5]", `{"a":5`, "5\n6", "5//x", "5 /*x*/", "NaN", "Infinity", "true5", `"5"`, `"5`,
}

// Text is a number, a boolean, a list or an object as a whole or not at all.
func TestTextThatOnlyBeginsWithAValueIsNotThatValue(t *testing.T) {
	t.Parallel()
	c := catalogOf(t, everyKind)
	refused := func(field string, value any) {
		t.Helper()
		call, err := bind(t, c, string(encoded(t, map[string]any{"n": 1, field: value})))
		require.ErrorContains(t, err, field, "%s %q became %+v", field, value, call)
	}
	for _, half := range halfNumbers {
		for _, field := range []string{"f", "list"} {
			refused(field, half)
		}
		refused("n", half)
		refused("list", []string{half})
		refused("list", []string{"7", half})
		refused("o", map[string]any{"deep": half})
	}
	for _, half := range []string{"true story", "trueish", "false,", "true true", "t", "1", "0", "yes", "true\u200b", "tru"} {
		refused("b", half)
	}
	for _, half := range []string{`{"deep":1`, `{"deep":1} x`, `{"deep":1}{"deep":2}`, `{"deep":1},`, `{"deep":1,"deep":2}`, `{deep:1}`} {
		refused("o", half)
		refused("union", half)
	}
	for _, half := range []string{`["a"`, `["a"] x`, `["a"]["b"]`, `["a",]`, `[a]`} {
		refused("o", map[string]any{"deep": 1, "tags": half})
	}
	refused("n", "5.0")
	refused("list", []string{"5.5"})
	require.Equal(t, `{"n":1,"f":-5.5,"list":[-5,0]}`, string(mustBind(t, c, `{"n":"1","f":"-5.5","list":["-5"," 0 "]}`).Request.Body))
}

// What is no id of a group reaches the lookup as it was given, or is refused, for
// every tool that takes ids of groups.
func TestTextThatBeginsWithAnIDIsNoID(t *testing.T) {
	t.Parallel()
	for tool, arguments := range map[string]func(id string) map[string]any{
		"create_user_invite": func(id string) map[string]any {
			return map[string]any{"email": "new@x.example", "default_group_ids": []string{id}}
		},
		"delete_group": func(id string) map[string]any { return map[string]any{"groupId": id} },
		"grant_permissions": func(id string) map[string]any {
			return map[string]any{
				"subject": map[string]any{"type": "group", "id": id}, "access_level": "use",
				"object": map[string]any{"type": "app", "id": "c373d850-c6ff-454b-a76e-3737cbd57c47"},
			}
		},
	} {
		b, err := tools.NewBinder(toolgentest.Embedded(t).Find(tool))
		require.NoError(t, err)
		for _, half := range halfNumbers {
			given := encoded(t, arguments(half))
			found, _ := b.NamedIDs(context.Background(), given)
			for _, n := range found {
				require.Equal(t, half, n.Text, tool)
			}
			call, err := b.Bind(given)
			if err == nil { // text that Retool reads
				sent := fmt.Sprintf("%s %s", call.Request.Path, call.Request.Body)
				require.Contains(t, sent, strings.Trim(string(encoded(t, half)), `"`), "%s %q", tool, half)
			}
		}
		for _, name := range []string{"1st Line Support", "3D Printing", "3D", "0x10", "6 and 7", "5e400", "5a0e8400-e29b-41d4-a716-446655440000"} {
			found, _ := b.NamedIDs(context.Background(), encoded(t, arguments(name)))
			require.Len(t, found, 1, "%s %s", tool, name)
			require.Equal(t, name, found[0].Text)
		}
	}
}
