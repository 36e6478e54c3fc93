package telemetry

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// collectorSettings is what the environment says about the collector.
type collectorSettings struct {
	url     string
	headers http.Header
	gzip    bool
	timeout time.Duration // of one attempt
	tls     *tls.Config
}

// readCollectorSettings reads the OTEL_EXPORTER_OTLP_ variables. Errors do not
// repeat values.
func readCollectorSettings(version string) (s collectorSettings, err error) {
	s.headers = http.Header{"User-Agent": {serviceName + "/" + version}}
	s.timeout = 10 * time.Second // by the standard
	if name, protocol := exporterVariable("PROTOCOL"); protocol != "" && protocol != "http/protobuf" {
		return s, fmt.Errorf("%s must be http/protobuf, the supported protocol", name)
	}
	if err := s.readEndpoint(); err != nil {
		return s, err
	}
	if err := s.readHeaders(); err != nil {
		return s, err
	}
	s.headers.Set("Content-Type", protobuf)
	name, compression := exporterVariable("COMPRESSION")
	switch compression {
	case "gzip":
		s.gzip = true
		s.headers.Set("Content-Encoding", "gzip")
	case "none", "":
	default:
		return s, fmt.Errorf("%s must be gzip or none", name)
	}
	if name, value := exporterVariable("TIMEOUT"); value != "" {
		milliseconds, err := integer(name, value, 0)
		if err != nil {
			return s, err
		}
		s.timeout = time.Duration(milliseconds) * time.Millisecond
	}
	s.tls, err = readTLS()
	return s, err
}

// readEndpoint refuses secrets in the address: they belong into the headers.
func (s *collectorSettings) readEndpoint() error {
	name, value := exporterVariable("ENDPOINT")
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return fmt.Errorf("%s must be a URL such as http://collector:4318", name)
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("%s must have no user, password, query or fragment: put credentials into %sHEADERS", name, otlp)
	}
	if s.url = value; name == otlp+"ENDPOINT" {
		s.url = strings.TrimSuffix(value, "/") + "/v1/traces"
	}
	// By the standard the scheme decides. Some libraries follow this variable
	// instead and send without TLS to an https address, so it must not contradict.
	name, insecure := exporterVariable("INSECURE")
	expected := map[string]string{"http": "true", "https": "false"}[u.Scheme]
	if insecure != "" && !strings.EqualFold(insecure, expected) {
		return fmt.Errorf("%s must be %s or unset, to match the scheme of the collector's URL", name, expected)
	}
	return nil
}

func (s *collectorSettings) readHeaders() error {
	name, value := exporterVariable("HEADERS")
	list, err := pairs(name, value)
	if err != nil {
		return err
	}
	for i, header := range list {
		if strings.ContainsFunc(header[0], func(c rune) bool { return c <= ' ' || c > '~' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, c) }) {
			return fmt.Errorf("%s must be a list of headers: the name of entry %d is not valid", name, i+1)
		}
		s.headers.Set(header[0], header[1])
	}
	return nil
}

// readTLS reads which authorities to trust and which certificate to present.
func readTLS() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if name, file := exporterVariable("CERTIFICATE"); file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("%s must name a file with certificates in PEM format", name)
		}
	}
	certName, cert := exporterVariable("CLIENT_CERTIFICATE")
	keyName, key := exporterVariable("CLIENT_KEY")
	switch {
	case (cert == "") != (key == ""):
		return nil, fmt.Errorf("%s and %s must be set together", certName, keyName)
	case cert != "":
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			return nil, fmt.Errorf("%s and %s: %w", certName, keyName, err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}
