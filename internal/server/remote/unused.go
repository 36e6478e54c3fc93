package remote

import (
	"net"
	"net/http"
	"sync"
)

// unused are connections on which nothing was asked yet. Clients open such in
// advance, and a shutdown would wait for them.
type unused struct {
	mu sync.Mutex
	of map[net.Conn]struct{}
}

// see is told what becomes of a connection.
func (u *unused) see(c net.Conn, state http.ConnState) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if state == http.StateNew {
		u.of[c] = struct{}{}
	} else {
		delete(u.of, c)
	}
}

func (u *unused) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	for c := range u.of {
		_ = c.Close() // nobody has asked anything on it
	}
}
