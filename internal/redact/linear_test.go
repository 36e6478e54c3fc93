package redact_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/redact"
	"github.com/retool-mcp/retool-mcp/internal/testcost"
)

// numbered is n texts, each of which says its number.
func numbered(n int, format string) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf(format, i))
	}
	return all
}

// Eight times as much text and secrets takes about eight times as long, and not 64
// times; what is found stays exact.
func TestSecretsAreFoundInLinearTime(t *testing.T) {
	const letters = 2_000
	a := func(n int) string { return strings.Repeat("a", n) }
	const access, argument = "[access token]", "[redacted: argument]"
	for name, x := range map[string]struct {
		secrets    func(n int) []string
		text, want func(n int) string
	}{
		"many secrets": {
			func(n int) []string { return numbered(n, "s3cret-%06d") },
			func(n int) string { return strings.Join(numbered(n, "s3cret-%06d s3cret-%[1]d"), ", ") },
			func(n int) string {
				return strings.ReplaceAll(strings.Join(numbered(n, "! s3cret-%d"), ", "), "!", "%s")
			},
		},
		"the beginnings of a token": {
			func(int) []string { return []string{token} },
			func(n int) string { return strings.Repeat(token[:len(token)-1]+`\u002d`, n) + token },
			func(n int) string { return strings.Repeat(token[:len(token)-1]+`\u002d`, n) + "%s" },
		},
		"a token over and over": {
			func(int) []string { return []string{token} },
			func(n int) string { return strings.Repeat(token+" "+token[1:], n) },
			func(n int) string { return strings.Repeat("%s "+token[1:], n) },
		},
		"one letter": {
			func(n int) []string { return []string{a(letters * n / 100)} },
			func(n int) string { return a(letters*n/100-1) + "b" + a(letters*n/100-1) },
			func(int) string { return "%s" },
		},
		"one letter, contained": {
			func(n int) []string { return []string{a(letters * n / 100)} },
			func(n int) string { return a(letters * n / 25) },
			func(int) string { return "%s" },
		},
		"two letters, spaces between": {
			func(n int) []string { return []string{strings.Repeat("ab", n*5)} },
			func(n int) string { return strings.Repeat("a b ", n*4) },
			func(int) string { return "%s" },
		},
		"escaped letters": {
			func(n int) []string { return []string{a(n * 2)} },
			func(n int) string { return strings.Repeat(`\u0061`, n*2-1) },
			func(int) string { return "%s" },
		},
		"invisible characters": {
			func(n int) []string { return []string{a(n) + "b"} },
			func(n int) string { return a(n) + strings.Repeat("\u200b", 5*n) + "c" },
			func(int) string { return "%s" },
		},
	} {
		t.Run(name, func(t *testing.T) {
			testcost.RequireLinear(t, 500, 2*time.Millisecond, func(n int) time.Duration {
				secrets, text, want := x.secrets(n), x.text(n), x.want(n)
				return testcost.Of(func() {
					require.Equal(t, strings.ReplaceAll(want, "%s", access), redact.NewAccessToken(secrets[0], secrets[1:]...).Text(text), name)
					require.Equal(t, strings.ReplaceAll(want, "%s", argument), redact.New(redact.Rules{Sent: secrets, Reveal: true}).Message(strings.ReplaceAll(text, "\u200b", "\u00a0")), name)
				})
			})
		})
	}
}

// Names of pairs and signs behind them are read in linear time as well.
func TestAssignmentsAreFoundInLinearTime(t *testing.T) {
	r := redact.New(redact.Rules{})
	for _, part := range []string{
		"key=", "key=name=", "name:", "key: name=", `key="`, `key='name="`, `\"key\":\"`, "password=[redacted", `password="[redacted`, "password: ", `token=\`, "key=a b,", "a.key=[[[", "cookie: a; key=",
		"header=x_", "value=", "key=password value=", "label:\t", "authorization: key=", "{key=}", "key=\n", "name=é",
	} {
		took := func(n int) time.Duration {
			text := strings.Repeat(part, n/len(part))
			start := time.Now()
			r.Message(text)
			return max(time.Since(start), 2*time.Millisecond)
		}
		const attempts = 5
		for i := range attempts {
			small := min(took(8_000), took(8_000))
			if large := took(64_000); large < 32*small {
				break
			} else if i == attempts-1 {
				require.Fail(t, "not linear", "%q: %v, then %v", part, small, large)
			}
		}
	}
	for given, want := range map[string]string{
		"key=password value=hunter2":                        "key=password value=[redacted: password]",
		`key = "X-Api-Key", value = "v"`:                    `key = "X-Api-Key", value = "[redacted: X-Api-Key]"`,
		`say \"name\":\"DB_PASSWORD\",\"value\":\"v\"`:      `say \"name\":\"DB_PASSWORD\",\"value\":\"[redacted: DB_PASSWORD]\"`,
		"key=password=hunter2":                              "key=password=[redacted: password]",
		"key=name=password,value=hunter2":                   "key=name=password,value=hunter2",
		`password="[redacted]" token=abcdefgh1`:             `password="[redacted]" token=[redacted: token]`,
		"key=" + strings.Repeat("x", 500) + "token value=v": "key=" + strings.Repeat("x", 500) + "token value=v",
	} {
		require.Equal(t, want, r.Message(given), given)
	}
}
