package remote

import (
	"crypto/tls"
	"errors"
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
	stamps  [2]stamp
	looked  time.Time
}

// stamp tells one state of a file from another.
type stamp struct {
	changed time.Time
	size    int64
}

func loadCertificate(cert, key string, log *slog.Logger) (*certificate, error) {
	if cert == "" || key == "" {
		return nil, errors.New("--tls-cert and --tls-key go together")
	}
	c := &certificate{cert: cert, key: key, log: log}
	if err := c.load(); err != nil {
		return nil, fmt.Errorf("--tls-cert and --tls-key: %w", err)
	}
	return c, nil
}

// load reads the files. The caller holds the lock, or is alone.
func (c *certificate) load() error {
	stamps, err := c.stat()
	if err != nil {
		return err
	}
	c.stamps, c.looked = stamps, time.Now()
	loaded, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err == nil {
		c.current = &loaded
	}
	return err
}

func (c *certificate) stat() (stamps [2]stamp, err error) {
	for i, name := range []string{c.cert, c.key} {
		info, err := os.Stat(name) // follows links, which is how mounted secrets change
		if err != nil {
			return stamps, err
		}
		stamps[i] = stamp{info.ModTime(), info.Size()}
	}
	return stamps, nil
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
	c.looked = time.Now()
	if stamps, err := c.stat(); err == nil && stamps == c.stamps {
		return c.current
	}
	if err := c.load(); err != nil {
		c.log.Error("the new certificate cannot be used, the former one stays", "error", err)
	} else {
		c.log.Info("the certificate was read again")
	}
	return c.current
}
