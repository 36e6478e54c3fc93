package tools

import (
	"cmp"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Request is one HTTP request as data. It has no address and no credentials:
// the sender adds both.
type Request struct {
	// Method is the HTTP method in upper case.
	Method string
	// Path starts with a slash and is percent-encoded, relative to the API's
	// base address (".../api/v2"). A trailing slash is significant.
	Path string
	// Query is the encoded query without the question mark, empty if none.
	Query string
	// Headers are those that the operation always needs.
	Headers []Header
	// ContentType is that of Body; empty when there is no body.
	ContentType string
	// Body is sent unchanged; nil means no body.
	Body []byte
	// Accept lists the content types of the answer; empty means JSON.
	Accept string
}

// build makes the request of a validated call and returns what is still wrong
// with it.
func (c *Call) build() (faults []string) {
	c.Request.Method, c.Request.Headers = c.Tool.Method, c.Tool.Headers
	path := c.Tool.Path
	var query []string
	for _, a := range c.Tool.Args {
		v := c.value(a.Name)
		if c.Tool.Paging != nil && a.In == InQuery && (a.Name == ArgToken || a.Name == ArgLimit && c.Tool.Paging.Limit) {
			v = c.paged(a.Name)
		}
		if v == nil {
			continue
		}
		switch a.In {
		case InPath:
			text, fault := pathValue(a, v)
			if fault != "" {
				faults = append(faults, a.Name+": "+fault)
				continue
			}
			path = strings.ReplaceAll(path, "{"+a.Name+"}", text)
		case InQuery:
			query = append(query, queryPairs(a, v)...)
		}
	}
	c.Request.Accept = c.Tool.Accept
	c.Request.Path = path
	c.Request.Query = strings.Join(query, "&")
	return append(faults, c.buildBody()...)
}

// paged is the value of limit or next_token for the requested page. A limit is
// always sent: tokens work only with one, and a list without one is unlimited.
func (c *Call) paged(name string) *value {
	if name == ArgLimit {
		if c.Controls.Limit == 0 {
			return nil
		}
		n := strconv.Itoa(c.Controls.Limit)
		return &value{name: name, raw: jsontext.Value(n), data: json.Number(n)}
	}
	if c.Controls.Cursor.Token == "" {
		return nil
	}
	return &value{name: name, data: c.Controls.Cursor.Token}
}

// queryPairs writes a value in its style, lists and objects repeated or joined.
// Null has no form in a query and is omitted.
func queryPairs(a Arg, v *value) []string {
	name := escapeQuery(a.WireName)
	text := func(s string) string {
		if a.Reserved {
			return escapeReserved(s)
		}
		return escapeQuery(s)
	}
	if a.JSON && v.data != nil {
		return []string{name + "=" + text(v.compact())}
	}
	switch data := v.data.(type) {
	case nil:
		return nil
	case []any:
		parts := make([]string, 0, len(data))
		for _, item := range data {
			if item != nil {
				parts = append(parts, text(plain(item)))
			}
		}
		if a.Explode && (a.Style == "form" || a.Style == "") {
			for i := range parts {
				parts[i] = name + "=" + parts[i]
			}
			return parts
		}
		separator := map[string]string{"spaceDelimited": "%20", "pipeDelimited": "%7C"}[a.Style]
		return []string{name + "=" + strings.Join(parts, cmp.Or(separator, ","))}
	case map[string]any:
		return objectPairs(a, name, v.raw, text)
	default:
		return []string{name + "=" + text(plain(data))}
	}
}

// compact is the value as JSON without white space.
func (v *value) compact() string {
	compact := v.raw.Clone()
	_ = compact.Compact() // valid JSON
	return string(compact)
}

// objectPairs keeps the caller's order of fields.
func objectPairs(a Arg, name string, raw jsontext.Value, text func(string) string) []string {
	fields, _ := readArguments(raw, nil) // a validated object
	var pairs, joined []string
	for _, f := range fields {
		if f.data == nil {
			continue
		}
		key, item := escapeQuery(f.name), text(plain(f.data))
		switch {
		case a.Style == "deepObject":
			pairs = append(pairs, name+"%5B"+key+"%5D="+item)
		case a.Explode:
			pairs = append(pairs, key+"="+item)
		default:
			joined = append(joined, key, item)
		}
	}
	if len(joined) > 0 {
		pairs = append(pairs, name+"="+strings.Join(joined, ","))
	}
	return pairs
}

// plain writes a value as text: strings unchanged, whole numbers as digits.
func plain(data any) string {
	switch data := data.(type) {
	case nil:
		return ""
	case string:
		return data
	case placeholder:
		return string(data)
	case json.Number:
		return decimal(data)
	case bool:
		return strconv.FormatBool(data)
	default:
		encoded, _ := encode(data) // it was decoded from JSON
		return string(encoded)
	}
}

// escapeQuery encodes all but unreserved characters. A space is %20, since not
// every server reads a plus as one.
func escapeQuery(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// escapeReserved does not encode reserved characters that cannot end a value.
func escapeReserved(s string) string {
	escaped := escapeQuery(s)
	for _, c := range ":/?[]@!$'()*,;" {
		escaped = strings.ReplaceAll(escaped, url.QueryEscape(string(c)), string(c))
	}
	return escaped
}
