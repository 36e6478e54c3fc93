package remote

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/file"
)

// certificate is a certificate in two files. It is read again when the files change;
// unusable files leave the previous certificate in place.
type certificate struct {
	cert, key string
	recheck   time.Duration // between reads, when connections come in
	log       *slog.Logger

	mu      sync.Mutex // protects the fields below
	current *tls.Certificate
	read    [2][]byte // the content of the files
	checked time.Time
}

func loadCertificate(o Options) (*certificate, error) {
	name := cmp.Or(o.SettingNames.Cert, "certificate") + " and " + cmp.Or(o.SettingNames.Key, "key")
	if o.Cert == "" || o.Key == "" {
		return nil, fmt.Errorf("%s must be set together", name)
	}
	c := &certificate{cert: o.Cert, key: o.Key, recheck: cmp.Or(o.CertificateRecheck, time.Second), log: o.Log}
	if _, err := c.load(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return c, nil
}

// load reads the files and reports whether their content changed: two files written
// at once have the same time and size. The caller holds mu, or has the only
// reference.
func (c *certificate) load() (changed bool, err error) {
	c.checked = time.Now()
	var read [2][]byte
	for i, name := range []string{c.cert, c.key} {
		if read[i], err = file.ReadText(name); err != nil { // follows links, which mounted secrets change
			return false, err
		}
	}
	if bytes.Equal(read[0], c.read[0]) && bytes.Equal(read[1], c.read[1]) {
		return false, nil
	}
	c.read = read
	loaded, err := tls.X509KeyPair(read[0], read[1])
	if err == nil {
		c.current = &loaded
	}
	return true, err
}

func (c *certificate) config() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.get(), nil },
	}
}

func (c *certificate) get() *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.checked) < c.recheck {
		return c.current
	}
	switch changed, err := c.load(); {
	case err != nil:
		c.log.Error("cannot use the new certificate, keeping the previous one", "error", err)
	case changed:
		c.log.Info("certificate reloaded")
	}
	return c.current
}
