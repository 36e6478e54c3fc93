package routes

import (
	"net/url"
	"strings"
)

// values reads the path parameters from a path that the template fits.
func (r *Route) values(path string) map[string]string {
	out := map[string]string{}
	segments := strings.Split(path, "/")
	for i, part := range strings.Split(r.Path, "/") {
		name, ok := strings.CutPrefix(part, "{")
		if !ok || i >= len(segments) {
			continue
		}
		value, err := url.PathUnescape(segments[i])
		if err != nil {
			value = segments[i]
		}
		out[strings.TrimSuffix(name, "}")] = value
	}
	return out
}
