// Package netaddr says which addresses lead to this machine.
package netaddr

import (
	"net/netip"
	"strings"
)

// IsLoopback reports whether a host, a name or an address without a port, is
// this machine.
func IsLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.IsLoopback()
}
