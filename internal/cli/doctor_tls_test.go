package cli_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// certificate is one with its key, for which others may be made.
type certificate struct {
	*x509.Certificate
	key *ecdsa.PrivateKey
}

// certify makes a certificate, signed by another one or, without, by itself.
func certify(t testing.TB, by *certificate, from, until time.Duration, names ...string) *certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "of " + strings.Join(names, " ")},
		NotBefore: time.Now().Add(from), NotAfter: time.Now().Add(until),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, BasicConstraintsValid: true, IsCA: len(names) == 0,
	}
	if len(names) == 0 {
		template.Subject = pkix.Name{CommonName: "Root", Organization: []string{"Test Authority"}}
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.Certificate, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	require.NoError(t, err)
	made, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return &certificate{made, key}
}

// file is the certificate as a file of authorities to trust.
func (c *certificate) file(t testing.TB) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}), 0o600))
	return name
}

// serveTLS serves a handler with a certificate.
func serveTLS(t testing.TB, h http.Handler, c *certificate) string {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // refused handshakes are what is tested
	s.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{c.Raw}, PrivateKey: c.key}}}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL
}

const (
	day  = 24 * time.Hour
	year = 365 * day
)

func TestDoctorOnCertificates(t *testing.T) {
	t.Parallel()
	root := certify(t, nil, -year, year)
	trusted := "SSL_CERT_FILE=" + root.file(t)
	here := []string{"127.0.0.1", "localhost"}
	itself := certify(t, nil, -day, year, here...)
	for name, c := range map[string]struct {
		with      *certificate
		variables []string
		status    string
		says      []string
	}{
		"good":                  {certify(t, root, -day, 90*day, here...), []string{trusted}, "ok", []string{"TLS 1.3", "issued by Test Authority Root", "89 days left"}},
		"ends soon":             {certify(t, root, -day, 5*day, here...), []string{trusted}, "warn", []string{"4 days left", "renew it"}},
		"expired":               {certify(t, root, -year, -day, here...), []string{trusted}, "fail", []string{"expired on " + time.Now().Add(-day).UTC().Format(time.DateOnly), "renew it"}},
		"not yet valid":         {certify(t, root, day, year, here...), []string{trusted}, "fail", []string{"not valid before", "clock"}},
		"another name":          {certify(t, root, -day, year, "other.example.com"), []string{trusted}, "fail", []string{"for other.example.com, not for 127.0.0.1", "--url"}},
		"unknown authority":     {certify(t, root, -day, year, here...), nil, "fail", []string{"issued by Test Authority Root", "SSL_CERT_FILE"}},
		"self-signed":           {itself, nil, "fail", []string{"self-signed", "SSL_CERT_FILE"}},
		"self-signed, so be it": {itself, []string{"SSL_CERT_FILE=" + itself.file(t)}, "ok", []string{"issued by itself"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			instance := newEmulated(t)
			e := diagnose(t, to(serveTLS(t, instance, c.with), c.variables...)...)
			e.is(t, "tls", c.status, c.says...)
			if c.status != "fail" {
				e.is(t, "health", "ok", "Retool 4.0.0")
				e.is(t, "token", "ok")
				return
			}
			for _, skipped := range []string{"health", "clock", "token", "scopes"} {
				e.is(t, skipped, "skip", "while tls fails")
			}
			require.Empty(t, instance.requests(), "nothing is sent to whom nobody trusts")
		})
	}
	t.Run("a name that resolves", func(t *testing.T) {
		t.Parallel()
		address := serveTLS(t, newEmulated(t), certify(t, root, -day, year, here...))
		e := diagnose(t, to(strings.Replace(address, "127.0.0.1", "localhost", 1), trusted)...)
		e.is(t, "dns", "ok", "localhost → ", "127.0.0.1")
		e.is(t, "tls", "ok", "for localhost")
		e.is(t, "token", "ok")
	})
	t.Run("http in place of https", func(t *testing.T) {
		t.Parallel()
		address := serveTLS(t, newEmulated(t), itself)
		diagnose(t, to(strings.Replace(address, "https:", "http:", 1))...).is(t, "health", "fail", "speaks TLS", "https://")
	})
	t.Run("a certificate of the client's", func(t *testing.T) {
		t.Parallel()
		s := httptest.NewUnstartedServer(newEmulated(t))
		s.Config.ErrorLog = log.New(io.Discard, "", 0)
		own := certify(t, root, -day, year, here...)
		s.TLS = &tls.Config{
			Certificates: []tls.Certificate{{Certificate: [][]byte{own.Raw}, PrivateKey: own.key}},
			ClientAuth:   tls.RequireAnyClientCert,
		}
		s.StartTLS()
		t.Cleanup(s.Close)
		diagnose(t, to(s.URL, trusted)...).is(t, "tls", "fail", "the handshake was refused", "without a client certificate")
	})
}
