package result_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/result"
)

// tableOf renders items as a table, whatever they are like.
func tableOf(t testing.TB, items string) string {
	t.Helper()
	r := result.Render(call(t, "list_users", `{"format":"table"}`), answer(`{"data":`+items+`,"has_more":false}`), result.Options{Reveal: true})
	require.False(t, r.IsError, r.Text)
	return r.Text
}

func TestTableLayout(t *testing.T) {
	for _, x := range []struct{ name, items, want string }{
		{"plain values", `[{"id":1,"n":"a","ok":true},{"id":2,"n":"b","ok":false}]`, "id,n,ok\n1,a,true\n2,b,false"},
		{"numbers, null and their texts", `[{"a":5,"b":"5"},{"a":null,"b":"null"},{"a":"true","b":true},{"a":1.50,"b":"1e5"},{"a":"-1","b":"01"}]`, "a,b\n5,\"5\"\nnull,\"null\"\n\"true\",true\n1.50,\"1e5\"\n\"-1\",01"},
		{"empty and absent", `[{"a":"","b":1},{"b":2}]`, "a,b\n\"\",1\n,2"},
		{"quoting", `[{"a":"x,y"},{"a":"say \"hi\""},{"a":"two\nlines"},{"a":" edge"},{"a":"#1"}]`, "a\n\"x,y\"\n\"say \"\"hi\"\"\"\n\"two\nlines\"\n\" edge\"\n\"#1\""},
		{"objects", `[{"a":{"b":1,"c":{"d":"x"}}},{"a":null},{"a":{}}]`, "a,a.b,a.c.d\n,1,x\nnull,,\n{},,"},
		{"lists of values", `[{"a":["x","y"]},{"a":[]},{"a":[1,null]},{"a":null},{"a":["1"]},{"a":["x;y"]},{"a":[""]},{"a":["a b","c"]}]`, "a[]\nx;y\n[]\n1;null\nnull\n\"\"\"1\"\"\"\n\"\"\"x;y\"\"\"\n\"\"\"\"\"\"\na b;c"},
		{"lists of objects", `[{"g":[{"id":1,"n":"a"},{"id":2,"n":"b"}]},{"g":[]},{"g":[{"id":3}]},{"g":null},{"g":[{"n":"a b"},{"id":4,"n":"-"}]}]`, "g[](id n)\n1 a; 2 b\n[]\n3 -\nnull\n\"- \"\"a b\"\"; 4 \"\"-\"\"\""},
		{"lists of objects whose fields have odd names", `[{"g":[{"a b":1,"c,d":"x; y"}]}]`, "\"g[](\"\"a b\"\" c,d)\"\n\"1 \"\"x; y\"\"\""},
		{"a list of null alone", `[{"a":[null]},{"a":["x"]}]`, "a{}\n[null]\n\"[\"\"x\"\"]\""},
		{"what is neither", `[{"a":[1,{"b":2}],"c":"x"},{"a":"y","c":[["z"]]}]`, "a{},c{}\n\"[1,{\"\"b\"\":2}]\",\"\"\"x\"\"\"\n\"\"\"y\"\"\",\"[[\"\"z\"\"]]\""},
		{"names that need quotes", `[{"a.b":{"c,d":1},"":2,"e f":3}]`, "\"\"\"a.b\"\".c,d\",\"\"\"\"\"\",e f\n1,2,3"},
	} {
		text := tableOf(t, x.items)
		head, table, _ := strings.Cut(text, "\n")
		require.Regexp(t, `^# \d+ rows?; no more$`, head)
		if legend, rest, ok := strings.Cut(table, "\n"); ok && strings.HasPrefix(legend, "# Cells: ") {
			table = rest
		}
		require.Equal(t, x.want, table, x.name)
		require.Equal(t, decode(t, x.items), any(readTable(t, text)), x.name)
	}
}

// The head says how what is no value looks, as far as there is any.
func TestTableSaysHowMissingValuesLook(t *testing.T) {
	for items, want := range map[string]string{
		`[{"a":"","b":null},{"a":"x"}]`:    "# Cells: nothing = absent, null = null, \"\" = empty text.\n",
		`[{"a":"x","b":"y"},{"b":"y"}]`:    "# Cells: nothing = absent.\n",
		`[{"a":""},{"a":null}]`:            "# Cells: null = null, \"\" = empty text.\n",
		`[{"a":null},{"a":1}]`:             "",
		`[{"a":"x"},{"a":"y"}]`:            "",
		`[{"a":{"b":""}},{"a":{"b":"x"}}]`: "# Cells: \"\" = empty text.\n",
	} {
		_, table, _ := strings.Cut(tableOf(t, items), "\n")
		if want == "" {
			require.NotContains(t, table, "# Cells", items)
			continue
		}
		require.True(t, strings.HasPrefix(table, want), "%s\n%s", items, table)
	}
}

// Nothing is lost in a table: whatever the items, they can be read from it.
func TestItemsCanBeReadFromTheTable(t *testing.T) {
	for seed := range uint64(3000) {
		g := generator{rand.New(rand.NewPCG(seed, 6))}
		items := g.items()
		encoded, err := json.Marshal(items)
		require.NoError(t, err)
		text := tableOf(t, string(encoded))
		if strings.HasPrefix(text, "{") { // rows that CSV would lose
			continue
		}
		require.Equal(t, any(items), any(readTable(t, text)), "seed %d\n%s\n%s", seed, encoded, text)
	}
}

// generator makes items of a few fields with values of all sorts.
type generator struct{ *rand.Rand }

var words = []string{
	"", "null", "true", "5", "-1.5", "[", "[]", "{}", ";", "a;b", ",", `"`, `""`, "\n", "x\ny", " ", "#", "plain", "two words", "日本", "é", "\t", `\`, "a.b", "01", "1e5", "NaN", "=1+1",
}

var fields = []string{"id", "name", "a.b", "x[]", "tags", "", "owner", `q"q`, "k,l"}

func (g generator) items() []any {
	out := make([]any, 1+g.IntN(6))
	kinds := make([]int, 1+g.IntN(5)) // mostly alike, as items of a list are
	for i := range kinds {
		kinds[i] = g.IntN(7)
	}
	for i := range out {
		item := map[string]any{}
		for j, kind := range kinds {
			if g.IntN(8) > 0 {
				if g.IntN(6) == 0 {
					kind = g.IntN(7)
				}
				item[fields[j]] = g.value(kind, 2)
			}
		}
		out[i] = item
	}
	return out
}

func (g generator) value(kind, depth int) any {
	switch {
	case kind == 0:
		return nil
	case kind == 1:
		return json.Number(fmt.Sprint(g.IntN(2000) - 1000))
	case kind == 2:
		return g.IntN(2) == 0
	case kind == 3 && depth > 0:
		list := []any{}
		for range g.IntN(4) {
			list = append(list, g.value(g.IntN(4+depth), 0))
		}
		return list
	case kind == 4 && depth > 0:
		object := map[string]any{}
		for range g.IntN(3) {
			object[fields[g.IntN(len(fields))]] = g.value(g.IntN(7), depth-1)
		}
		return object
	case kind == 5 && depth > 0:
		list := []any{}
		names := fields[:1+g.IntN(3)]
		for range g.IntN(4) {
			object := map[string]any{}
			for _, name := range names {
				object[name] = g.value(g.IntN(3), 0)
			}
			list = append(list, object)
		}
		return list
	default:
		return words[g.IntN(len(words))]
	}
}

// By itself a list becomes a table where that can be read, and JSON otherwise.
func TestDefaultFormat(t *testing.T) {
	wide := `{"k0":0`
	for i := 1; i <= 40; i++ {
		wide += fmt.Sprintf(`,"k%d":%d`, i, i)
	}
	for _, x := range []struct {
		name, items string
		table       bool
	}{
		{"flat", `[{"id":1,"g":["a"],"o":{"x":1}}]`, true},
		{"nothing", `[]`, true},
		{"deep", `[{"id":1,"g":[{"a":[1]}]}]`, false},
		{"more columns than one can read", `[` + wide + `}]`, false},
		{"mostly holes", `[{"a":1},{"b":1},{"c":1}]`, false},
		{"no objects", `["a","b"]`, false},
	} {
		body := answer(`{"data":` + x.items + `,"has_more":false}`)
		chosen := result.Render(call(t, "list_users", `{}`), body, result.Options{}).Text
		require.Equal(t, x.table, strings.HasPrefix(chosen, "# "), "%s: %s", x.name, chosen)
		asked := result.Render(call(t, "list_users", `{"format":"json"}`), body, result.Options{}).Text
		require.Equal(t, `{"data":`+x.items+`,"has_more":false}`, asked, x.name)
	}
}

func TestFieldsAroundTheItemsAreShown(t *testing.T) {
	r := result.Render(call(t, "list_users", `{}`), answer(`{"success":true,"data":[{"id":1}],"warning":{"code":7},"total_count":1,"next_token":null,"has_more":false}`), result.Options{})
	require.Equal(t, "# 1 row; no more\n# other fields: {\"data\":null,\"warning\":{\"code\":7}}\nid\n1", r.Text)
}
