package redact_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/redact"
	"github.com/retool-mcp/retool-mcp/internal/testcost"
)

// Whatever a field is called, and within messages, nothing is left of the password of a
// connection string. PW stands for each part of it; what must stay is listed.
var credentialTexts = []struct{ given, stays string }{
	{"jdbc:oracle:thin:u/PW@h:1521:sid", "@h:1521:sid"},
	{"jdbc:oracle:thin:u/PW@//h/svc", "@//h/svc"},
	{"jdbc:oracle:thin:u/PW@(DESCRIPTION=(ADDRESS=(HOST=h)))", "@(DESCRIPTION=(ADDRESS=(HOST=h)))"},
	{"jdbc:oracle:oci:u/PW@tns", "@tns"},
	{`jdbc:oracle:thin:u/"PW PW"@h:1521:sid`, "@h:1521:sid"},
	{`postgres://u:p"PW@h/db`, "postgres://"},
	{`mysql://u:'PW@h/db`, "mysql://"},
	{`https://u:p<PW@h/db`, "https://"},
	{`bolt://u:12>PW@h:7687`, "@h:7687"},
	{"u:PW@unix(/s)/db", "@unix(/s)/db"},
	{"u:p PW@tcp(h)/db", "@tcp(h)/db"},
	{"see amqps://u:PW@mq/v and u:PW@tcp(h)/db", "@mq/v and [redacted: user and password]@tcp(h)/db"},
	{`u:p"PW@tcp(h)/db`, "@tcp(h)/db"},
	{"u:PW@h:3306/db", "@h:3306/db"},
	{"u:PW@/db", "@/db"},
	{"u/PW@h:1521/svc", "@h:1521/svc"},
	{"u/PW@//h/svc", "@//h/svc"},
	{"jdbc:sqlserver://h;user=u;password={S3;cr;PW}", "jdbc:sqlserver://"},
	{"jdbc:sqlserver://h;user=u;password={S3;cr PW};encrypt=true", "encrypt=true"},
	{"DRIVER={x};PWD={a};PW}", ""},
	{"DRIVER={x};PWD={a;UID=PW};Server=h", "Server=h"},
	{"Pwd=a'b;PW;", ""},
	{`Server=h;Pwd=a"b;PW;`, ""},
	{"user=u password=pass PW host=h", ""},
	{`user=u password=p\ PW`, ""},
	{`host=h user=u password=p\ PW port=5`, ""},
	{"jdbc:mysql://h/db?user=u&password=a'b;PW", "jdbc:mysql://h/db?user="},
	{`postgres://u:p/q"PW@h/db`, "@h/db"},
	{`u:p"PW@h:3306/db`, "@h:3306/db"},
	{"JDBC:ORACLE:THIN:u/PW@h:1521:sid", "@h:1521:sid"},
	{"Server=h;Password=a PW;Database=d", "Server=h;Password=[redacted: Password];Database=d"},
	{"mssql+pyodbc:///?odbc_connect=DRIVER%3D%7Bx%7D%3BUID%3Du%3BPWD%3DPW", ""},
	{"https://h/?next=https%3A%2F%2Fx%2F%3Fpassword%3DPW%26a%3Db", "https://h/?next="},
	{"https://h/?next=https%253A%252F%252Fx%252F%253Fpass%2577ord%253DPW", "https://h/?next="},
	{"https%3A%2F%2Fx%2Fauth%2Fsignup%3Ftoken%3DPW", "https%3A%2F%2Fx%2Fauth%2Fsignup%3Ftoken%3D"},
	{"redis://h?auth=PW", "redis://h?auth="},
	{"https://h/b?X-Amz-Date=1&X-Amz-Signature=PW", "https://h/b?X-Amz-Date=1&X-Amz-Signature="},
	{"https://h/b?sv=2024&sig=PW&sp=r", "https://h/b?sv=2024&sig=[redacted: sig]&sp=r"},
	{"https://h/b?key=PW&code=PW", "https://h/b?key=[redacted: key]&code=[redacted: code]"},
	{"ldap://h/dc=x??sub?(uid=x)?bindname=u,X-BINDPW=PW", "ldap://h/dc=x??sub?(uid=x)?bindname=u,X-BINDPW="},
	{"jdbc:bigquery://https://h:443;ProjectId=p;OAuthType=0;OAuthPvtKey=PW", "ProjectId=p;OAuthType=0;OAuthPvtKey="},
	{"https://x/auth/signup/PW", "https://x/auth/signup/"},
	{"https://x/auth/invite/PW?a=b", "https://x/auth/invite/[redacted: token]?a=b"},
	{"https%3A%2F%2Fx%2Fauth%2Fsignup%2FPW", "https%3A%2F%2Fx%2Fauth%2Fsignup%2F"},
	{"https%253A%252F%252Fx%252Fauth%252Finvite%252FPW", "https%253A%252F%252Fx%252Fauth%252Finvite%252F"},
}

func TestCredentialsInAnyText(t *testing.T) {
	const secret = "S3cr3tXYZabcdefgh"
	for _, x := range credentialTexts {
		given := strings.ReplaceAll(x.given, "PW", secret)
		given = strings.ReplaceAll(given, secret+"D", "PWD") // the name
		given = strings.ReplaceAll(given, "BIND"+secret, "BINDPW")
		for _, around := range []string{"%s", "connecting to %s", "%s failed", `it says "%s"`} {
			if around != "%s" && strings.Contains(x.given, " PW") && !strings.Contains(x.given, "host") && !strings.Contains(x.given, "tcp(") && !strings.Contains(x.given, "{") {
				continue // where a password with spaces ends is not known
			}
			said := strings.Replace(around, "%s", given, 1)
			for _, name := range []string{"note", "host", "url", "connection_string", "database_url"} {
				field, err := json.Marshal(map[string]string{name: said})
				require.NoError(t, err)
				shown, _ := redacted(t, redact.Rules{}, string(field))
				require.NotContains(t, shown, secret, "%s: %s", name, said)
				again, _ := redacted(t, redact.Rules{}, shown)
				require.Equal(t, shown, again, "a second time")
				if name == "note" && around == "%s" {
					var got map[string]string
					require.NoError(t, json.Unmarshal([]byte(shown), &got))
					require.Contains(t, got["note"], x.stays, given)
				}
			}
			require.NotContains(t, redact.New(redact.Rules{}).Message(said), secret, said)
		}
	}
}

// What only looks like credentials stays.
var harmlessTexts = []string{
	"ann@example.com", "write to ann@example.com:25/x or bob@example.org", "mailto:ann@example.com", "Contact:ann@example.com",
	"npm i @types/node@18 react@18.2.0 npm:lodash@4.17.21", "pkg:npm/foo@1.2.3", "uses actions/checkout@v4, org/repo@main", "import x from '@/components/x'",
	"git@github.com:org/repo.git", "git clone ssh://git@github.com:22/org/repo.git", "git+ssh://git@host/x.git#v1",
	"nginx:1.25@sha256:0123456789abcdef", "docker.io/library/nginx@sha256:12345", "registry.example.com:5000/team/image:tag",
	"meet at 12:30@room/5", "a ratio of 3:1 @ 10:00/11:00", "at 10:15:30 u@h:80/x", "2026-01-01T10:00:00Z host:80/x @me",
	"https://example.com:8443/@team/a", `{"url":"https://h:8080","mail":"ann@example.com"}`, `{"a":"postgres://db1:5432/orders","e":"ann@example.com"}`, `<a href="http://h:80/x">ann@example.com</a>`,
	"jdbc:oracle:thin:@db1:1521:orcl", "db1:5432/orders", "https://h/?page=2&sort=key&key=PROJ-12&code=404&auth=basic&sign=x", "https://h/?next=https%3A%2F%2Fx%2Fa%3Fpage%3D2",
	"host=db1 port=5432 failed for user=bob", "user=bob logged in", "user=bob", "port=5432 user=bob", "/auth/signup/form", "https://x/auth/login", "50%3D half", "a/b@c", "{{ db.user }}:{{ x }}", "postgres://{{ host }}:{{ port }}/{{ db }}",
	"use postgres://{host}:{port}/{db} or bolt://<host>:<port>", "Server=db1;Database=orders;Encrypt=True", "select a:b, c@d from x:y",
}

func TestWhatOnlyLooksLikeCredentialsStays(t *testing.T) {
	for _, given := range harmlessTexts {
		require.Equal(t, given, redact.New(redact.Rules{}).Message(given))
		field, err := json.Marshal(map[string][]string{"note": {given}})
		require.NoError(t, err)
		shown, _ := redacted(t, redact.Rules{}, string(field))
		var got map[string][]string
		require.NoError(t, json.Unmarshal([]byte(shown), &got))
		require.Equal(t, given, got["note"][0])
	}
}

func TestCredentialsAreFoundInLinearTime(t *testing.T) {
	for _, part := range []string{
		"u:", "u:p@", "u/p@", "u:p@h:3306/", "a/b", "://u:", `://u:"`, `://u:"@`, "jdbc:oracle:x:u/", "jdbc:oracle:x:u/p@", "u:p @tcp(", "(@ :", "password={", "password=a'b;", "password=a ", `password=p\ `, "?a=%3D",
		"%3Da", "%253D", "a%3d", "/auth/signup/", "%2fauth%2f", "postgres://{", "postgres://{a}", "?key=a", "user=u password=",
	} {
		t.Run(part, func(t *testing.T) {
			testcost.RequireLinear(t, 1_000, 2*time.Millisecond, func(n int) time.Duration {
				text := strings.Repeat(part, n)
				return testcost.Of(func() { redact.New(redact.Rules{}).Message(text) })
			})
		})
	}
}

// The token of a link that invites is hidden wherever the answer repeats it, but not in
// the link that the answer is for.
func TestTokensOfInviteLinksAreHiddenElsewhere(t *testing.T) {
	for _, link := range []string{"https://x/auth/signup?token=a1b2c3d4-e5f6", "https://x/join/a1b2c3d4-e5f6"} {
		got, _ := redacted(t, redact.Rules{Shown: []string{"data.invite_link"}}, `{"data":{"note":"is a1b2c3d4-e5f6","invite_link":"`+link+`"}}`)
		require.Equal(t, `{"data":{"note":"is [redacted: invite link]","invite_link":"`+link+`"}}`, got)
		got, _ = redacted(t, redact.Rules{}, `[{"invite_link":"`+link+`","id":"a1b2c3d4-e5f6","n":1}]`)
		require.NotContains(t, got, "a1b2c3d4")
	}
}
