package remote_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/server/remote"
)

// certificate makes a certificate of that name for loopback, and its key.
func certificate(t testing.TB, name string) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	require.NoError(t, err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
}

// recheck is the interval at which the files are read.
const recheck = 20 * time.Millisecond

// A pair is the files of a certificate and its key.
type pair struct{ cert, key string }

func newPair(t testing.TB, name string) pair {
	t.Helper()
	folder := t.TempDir()
	p := pair{filepath.Join(folder, "tls.crt"), filepath.Join(folder, "tls.key")}
	p.write(t, name)
	return p
}

func (p pair) write(t testing.TB, name string) {
	t.Helper()
	cert, key := certificate(t, name)
	require.NoError(t, os.WriteFile(p.cert, cert, 0o600))
	require.NoError(t, os.WriteFile(p.key, key, 0o600))
}

// serve serves with the certificate, and logs what it does.
func (p pair) serve(t testing.TB) (*running, *journal) {
	t.Helper()
	log := &journal{}
	return start(t, func(o *remote.Options) {
		o.Cert, o.Key, o.CertificateRecheck = p.cert, p.key, recheck
		o.Log = slog.New(slog.NewTextHandler(log, nil))
	}), log
}

// shown is the name of the certificate that a new connection is shown.
func (r *running) shown() string {
	r.t.Helper()
	conn, err := tls.Dial("tcp", r.address, &tls.Config{InsecureSkipVerify: true})
	require.NoError(r.t, err)
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0].Subject.CommonName
}

// changes requires that, soon, the second certificate is shown.
func (r *running) changes() {
	r.t.Helper()
	require.Eventually(r.t, func() bool { return r.shown() == "second" }, maxWait, recheck)
}

// journal is a log that many may write.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func TestTLS(t *testing.T) {
	p := newPair(t, "first")
	r, _ := p.serve(t)
	trusted := x509.NewCertPool()
	cert, err := os.ReadFile(p.cert)
	require.NoError(t, err)
	require.True(t, trusted.AppendCertsFromPEM(cert))
	for _, version := range []string{"HTTP/1.1", "HTTP/2.0"} {
		t.Run(version, func(t *testing.T) {
			transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}, ForceAttemptHTTP2: version == "HTTP/2.0"}
			t.Cleanup(transport.CloseIdleConnections)
			resp, err := (&http.Client{Transport: transport}).Get("https://" + r.address + "/healthz")
			require.NoError(t, err)
			defer resp.Body.Close()
			require.Equal(t, version, resp.Proto)
			require.Equal(t, http.StatusOK, resp.StatusCode)
		})
	}
	_, err = tls.Dial("tcp", r.address, &tls.Config{RootCAs: trusted, MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10})
	require.Error(t, err, "old versions are refused")
	status, _ := r.get("/healthz")
	require.Equal(t, http.StatusBadRequest, status, "nothing is served without")
}

func TestMetricsListenersHaveNoTLS(t *testing.T) {
	p, alone := newPair(t, "first"), freeAddress(t)
	start(t, func(o *remote.Options) { o.Cert, o.Key, o.MetricsListen = p.cert, p.key, alone })
	status, _ := get(t, http.DefaultClient, "http://"+alone+"/metrics")
	require.Equal(t, http.StatusOK, status)
}

func TestCertificateReload(t *testing.T) {
	p := newPair(t, "first")
	r, log := p.serve(t)
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	old := &http.Client{Transport: transport}
	t.Cleanup(transport.CloseIdleConnections)
	status, _ := get(t, old, "https://"+r.address+"/healthz")
	require.Equal(t, http.StatusOK, status)

	p.write(t, "second")
	r.changes()
	require.Contains(t, log.String(), "certificate reloaded")
	status, _ = get(t, old, "https://"+r.address+"/healthz")
	require.Equal(t, http.StatusOK, status, "connections that are open go on")
}

// Where a secret is mounted, a link to another folder takes the place of the old.
func TestCertificateReloadThroughLinks(t *testing.T) {
	one, two := newPair(t, "first"), newPair(t, "second")
	folder := t.TempDir()
	link := filepath.Join(folder, "..data")
	require.NoError(t, os.Symlink(filepath.Dir(one.cert), link))
	r, _ := pair{filepath.Join(link, "tls.crt"), filepath.Join(link, "tls.key")}.serve(t)
	require.Equal(t, "first", r.shown())
	require.NoError(t, os.Symlink(filepath.Dir(two.cert), filepath.Join(folder, "..new")))
	require.NoError(t, os.Rename(filepath.Join(folder, "..new"), link))
	r.changes()
}

func TestInvalidCertificateKeepsThePreviousOne(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, p pair){
		"no certificate": func(t *testing.T, p pair) { require.NoError(t, os.WriteFile(p.cert, []byte("no certificate"), 0o600)) },
		"empty":          func(t *testing.T, p pair) { require.NoError(t, os.Truncate(p.cert, 0)) },
		"gone":           func(t *testing.T, p pair) { require.NoError(t, os.Remove(p.key)) },
		"another's key": func(t *testing.T, p pair) {
			_, key := certificate(t, "another")
			require.NoError(t, os.WriteFile(p.key, key, 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPair(t, "first")
			r, log := p.serve(t)
			spoil(t, p)
			require.Eventually(t, func() bool {
				assert.Equal(t, "first", r.shown())
				return strings.Contains(log.String(), "keeping the previous one")
			}, maxWait, recheck)
			p.write(t, "second")
			r.changes()
		})
	}
}

func TestInvalidCertificateAtStart(t *testing.T) {
	good := newPair(t, "first")
	_, foreign := certificate(t, "another")
	other := filepath.Join(t.TempDir(), "other.key")
	require.NoError(t, os.WriteFile(other, foreign, 0o600))
	for name, p := range map[string]pair{
		"no such file":          {good.cert + "0", good.key},
		"the key of another":    {good.cert, other},
		"the wrong way round":   {good.key, good.cert},
		"a certificate alone":   {good.cert, ""},
		"a key alone":           {"", good.key},
		"a folder for the file": {filepath.Dir(good.cert), good.key},
	} {
		t.Run(name, func(t *testing.T) {
			o := options()
			o.Cert, o.Key = p.cert, p.key
			ctx, cancel := context.WithTimeout(t.Context(), maxWait)
			defer cancel()
			err := remote.Serve(ctx, o)
			require.ErrorContains(t, err, "--tls-cert")
			require.ErrorContains(t, err, "--tls-key")
		})
	}
}

// Connections that come in while the files change see one certificate or the
// other, whole.
func TestConcurrentCertificateReload(t *testing.T) {
	p := newPair(t, "first")
	r, _ := p.serve(t)
	stop := make(chan struct{})
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				conn, err := tls.Dial("tcp", r.address, &tls.Config{InsecureSkipVerify: true})
				if assert.NoError(t, err) {
					assert.Contains(t, []string{"first", "second"}, conn.ConnectionState().PeerCertificates[0].Subject.CommonName)
					conn.Close()
				}
			}
		})
	}
	p.write(t, "second")
	r.changes()
	close(stop)
	all.Wait()
}

// Editors on Windows put a byte order mark in front, or write UTF-16.
func TestCertificateFilesMayHaveByteOrderMarks(t *testing.T) {
	p := newPair(t, "marked")
	for i, name := range []string{p.cert, p.key} {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		marked := []byte("\ufeff" + string(text))
		if i == 1 {
			marked = []byte("\xff\xfe")
			for _, c := range text {
				marked = append(marked, c, 0)
			}
		}
		require.NoError(t, os.WriteFile(name, marked, 0o600))
	}
	r, _ := p.serve(t)
	require.Equal(t, "marked", r.shown())
}
