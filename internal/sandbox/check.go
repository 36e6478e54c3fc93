package sandbox

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/routes"
)

// check reads the body into the call and checks everything against the document.
func check(route *routes.Route, call *api.Call, contentType string, body []byte) error {
	err := route.CheckParameters(call.Path, call.Query)
	if err == nil && route.Body != nil && route.Body.Type == "multipart/form-data" {
		err = readForm(route, call, contentType, body)
	} else if err == nil {
		if media, _, _ := mime.ParseMediaType(contentType); len(body) > 0 && media == "application/json" {
			call.Body = body
		}
		err = route.CheckBody(call.Body)
	}
	if fault, ok := errors.AsType[routes.FaultError](err); ok {
		return api.BadRequest("%s", string(fault))
	}
	return err
}

// readForm reads a multipart body.
func readForm(route *routes.Route, call *api.Call, contentType string, body []byte) error {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil || !strings.HasPrefix(media, "multipart/") {
		return routes.FaultError("Request body must be multipart/form-data")
	}
	call.Form, call.Files = url.Values{}, map[string][]byte{}
	value := map[string]any{}
	for parts := multipart.NewReader(bytes.NewReader(body), params["boundary"]); ; {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return routes.FaultError("Request body is not valid multipart/form-data")
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return routes.FaultError("Request body is not valid multipart/form-data")
		}
		name := part.FormName()
		value[name] = string(content)
		if file := part.FileName(); file != "" {
			call.Files[unused(call.Files, file)] = content
			continue
		}
		call.Form.Add(name, string(content))
	}
	return route.CheckValue(value)
}

// unused returns a name that no file has yet.
func unused(files map[string][]byte, name string) string {
	for {
		if _, taken := files[name]; !taken {
			return name
		}
		name += "~"
	}
}
