package guard

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// names are those under which the server may be called, and the origins of the
// web pages that may call it.
type names struct {
	hosts   map[host]bool // port "" stands for any
	origins map[string]bool
}

// host is the value of a Host header in a form that can be compared: in lower
// case, and without the dot at the end of a name.
type host struct {
	name, port string
	address    bool // the name is an IP address
}

func newNames(o Options) (names, error) {
	n := names{hosts: map[host]bool{}, origins: map[string]bool{}}
	for _, given := range o.Hosts {
		h, ok := parseHost(given)
		if !ok || !h.address && !isName(h.name) {
			return n, fmt.Errorf(`%s: %q is not a host such as "mcp.example.com" or "mcp.example.com:8443"`, o.SettingNames.Hosts, given)
		}
		n.hosts[h] = true
	}
	for _, given := range o.Origins {
		normal, ok := parseOrigin(given)
		if !ok {
			return n, fmt.Errorf(`%s: %q is not an origin such as "https://app.example.com", without a path`, o.SettingNames.Origins, given)
		}
		n.origins[normal] = true
	}
	return n, nil
}

// host reports whether a request may have come to the name that it came to. A
// name that anybody can point at this machine (DNS rebinding) would let a web
// page call the server as if it were its own; an address cannot be pointed, and
// localhost is nobody else's.
func (n names) host(r *http.Request) bool {
	called, ok := parseHost(r.Host)
	if !ok {
		return false
	}
	if called.address || n.hosts[host{name: called.name}] || n.hosts[called] {
		return true
	}
	if called.port == "" && (n.hosts[host{name: called.name, port: "80"}] || n.hosts[host{name: called.name, port: "443"}]) {
		return true
	}
	local := called.name == "localhost" || strings.HasSuffix(called.name, ".localhost")
	return local && cameOverLoopback(r)
}

func cameOverLoopback(r *http.Request) bool {
	at, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return ok && at.IP.IsLoopback()
}

// origin says whether the web page that sent a request may do so, and whether
// it needs CORS for it, being another origin than the server's own.
func (n names) origin(r *http.Request) (may, foreign bool) {
	given := r.Header.Values("Origin")
	if len(given) == 0 {
		return true, false
	}
	from, ok := parseOrigin(given[0])
	if !ok || len(given) > 1 {
		return false, true
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	if own, ok := parseOrigin(scheme + "://" + r.Host); ok && from == own {
		return true, false
	}
	return n.origins[from], true
}

// parseHost reads a name or an IP address, with or without a port.
func parseHost(s string) (h host, ok bool) {
	rest, bracket := strings.CutPrefix(s, "[")
	if bracket {
		inside, after, closed := strings.Cut(rest, "]")
		at, err := netip.ParseAddr(inside)
		if !closed || err != nil || !at.Is6() || at.Zone() != "" {
			return h, false
		}
		h = host{name: at.String(), address: true}
		rest = after
	} else {
		name, port, colon := strings.Cut(s, ":")
		h.name = strings.ToLower(strings.TrimSuffix(name, "."))
		if at, err := netip.ParseAddr(h.name); err == nil {
			h = host{name: at.String(), address: true}
		}
		rest = ""
		if colon {
			rest = ":" + port
		}
	}
	if rest != "" {
		port, colon := strings.CutPrefix(rest, ":")
		if !colon || !isPort(port) {
			return h, false
		}
		h.port = port
	}
	return h, h.name != ""
}

// isPort reports whether s is a port; none at all after the colon is one, too.
func isPort(s string) bool {
	if s == "" {
		return true
	}
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0 && s[0] != '0'
}

var nameLike = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$`)
})

func isName(s string) bool { return len(s) <= 253 && nameLike().MatchString(s) }

var schemeLike = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z0-9+.-]*$`) })

// parseOrigin is an origin in a form that can be compared.
func parseOrigin(s string) (normal string, ok bool) {
	scheme, rest, ok := strings.Cut(s, "://")
	scheme = strings.ToLower(scheme)
	if !ok || !schemeLike().MatchString(scheme) {
		return "", false
	}
	h, ok := parseHost(rest)
	if !ok || !h.address && !isName(h.name) {
		return "", false
	}
	port := h.port
	if scheme == "http" && port == "80" || scheme == "https" && port == "443" {
		port = ""
	}
	return scheme + "://" + net.JoinHostPort(h.name, port), true
}
