package where_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/where"
	"github.com/retool-mcp/retool-mcp/tools"
)

// matching are the items, by their "n", for which an expression is true.
func matching(t *testing.T, answer tools.Answer, expression string, items ...string) (matches string, notes []string) {
	t.Helper()
	f, err := where.New(expression, answer, false)
	require.NoError(t, err, expression)
	f.SetNow(now)
	for _, text := range items {
		item := parsed(t, text)
		ok, err := f.Match(t.Context(), item)
		require.NoError(t, err, expression)
		if ok {
			matches += item.Member("n").Text
		}
	}
	return matches, f.Notes()
}

// An id is the same as text and as number, whatever the document says and the items have.
func TestIDsAsTextAndNumber(t *testing.T) {
	items := []string{`{"n":1,"id":6,"sid":"6","any_id":"6","ids":[6]}`, `{"n":2,"id":7,"sid":"7","any_id":7,"ids":["7"]}`, `{"n":3,"id":10,"sid":"10","any_id":"10","ids":[]}`}
	answer := tools.Answer{List: true, Schema: `{"type":"object","properties":{"n":{"type":"integer"},"id":{"type":"integer"},"sid":{"type":"string"},"any_id":{"anyOf":[{"type":"string"},{"type":"integer"}]},"ids":{"type":"array","items":{}}}}`}
	for _, field := range []string{"id", "sid", "any_id", `item["id"]`, `item["sid"]`} {
		for test, want := range map[string]string{
			"%s == 6": "1", "%s == '6'": "1", "6 == %s": "1", "'6' == %s": "1", "%s != 6": "23", "%s != '6'": "23",
			"%s in [6, 7]": "12", "%s in ['6', '7']": "12", "%s in ['6', 7]": "12", "%s not in [6, 7]": "3", "%s not in ['6', '7']": "3", "%s IN ('6', '7')": "12", "%s NOT IN (6, 7)": "3", "%s in (6)": "1",
			"%s > 6": "23", "%s > '6'": "23", "%s >= 7 and %s < '10'": "2", "%s <= '7'": "12", "[6, 7] contains %s": "12", "['6'] contains %s": "1", "%s in ids": "12",
		} {
			expression := strings.ReplaceAll(test, "%s", field)
			matches, notes := matching(t, answer, expression, items...)
			require.Equal(t, want, matches, expression)
			require.Empty(t, notes, expression)
		}
	}
	for test, want := range map[string]string{"'6' in ids": "1", "6 in ids": "1", "ids contains '7'": "2", "ids == ['6']": "1", "any(ids, # == 7)": "2"} {
		matches, _ := matching(t, answer, test, items...)
		require.Equal(t, want, matches, test)
	}
	for _, test := range []string{"x == 7", "x in [7]", "x == 1000000", "x == 9007199254740992"} { // what is more than a number is none
		matches, _ := matching(t, answer, `item["x"]`+test[1:], `{"n":1,"x":"07"}`, `{"n":2,"x":"7 "}`, `{"n":3,"x":"1e6"}`, `{"n":4,"x":""}`, `{"n":5,"x":"9007199254740993"}`, `{"n":6,"x":"+7"}`)
		require.Empty(t, matches, test)
	}
}

func TestVersions(t *testing.T) {
	answer := tools.Answer{List: true, Schema: `{"type":"object","properties":{"release_version":{"type":"string"}}}`}
	items := []string{`{"n":1,"release_version":"1.9.0"}`, `{"n":2,"release_version":"1.10.0"}`, `{"n":3,"release_version":"v1.10.1"}`, `{"n":4,"release_version":"2.0.0-beta"}`, `{"n":5,"release_version":"2.0.0"}`, `{"n":6,"release_version":"10"}`}
	for expression, want := range map[string]string{
		"release_version > '1.10.0'": "3456", "release_version >= '1.10'": "23456", "release_version < '1.10.0'": "1", "release_version < '2.0.0'": "1234", "release_version > '9'": "6",
		"release_version == '1.10'": "", "release_version in ('1.10.0', '2.0')": "2", "'1.9.5' < release_version": "23456",
	} {
		matches, _ := matching(t, answer, expression, items...)
		require.Equal(t, want, matches, expression)
	}
}

func TestRedactedValues(t *testing.T) {
	items := []string{`{"n":1,"password":"[redacted: password]"}`, `{"n":2,"password":null}`, `{"n":3,"keys":[{"secret":"[redacted: secret]"}]}`}
	for expression, note := range map[string]string{
		"password == 'x'":                "The values of password are redacted in 1 item: conditions see the marker only, such as [redacted: password].",
		"any(keys, .secret matches 'x')": "The values of keys.secret are redacted in 1 item: conditions see the marker only, such as [redacted: password].",
	} {
		_, notes := matching(t, tools.Answer{}, expression, items...)
		require.Contains(t, notes, note, expression)
	}
	matches, notes := matching(t, tools.Answer{}, "password != nil", items...)
	require.Equal(t, "1", matches)
	require.Empty(t, notes)
}

// What SQL and others write is understood where it means one thing only.
func TestSpellingsOfOthers(t *testing.T) {
	for expression, want := range map[string]string{
		"email IN ('ada@example.com', 'bo@example.com')": "01", "email in ('ada@example.com')": "0", "email NOT IN ('ada@example.com', \"\")": "12", "id in (1, 2) and active": "2", "(id) in [1]": "1", "'x' in (tags)": "0",
		"email == 'O''Brien' or email == 'a''b''c' or id == 3": "3", "'O''Brien' == \"O'Brien\"": "0123", "\"a\"\"b\" == 'a\"b'": "0123", "'''' == \"'\"": "0123", "'' == ''": "0123", "email == ''": "3",
		"active is true": "02", "active IS FALSE": "1", "active is not false": "023", "active IS NOT TRUE": "13", "active is not null": "012",
		"last_active < now() - interval '36 hours'": "1", "last_active < NOW() - INTERVAL '30 days'": "1", "now() - duration('2 weeks') > last_active": "1", "last_active < days_ago(30)": "1", "interval == nil": "0123",
		"email like '%@example.com'": "01", "email LIKE 'ada%'": "0", "email not like '%example%'": "3", "email ILIKE '%EXAMPLE.ORG'": "2", "email like 'b_@example.com'": "1", "email like 'ada.example.com'": "", "email regexp '^b'": "1", "like == nil": "0123",
		"any(groups, name == 'admin')": "0", "ANY(groups, .name == 'admin')": "0", "LOWER(email) startsWith 'cy'": "2", "any(groups, .id > id)": "0", "any(groups, active)": "0",
		"!(active) || id == 0 && true": "013", "last_active > '2026-08-31T11:00:00+02:00'": "0", "last_active > '2026-08-31 11:59+02:00'": "0",
	} {
		matches, _, err := run(t, expression)
		require.NoError(t, err, expression)
		require.Equal(t, want, matches, expression)
	}
}
