package e2e_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// connections are fields with connection strings. USER and PASS stand for user and password,
// the rest is to be seen.
var connections = []struct{ field, text, seen string }{
	{"connection_string", "postgres://USER:PASS@db1.example.com:5432/orders?sslmode=require&sslpassword=PASS", "@db1.example.com:5432/orders?sslmode=require&sslpassword="},
	{"connectionString", "Server=tcp:db2.example.com,1433;Database=shop;User Id=USER;Password={PASS;}}%};Encrypt=True", "Server=tcp:db2.example.com,1433;Database=shop;User Id="},
	{"database_url", "mongodb+srv://USER:p@s/PASS:%40w@h1.example.com,h2.example.com/shop?replicaSet=rs0", "@h1.example.com,h2.example.com/shop?replicaSet=rs0"},
	{"connection_uri", "jdbc:sqlserver://db3.example.com:1433;databaseName=crm;user=USER;password=PASS;encrypt=true", "jdbc:sqlserver://db3.example.com:1433;databaseName=crm;user="},
	{"dsn", "host=db4.example.com port=5432 user=USER password='PASS x' sslmode=disable", "host=db4.example.com port=5432 user="},
	{"url", "redis://:PASS@cache.example.com:6379/0", "@cache.example.com:6379/0"},
	{"note", "see amqps://USER:p@/PASS@mq.example.com/v and USER:PASS@tcp(db5.example.com:3306)/x", "@mq.example.com/v and "},
	{"ambiguous_dsn", "postgres://USER:PASS?x=y@db6.example.com/orders", ""},
}

// planted returns such fields, with canaries.
func (n *canarySet) planted(at string) object {
	out := object{}
	for _, c := range connections {
		place := at + ": " + c.field
		out[c.field] = strings.NewReplacer("USER", n.text(place+", the user"), "PASS", n.text(place+", the password")).Replace(c.text)
	}
	return out
}

// plantInvites puts canaries into all links of invites, and returns how many there are.
func (n *canarySet) plantInvites(v any) (count int) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			count += n.plantInvites(item)
		}
	case object:
		for name, part := range v {
			if name == "invite_link" {
				v[name] = "https://acme.retool.com/auth/signup?token=" + n.text("an invite")
				count++
			}
			count += n.plantInvites(part)
		}
	}
	return count
}

// No result of any operation shows user or password of a connection string, and all show
// where it leads. The link of an invite is shown by the two that are for it, once they
// succeed.
func TestConnectionStringsAndInvitesAppearNowhere(t *testing.T) {
	t.Parallel()
	k := openConversation(t, nil, "--secret-dir", t.TempDir())
	links := 0
	for _, d := range describedOperations(t) {
		t.Run(d.tool, func(t *testing.T) {
			k.t = t
			a := &answerMaker{canarySet: canarySet{withoutOpenMaps: true}}
			body := a.answer(d, true)
			body["free"] = a.planted("beside data")
			invites := a.plantInvites(body)
			links += invites
			shown := d.tool == "create_user_invite" || d.tool == "get_user_invite"
			require.True(t, !shown || invites == 1)

			for _, controls := range []object{{}, d.control("format", "table"), d.control("format", asJSON)} {
				arguments := with(d.requiredArguments(t), "", nil)
				delete(arguments, "")
				maps.Copy(arguments, controls)
				h := k.succeeds(d.tool, arguments, answeringJSON(t, body))
				if strings.Contains(h.all, "In brief: ") {
					arguments["fields"] = fieldsOf(body)
					h = k.succeeds(d.tool, arguments, answeringJSON(t, body))
				}
				for _, c := range connections {
					require.Contains(t, h.text(), strings.ReplaceAll(c.seen, `"`, `\"`), c.field)
				}
				if !shown {
					a.none(t, "the result", h.all)
					continue
				}
				found, piece := a.in(h.text())
				require.False(t, piece)
				require.Equal(t, []string{"an invite"}, each(slices.Sorted(maps.Keys(found)), func(i int) string { return a.places[i] }))
			}

			message := jsonOf(t, object{"free": body["free"], "invite_link": "https://acme.retool.com/auth/signup?token=" + a.text("an invite")})
			for _, failure := range []object{{"success": false, "message": message}, {"success": false, "message": "no", "data": body["data"], "free": body["free"]}} {
				for _, status := range []int{http.StatusOK, http.StatusBadRequest} {
					h := k.call(d.tool, d.requiredArguments(t), answering(status, jsonType, jsonOf(t, failure)))
					require.True(t, h.Result.IsError)
					a.none(t, fmt.Sprint("a failure, ", status), h.all)
				}
			}
			if _, ok := d.takes["dry_run"]; ok {
				a.none(t, "a dry run", k.succeeds(d.tool, with(d.requiredArguments(t), "dry_run", true), answeringJSON(t, body)).all)
			}
		})
	}
	require.Greater(t, links, 10)
	require.Empty(t, anyCanary.FindString(k.stderr.String()), "the log")
}
