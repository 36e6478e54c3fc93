package telemetry

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/file"
)

// otlp is the prefix of the variables that describe the collector. Each exists
// twice: for all kinds of telemetry and, with "TRACES_" after the prefix, for
// traces only, which takes precedence.
const otlp = "OTEL_EXPORTER_OTLP_"

// variable returns the value of a variable. By the standard an empty one is not
// set.
func variable(name string) string { return strings.TrimSpace(os.Getenv(name)) }

// exporterVariable returns the name and value of the variable of the exporter
// that takes effect.
func exporterVariable(suffix string) (name, value string) {
	if name = otlp + "TRACES_" + suffix; variable(name) != "" {
		return name, variable(name)
	}
	return otlp + suffix, variable(otlp + suffix)
}

// tracesWanted reports whether the environment asks for traces: it names a
// collector and does not switch traces off.
func tracesWanted() (bool, error) {
	switch strings.ToLower(variable("OTEL_SDK_DISABLED")) {
	case "true":
		return false, nil
	case "false", "":
	default:
		return false, errors.New("OTEL_SDK_DISABLED must be true or false")
	}
	_, endpoint := exporterVariable("ENDPOINT")
	switch variable("OTEL_TRACES_EXPORTER") {
	case "none":
		return false, nil
	case "otlp":
		if endpoint == "" {
			return false, fmt.Errorf("OTEL_TRACES_EXPORTER is otlp, but neither %sENDPOINT nor %sTRACES_ENDPOINT is set", otlp, otlp)
		}
		return true, nil
	case "":
		return endpoint != "", nil
	default:
		return false, errors.New("OTEL_TRACES_EXPORTER must be otlp or none, the supported exporters")
	}
}

// checkSDKVariables checks what the SDK reads itself: it silently replaces some
// invalid values by defaults and panics on others. Errors do not repeat values.
func checkSDKVariables() error {
	for _, name := range []string{
		"OTEL_BSP_SCHEDULE_DELAY", "OTEL_BSP_EXPORT_TIMEOUT", "OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
		"OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT",
		"OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
		"OTEL_SPAN_EVENT_COUNT_LIMIT", "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT",
		"OTEL_SPAN_LINK_COUNT_LIMIT", "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
	} {
		minimum := 1
		if strings.HasSuffix(name, "_LIMIT") {
			minimum = -1 // no limit
		}
		if value := os.Getenv(name); value != "" { // untrimmed: the SDK rejects spaces
			if _, err := integer(name, value, minimum); err != nil {
				return err
			}
		}
	}
	if _, err := pairs("OTEL_RESOURCE_ATTRIBUTES", variable("OTEL_RESOURCE_ATTRIBUTES")); err != nil {
		return err
	}
	return checkSampler()
}

func checkSampler() error {
	switch strings.ToLower(variable("OTEL_TRACES_SAMPLER")) {
	case "", "always_on", "always_off", "parentbased_always_on", "parentbased_always_off":
		return nil
	case "traceidratio", "parentbased_traceidratio":
	default:
		return errors.New("OTEL_TRACES_SAMPLER must be always_on, always_off or traceidratio, each optionally prefixed with parentbased_")
	}
	argument := variable("OTEL_TRACES_SAMPLER_ARG")
	if argument == "" {
		return nil
	}
	if ratio, err := strconv.ParseFloat(argument, 64); err != nil || !(ratio >= 0 && ratio <= 1) {
		return errors.New("OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1")
	}
	return nil
}

// integer parses a value. The maximum is beyond every sensible number of spans
// and milliseconds: the SDK allocates a whole queue at start.
func integer(name, value string, minimum int) (int, error) {
	const maximum = 1_000_000
	n, err := strconv.Atoi(value)
	if err != nil || n < minimum || n > maximum {
		return 0, fmt.Errorf("%s must be an integer from %d to %d", name, minimum, maximum)
	}
	return n, nil
}

// pairs parses a list such as a=b,c=d%20e.
func pairs(name, value string) (list [][2]string, err error) {
	if value == "" {
		return nil, nil
	}
	for i, pair := range strings.Split(value, ",") {
		key, encoded, found := strings.Cut(pair, "=")
		if key = strings.TrimSpace(key); !found || key == "" {
			return nil, fmt.Errorf("%s must be a list such as name=value,name=value: entry %d is not", name, i+1)
		}
		decoded, err := url.PathUnescape(strings.TrimSpace(encoded))
		if err != nil || strings.ContainsFunc(decoded, func(c rune) bool { return c < ' ' || c == 0x7f }) {
			return nil, fmt.Errorf("%s must have percent-encoded values: that of entry %d is not", name, i+1)
		}
		list = append(list, [2]string{key, decoded})
	}
	return list, nil
}

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
	if name, path := exporterVariable("CERTIFICATE"); path != "" {
		text, err := file.ReadText(path)
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
