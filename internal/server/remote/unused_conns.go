package remote

import (
	"net"
	"net/http"
	"sync"
)

// unusedConns are connections without a request so far. Clients open some in advance,
// and http.Server.Shutdown waits for them.
type unusedConns struct{ sync.Map }

// track is the ConnState hook of a server.
func (u *unusedConns) track(c net.Conn, state http.ConnState) {
	if state == http.StateNew {
		u.Store(c, nil)
	} else {
		u.Delete(c)
	}
}

func (u *unusedConns) close() {
	for c := range u.Range {
		if _, unused := u.LoadAndDelete(c); unused {
			_ = c.(net.Conn).Close() //nolint:forcetypeassert // the only type; it carries no request
		}
	}
}
