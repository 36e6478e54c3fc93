package org

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
)

type listed[V any] struct {
	Success    bool    `json:"success"`
	Data       []V     `json:"data"`
	TotalCount int     `json:"total_count"`
	NextToken  *string `json:"next_token"`
	HasMore    bool    `json:"has_more"`
}

// page answers those items of a table that keep picks, as view shows them, at
// most as many as "limit" says and from where "next_token" says. Without a
// limit everything comes and a token does not count. A nil keep picks all.
func page[T Keyed, V any](c *Call, t *Table[T], keep func(T) bool, view func(T) V) (Answer, error) {
	limit, after, err := c.window()
	if err != nil {
		return Answer{}, err
	}
	out := listed[V]{Success: true, Data: make([]V, 0, max(limit, 0))}
	var last uint64
	for _, r := range t.rows {
		if keep != nil && !keep(r.Item) {
			continue
		}
		out.TotalCount++
		switch {
		case r.Number <= after:
		case limit >= 0 && len(out.Data) == limit:
			out.HasMore = true
		default:
			out.Data = append(out.Data, view(r.Item))
			last = r.Number
		}
	}
	if out.HasMore {
		out.NextToken = new(c.token(last))
	}
	return Answer{Status: 200, Body: out}, nil
}

// everything answers a whole list with the fields of paging, as lists do that
// take no limit.
func everything[V any](items []V) Answer {
	return Answer{Status: 200, Body: listed[V]{Success: true, Data: items, TotalCount: len(items)}}
}

// views is what view shows of those items of a table that keep picks.
func views[T Keyed, V any](t *Table[T], keep func(T) bool, view func(T) V) []V {
	out := make([]V, 0, t.Len())
	for item := range t.All() {
		if keep == nil || keep(item) {
			out = append(out, view(item))
		}
	}
	return out
}

// window reads limit, -1 for none, and the number after which to go on.
func (c *Call) window() (limit int, after uint64, err error) {
	given := c.Query.Get("limit")
	if given == "" {
		return -1, 0, nil
	}
	if limit, err = strconv.Atoi(given); err != nil || limit < 1 || limit > 100 {
		return 0, 0, BadRequest("Invalid integer type for query parameter: limit")
	}
	token := c.Query.Get("next_token")
	if token == "" {
		return limit, 0, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(token)
	operation, number, ok := strings.Cut(string(text), "|")
	if after, _ = strconv.ParseUint(number, 10, 63); err != nil || !ok || operation != c.Operation || after == 0 {
		return 0, 0, BadRequest("Invalid next_token")
	}
	return limit, after, nil
}

// token says in a text that means nothing to anybody else where to go on.
func (c *Call) token(number uint64) string {
	return base64.RawURLEncoding.EncodeToString(strconv.AppendUint([]byte(c.Operation+"|"), number, 10))
}

// sortedByID orders what has textual ids as the API orders folders.
func sortedByID[T Keyed](items []T) []T {
	slices.SortFunc(items, func(a, b T) int { return strings.Compare(a.Key(), b.Key()) })
	return items
}
