package api

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

type listed[V any] struct {
	Success    bool    `json:"success"`
	Data       []V     `json:"data"`
	TotalCount int     `json:"total_count"`
	NextToken  *string `json:"next_token"`
	HasMore    bool    `json:"has_more"`
}

// Page answers the items of a table for which keep returns true, as view shows
// them: at most "limit" of them, after "next_token". Without a limit it answers
// all of them, and ignores the token. A nil keep is always true.
func Page[E, V any, T model.Item[E]](o *model.Org, c *Call, t *model.Table[E, T], keep func(T) bool, view func(*model.Org, T) V) (Answer, error) {
	limit, after, err := c.Window()
	if err != nil {
		return Answer{}, err
	}
	out := listed[V]{Success: true, Data: make([]V, 0, max(limit, 0))}
	var last uint64
	for number, item := range t.Numbered() {
		if keep != nil && !keep(item) {
			continue
		}
		out.TotalCount++
		switch {
		case number <= after:
		case limit >= 0 && len(out.Data) == limit:
			out.HasMore = true
		default:
			out.Data = append(out.Data, view(o, item))
			last = number
		}
	}
	if out.HasMore {
		out.NextToken = new(c.NextToken(last))
	}
	return Answer{Status: 200, Body: out}, nil
}

// List answers a whole list with the fields of paging, for operations that take
// no limit.
func List[V any](items []V) Answer {
	return Answer{Status: 200, Body: listed[V]{Success: true, Data: items, TotalCount: len(items)}}
}

// Views returns the items of a table for which keep returns true, as view shows
// them.
func Views[E, V any, T model.Item[E]](o *model.Org, t *model.Table[E, T], keep func(T) bool, view func(*model.Org, T) V) []V {
	out := make([]V, 0, t.Len())
	for item := range t.All() {
		if keep == nil || keep(item) {
			out = append(out, view(o, item))
		}
	}
	return out
}

// Window reads the limit, -1 for none, and the number after which to continue.
func (c *Call) Window() (limit int, after uint64, err error) {
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

// NextToken returns the token of a page that continues after a number. It is
// valid for this operation alone.
func (c *Call) NextToken(number uint64) string {
	return base64.RawURLEncoding.EncodeToString(strconv.AppendUint([]byte(c.Operation+"|"), number, 10))
}
