package retool_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

func TestNoToken(t *testing.T) {
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("sent %s", r.RequestURI) })
	for name, token := range map[string]string{"none": "", "blank": " \n"} {
		t.Run(name, func(t *testing.T) {
			_, err := newClient(t, server.URL, func(o *retool.Options) { o.Token = token }).Do(t.Context(), get("/users"))
			transportError(t, err, retool.NoToken)
			require.ErrorContains(t, err, "RETOOL_ACCESS_TOKEN_FILE")
		})
	}
}

func TestTimeout(t *testing.T) {
	tests := map[string]func(w http.ResponseWriter, r *http.Request){
		"before the response": func(http.ResponseWriter, *http.Request) {},
		"within the response": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"success"`)
			_ = http.NewResponseController(w).Flush()
		},
	}
	for name, begin := range tests {
		t.Run(name, func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				begin(w, r)
				<-r.Context().Done()
			})
			client := newClient(t, server.URL, func(o *retool.Options) { o.Timeout = 50 * time.Millisecond })
			_, err := client.Do(t.Context(), post("/groups", "{}"))
			failure := transportError(t, err, retool.Timeout)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.Equal(t, 50*time.Millisecond, failure.Waited, "as configured, however late it is noticed")
			require.ErrorContains(t, err, failure.Waited.String())
			require.ErrorContains(t, err, "the write may have taken effect")
			require.ErrorContains(t, err, "RETOOL_MCP_TIMEOUT")
			_, err = client.Do(t.Context(), get("/groups"))
			transportError(t, err, retool.Timeout)
			require.NotContains(t, err.Error(), "taken effect", "a read changes nothing")
		})
	}
}

func TestCancellationReachesTheServer(t *testing.T) {
	arrived, left := make(chan struct{}), make(chan struct{})
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
		close(left)
	})
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		<-arrived
		cancel(errors.New("the user left"))
	}()
	_, err := newClient(t, server.URL).Do(ctx, get("/users"))
	transportError(t, err, retool.Canceled)
	require.ErrorIs(t, err, context.Canceled)
	select {
	case <-left:
	case <-time.After(5 * time.Second):
		t.Fatal("the server still works on a canceled call")
	}
}

func TestUnresolvableHost(t *testing.T) {
	_, err := newClient(t, "https://nothing.invalid:8443/sub").Do(t.Context(),
		tools.Request{Method: "GET", Path: "/users/secret-id", Query: "email=secret"})
	failure := transportError(t, err, retool.DNS)
	require.Equal(t, "nothing.invalid", failure.Host)
	require.ErrorContains(t, err, "nothing.invalid")
	require.ErrorContains(t, err, "RETOOL_URL")
	require.NotContains(t, err.Error(), "secret")
	var cause *net.DNSError
	require.ErrorAs(t, err, &cause)
}

func TestRefusedConnection(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	gone := listener.Addr().String()
	require.NoError(t, listener.Close())

	t.Run("port", func(t *testing.T) {
		_, err := newClient(t, "http://"+gone).Do(t.Context(), get("/users"))
		transportError(t, err, retool.Refused)
		require.ErrorContains(t, err, gone)
		require.ErrorContains(t, err, "RETOOL_URL")
	})
	t.Run("socket", func(t *testing.T) {
		socket := filepath.Join(t.TempDir(), "none")
		client := newClient(t, "http://retool.internal", func(o *retool.Options) { o.UnixSocket = socket })
		_, err := client.Do(t.Context(), get("/users"))
		transportError(t, err, retool.Refused)
		require.ErrorContains(t, err, socket)
	})
}

func TestTLSFailures(t *testing.T) {
	ok := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	secure := func() *httptest.Server {
		server := httptest.NewUnstartedServer(ok)
		server.Config.ErrorLog = quiet
		server.StartTLS()
		t.Cleanup(server.Close)
		return server
	}
	trusted := secure()
	_, port, err := net.SplitHostPort(trusted.Listener.Addr().String())
	require.NoError(t, err)
	demanding := httptest.NewUnstartedServer(ok)
	demanding.Config.ErrorLog = quiet
	demanding.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, MaxVersion: tls.VersionTLS12}
	demanding.StartTLS()
	t.Cleanup(demanding.Close)
	plain := serve(t, ok)

	tests := map[string]struct {
		address string
		setting func(*retool.Options)
		says    string
	}{
		"unknown authority": {
			address: trusted.URL, setting: func(*retool.Options) {}, says: "certificate",
		},
		"certificate of another host": {
			address: "https://localhost:" + port, setting: trusting(trusted), says: "valid for",
		},
		"client certificate demanded": {
			address: demanding.URL, setting: trusting(demanding), says: "tls: ",
		},
		"plain server behind https": {
			address: "https://" + plain.Listener.Addr().String(), setting: func(*retool.Options) {}, says: "TLS",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := newClient(t, test.address, test.setting).Do(t.Context(), get("/users"))
			transportError(t, err, retool.TLS)
			require.ErrorContains(t, err, test.says)
			require.ErrorContains(t, err, "RETOOL_URL")
		})
	}

	t.Run("cause can be unwrapped", func(t *testing.T) {
		_, err := newClient(t, trusted.URL).Do(t.Context(), get("/users"))
		var cause x509.UnknownAuthorityError
		require.ErrorAs(t, err, &cause)
	})
}

func TestCutOffAnswers(t *testing.T) {
	tests := map[string]string{
		"no answer at all":       "",
		"half of the headers":    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n",
		"nothing of the body":    "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n",
		"less than announced":    "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"success\"",
		"chunks without end":     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"suc\r\n",
		"damaged compression":    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 20\r\n\r\nthis is no gzip data",
		"chunk that is no chunk": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n",
	}
	for name, raw := range tests {
		t.Run(name, func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				sendRaw(t, w, raw)
			})
			_, err := newClient(t, server.URL).Do(t.Context(), post("/groups", "{}"))
			transportError(t, err, retool.CutOff)
			require.ErrorContains(t, err, "the write may have taken effect")
		})
	}
}

func TestConnectionReset(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_ = conn.(*net.TCPConn).SetLinger(0) // close with a reset
		conn.Close()
	})
	_, err := newClient(t, server.URL).Do(t.Context(), post("/groups", "{}"))
	transportError(t, err, retool.CutOff)
}

func TestResponseThatIsNotHTTP(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) { sendRaw(t, w, "SSH-2.0-OpenSSH_9.9\r\n") })
	_, err := newClient(t, server.URL).Do(t.Context(), get("/users"))
	transportError(t, err, retool.Other)
	require.ErrorContains(t, err, "SSH-2.0")
	target, parseErr := url.Parse(server.URL)
	require.NoError(t, parseErr)
	require.ErrorContains(t, err, target.Host)
	require.Error(t, errors.Unwrap(err))
}

// sendRaw takes over the connection, sends text and closes.
func sendRaw(t *testing.T, w http.ResponseWriter, text string) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	_, _ = io.WriteString(conn, text)
	conn.Close()
}
