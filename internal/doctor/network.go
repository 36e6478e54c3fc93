package doctor

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/netaddr"
)

// proxy returns the proxy for the address, nil for none. Its error is not for
// messages: it repeats the setting, which may hold a password.
func (d *doctor) proxy() (*url.URL, error) {
	if d.inProcess() || d.UnixSocket != "" {
		return nil, nil
	}
	return http.ProxyFromEnvironment(&http.Request{URL: &url.URL{Scheme: d.scheme, Host: net.JoinHostPort(d.host, d.port)}})
}

// proxyVariable returns the variable that sets a proxy for the address, "" for none.
func (d *doctor) proxyVariable() string {
	upper := strings.ToUpper(d.scheme) + "_PROXY"
	for _, name := range []string{upper, strings.ToLower(upper)} { // in the order of net/http
		if os.Getenv(name) != "" {
			return name
		}
	}
	return ""
}

func (d *doctor) checkProxy(context.Context) Check {
	if d.UnixSocket != "" {
		return OK.found("none: every connection uses the socket %s", d.UnixSocket)
	}
	variable := d.proxyVariable()
	proxy, err := d.proxy()
	switch {
	case err != nil || proxy != nil && (proxy.Hostname() == "" || strings.HasSuffix(proxy.Host, ":")): // net/http accepts more
		return Fail.found("%s is not the address of a proxy", variable).withRemedy("correct %s: it looks like http://proxy.example.com:3128", variable)
	case proxy != nil:
		return OK.found("%s, from %s", proxyName(proxy), variable)
	case variable != "" && d.isLoopback():
		return OK.found("none: %s is set, but %s is this machine", variable, d.host)
	case variable != "":
		return OK.found("none: NO_PROXY excludes %s from %s", d.host, variable)
	case cmp.Or(os.Getenv("ALL_PROXY"), os.Getenv("all_proxy")) != "" && !d.isLoopback():
		return Warn.found("none: ALL_PROXY is set, which this program does not use").
			withRemedy("set %s_PROXY to reach %s through that proxy", strings.ToUpper(d.scheme), d.host)
	default:
		return OK.found("none")
	}
}

// proxyName returns the proxy's address without user and password.
func proxyName(u *url.URL) string { return (&url.URL{Scheme: u.Scheme, Host: u.Host}).String() }

func (d *doctor) isLoopback() bool { return netaddr.IsLoopback(d.host) }

func (d *doctor) checkDNS(ctx context.Context) Check {
	proxy, _ := d.proxy() // checked before
	_, notIP := netip.ParseAddr(d.host)
	switch {
	case d.UnixSocket != "":
		return Skip.found("the socket needs no name")
	case proxy != nil:
		return Skip.found("the proxy looks up %s", d.host)
	case notIP == nil:
		return Skip.found("%s is an IP address", d.host)
	}
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", d.host)
	if err != nil {
		return lookupFailed(d.host, "check the host in {address}", err)
	}
	var addresses []string
	for _, ip := range found {
		addresses = append(addresses, ip.Unmap().String())
	}
	return OK.found("%s → %s", d.host, list(addresses))
}

func lookupFailed(host, remedy string, err error) Check {
	if dns, is := errors.AsType[*net.DNSError](err); is && dns.IsNotFound {
		return Fail.found("there is no host %s", host).withRemedy("%s; names of an internal network need its VPN or its DNS server", remedy)
	}
	return Fail.found("the lookup of %s failed: %s", host, brief(err.Error())).
		withRemedy("the DNS server does not respond: check this machine's network, or the DNS settings of its container")
}

// peer returns where connections go, the socket, the proxy or the host, and which
// setting says so.
func (d *doctor) peer() (network, address, setting string) {
	proxy, _ := d.proxy()
	switch {
	case d.UnixSocket != "":
		return "unix", d.UnixSocket, "{unix-socket}"
	case proxy != nil:
		port := map[string]string{"https": "443", "socks5": "1080", "socks5h": "1080"}[proxy.Scheme]
		return "tcp", net.JoinHostPort(proxy.Hostname(), cmp.Or(proxy.Port(), port, "80")), d.proxyVariable()
	default:
		return "tcp", net.JoinHostPort(d.host, d.port), "{address}"
	}
}

func (d *doctor) checkConnect(ctx context.Context) Check {
	network, address, setting := d.peer()
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err == nil {
		_ = conn.Close() // nothing was sent
		return OK.found("%s accepts connections", address)
	}
	if dns, is := errors.AsType[*net.DNSError](err); is {
		return lookupFailed(dns.Name, "check "+setting, err)
	}
	if isTimeout(err) {
		return Fail.found("%s does not respond", address).withRemedy("check %s, and whether a firewall or a missing VPN is in between", setting)
	}
	remedy := "check host and port in " + setting + ", and that a server runs there"
	switch {
	case network == "unix":
		remedy = "check " + setting + ", and that this user may open the socket"
	case d.isLoopback():
		remedy += "; in a container, " + d.host + " is the container itself"
	}
	return Fail.found("no connection to %s: %s", address, brief(reason(err))).withRemedy("%s", remedy)
}

func isTimeout(err error) bool {
	timeout, is := errors.AsType[net.Error](err)
	return is && timeout.Timeout()
}

// reason returns the innermost error, without the addresses that net adds.
func reason(err error) string {
	if op, is := errors.AsType[*net.OpError](err); is {
		err = op.Err
	}
	if call, is := errors.AsType[*os.SyscallError](err); is {
		err = call.Err
	}
	return err.Error()
}
