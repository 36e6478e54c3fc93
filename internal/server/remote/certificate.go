package remote

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// recheck is how often the files are looked at, when connections come in.
const recheck = time.Second

// certificate is a certificate in files. When the files change it is read again;
// one that cannot be used leaves the former in place.
type certificate struct {
	cert, key string
	log       *slog.Logger

	mu      sync.Mutex
	current *tls.Certificate
	read    [2][]byte // of the files, as they were last
	looked  time.Time
}

func loadCertificate(o Options) (*certificate, error) {
	if o.Cert == "" || o.Key == "" {
		return nil, fmt.Errorf("%s and %s must be set together", o.SettingNames.Cert, o.SettingNames.Key)
	}
	c := &certificate{cert: o.Cert, key: o.Key, log: o.Log}
	if _, err := c.load(); err != nil {
		return nil, fmt.Errorf("%s and %s: %w", o.SettingNames.Cert, o.SettingNames.Key, err)
	}
	return c, nil
}

// load reads the files, and says whether they are others than before. It goes by
// what is in them: of two that are written at once, time and size are the same.
// The caller holds the lock, or is alone.
func (c *certificate) load() (changed bool, err error) {
	c.looked = time.Now()
	var read [2][]byte
	for i, name := range []string{c.cert, c.key} {
		if read[i], err = os.ReadFile(name); err != nil { // follows links, which is how mounted secrets change
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
	if time.Since(c.looked) < recheck {
		return c.current
	}
	switch changed, err := c.load(); {
	case err != nil:
		c.log.Error("the new certificate cannot be used, the former one stays", "error", err)
	case changed:
		c.log.Info("the certificate was read again")
	}
	return c.current
}
