package tools_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

// A time where a date belongs is cut to its date, as it is written. What is no time is
// for the API to judge.
func TestDates(t *testing.T) {
	c := catalogOf(t, `
  /usage:
    get:
      parameters:
      - {name: titled, in: query, schema: {title: YYYY-MM-DD, type: string}}
      - {name: described, in: query, schema: {type: string, description: 'YYYY-MM-DD; yesterday if left out'}}
      - {name: within, in: query, schema: {type: string, description: 'a day (YYYY-MM-DD) or a word'}}
      - {name: formatted, in: query, schema: {type: string, format: date}}
      - {name: nullable, in: query, schema: {anyOf: [{type: string, format: date}, {type: 'null'}]}}
      - {name: either, in: query, schema: {anyOf: [{type: string, format: date-time}, {type: string, format: date}]}}
      - {name: timed, in: query, schema: {type: string, description: YYYY-MM-DDTHH:MM}}
      - {name: spaced, in: query, schema: {type: string, description: 'YYYY-MM-DD HH:MM'}}
      - {name: free, in: query, schema: {type: string}}
      responses: {'200': {content: {application/json: {schema: {type: object, properties: {data: {type: object}}}}}}}
`)
	const day = "2026-11-30"
	for _, at := range []string{day + "T09:15:00.000Z", day + "T09:15:00Z", day + "T23:15:00-05:00", day + "T09:15:00", day + "T09:15", " " + day + "T09:15:00Z "} {
		for _, name := range []string{"titled", "described", "within", "formatted", "nullable"} {
			require.Equal(t, name+"="+day, mustBind(t, c, `{"`+name+`":"`+at+`"}`).Request.Query, at)
		}
	}
	for _, name := range []string{"either", "timed", "spaced", "free"} {
		require.Contains(t, mustBind(t, c, `{"`+name+`":"`+day+`T09:15:00Z"}`).Request.Query, "09", name)
	}
	for _, other := range []string{day, "yesterday", "30.11.2026", "2026-13-01T00:00:00Z", day + "T"} {
		for _, name := range []string{"titled", "described", "within", "formatted", "nullable"} {
			require.Equal(t, name+"="+url.QueryEscape(other), mustBind(t, c, `{"`+name+`":"`+other+`"}`).Request.Query)
		}
	}
}
