package guard

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// allowlist holds the hosts under which clients may call the server, and the
// origins of the web pages that may call it.
type allowlist struct {
	hosts   map[host]bool // port "" means any
	origins map[string]bool
}

// host is the value of a Host header in a form that can be compared: in lower
// case, and without the dot at the end of a name.
type host struct {
	name, port string
	address    bool // the name is an IP address
}

func newAllowlist(o Options) (allowlist, error) {
	a := allowlist{hosts: map[host]bool{}, origins: map[string]bool{}}
	for _, given := range o.Hosts {
		h, ok := parseHost(given)
		if !ok || !h.address && !isName(h.name) {
			return a, fmt.Errorf(`%s%q is not a host: use a form such as "mcp.example.com" or "mcp.example.com:8443"`, hint("%s: ", o.SettingNames.Hosts), given)
		}
		a.hosts[h] = true
	}
	for _, given := range o.Origins {
		normal, ok := parseOrigin(given)
		if !ok {
			return a, fmt.Errorf(`%s%q is not an origin: use a form such as "https://app.example.com", without a path`, hint("%s: ", o.SettingNames.Origins), given)
		}
		a.origins[normal] = true
	}
	return a, nil
}

// host reports whether the Host of a request is allowed. With DNS rebinding a web
// page can make any name resolve to this machine and call the server as its own
// origin; IP addresses and localhost are safe from that.
func (a allowlist) host(r *http.Request) bool {
	called, ok := parseHost(r.Host)
	if !ok {
		return false
	}
	if called.address || a.hosts[host{name: called.name}] || a.hosts[called] {
		return true
	}
	if called.port == "" && (a.hosts[host{name: called.name, port: "80"}] || a.hosts[host{name: called.name, port: "443"}]) {
		return true
	}
	local := called.name == "localhost" || strings.HasSuffix(called.name, ".localhost")
	at, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return local && ok && at.IP.IsLoopback()
}

// origin reports whether the web page that sent a request may do so, and whether
// it has another origin than the server and needs CORS.
func (a allowlist) origin(r *http.Request) (allowed, foreign bool) {
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
	return a.origins[from], true
}

// parseHost reads a name or an IP address, with or without a port.
func parseHost(s string) (h host, ok bool) {
	u, err := url.Parse("http://" + s)
	if err != nil || u.Host != s || !isPort(u.Port()) { // more than a host, or escaped
		return h, false
	}
	h = host{name: strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")), port: u.Port()}
	at, err := netip.ParseAddr(h.name)
	bracket := strings.HasPrefix(s, "[")
	switch {
	case err != nil:
		return h, h.name != "" && !bracket && !strings.Contains(h.name, ":")
	case at.Is6() != bracket || at.Zone() != "":
		return h, false
	}
	h.name, h.address = at.String(), true
	return h, true
}

// isPort reports whether s is a port. An empty one after a colon is valid.
func isPort(s string) bool {
	if s == "" {
		return true
	}
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0 && s[0] != '0'
}

const (
	letters = "abcdefghijklmnopqrstuvwxyz"
	digits  = "0123456789"
)

func consistsOf(s, set string) bool { return strings.Trim(s, set) == "" }

// isName reports whether s is a DNS name in lower case; underscores occur.
func isName(s string) bool {
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || !consistsOf(label, letters+digits+"_-") || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
	}
	return len(s) <= 253
}

// parseOrigin returns an origin in a form that can be compared.
func parseOrigin(s string) (normal string, ok bool) {
	scheme, rest, ok := strings.Cut(s, "://")
	u, err := url.Parse(s)
	if !ok || err != nil || !strings.EqualFold(u.Scheme, scheme) {
		return "", false
	}
	h, ok := parseHost(rest)
	if !ok || !h.address && !isName(h.name) {
		return "", false
	}
	port := h.port
	if u.Scheme == "http" && port == "80" || u.Scheme == "https" && port == "443" {
		port = ""
	}
	return u.Scheme + "://" + net.JoinHostPort(h.name, port), true
}
