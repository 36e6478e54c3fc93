package telemetry

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
)

// otlp begins the names of the variables that say how to reach the
// collector. Each is there twice: for all kinds of telemetry, and, with
// "TRACES_" in its name, for traces alone, which counts more.
const otlp = "OTEL_EXPORTER_OTLP_"

// variable is the value of a variable. One that is empty is not set, by the
// standard.
func variable(name string) string { return strings.TrimSpace(os.Getenv(name)) }

// ofExporter is the value that counts of a variable of the exporter, and its
// name.
func ofExporter(what string) (name, value string) {
	if name = otlp + "TRACES_" + what; variable(name) != "" {
		return name, variable(name)
	}
	return otlp + what, variable(otlp + what)
}

// tracesWanted tells whether the environment asks for traces: by naming a
// collector, and unless it says otherwise.
func tracesWanted() (bool, error) {
	switch strings.ToLower(variable("OTEL_SDK_DISABLED")) {
	case "true":
		return false, nil
	case "false", "":
	default:
		return false, errors.New("OTEL_SDK_DISABLED must be true or false")
	}
	_, endpoint := ofExporter("ENDPOINT")
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
		return false, errors.New("OTEL_TRACES_EXPORTER must be otlp or none: there are no other exporters")
	}
}

// checkEnvironment finds what cannot be used. The SDK would silently replace
// what it reads of that by a default, or panic. Errors do not repeat values.
func checkEnvironment() error {
	if name, protocol := ofExporter("PROTOCOL"); protocol != "" && protocol != "http/protobuf" {
		return fmt.Errorf("%s must be http/protobuf: traces are sent in no other way", name)
	}
	for _, name := range slices.Sorted(maps.Keys(checks)) {
		value := variable(name)
		if value == "" {
			continue
		}
		if !strings.HasPrefix(name, otlp) {
			value = os.Getenv(name) // where the SDK takes no blanks
		}
		if err := checks[name](value); err != nil {
			return fmt.Errorf("%s %w", name, err)
		}
	}
	for _, check := range []func() error{checkInsecure, checkClientCertificates, checkSampler} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// checks are what a variable must be.
var checks = map[string]func(value string) error{
	otlp + "ENDPOINT":           checkEndpoint,
	otlp + "TRACES_ENDPOINT":    checkEndpoint,
	otlp + "HEADERS":            checkHeaders,
	otlp + "TRACES_HEADERS":     checkHeaders,
	otlp + "COMPRESSION":        oneOf("gzip", "none"),
	otlp + "TRACES_COMPRESSION": oneOf("gzip", "none"),
	otlp + "TIMEOUT":            atLeast(0),
	otlp + "TRACES_TIMEOUT":     atLeast(0),
	otlp + "CERTIFICATE":        checkCertificate,
	otlp + "TRACES_CERTIFICATE": checkCertificate,

	"OTEL_RESOURCE_ATTRIBUTES": checkPairs,

	"OTEL_BSP_SCHEDULE_DELAY":        atLeast(1),
	"OTEL_BSP_EXPORT_TIMEOUT":        atLeast(1),
	"OTEL_BSP_MAX_QUEUE_SIZE":        atLeast(1),
	"OTEL_BSP_MAX_EXPORT_BATCH_SIZE": atLeast(1),

	// -1 is no limit.
	"OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT":      atLeast(-1),
	"OTEL_ATTRIBUTE_COUNT_LIMIT":             atLeast(-1),
	"OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT": atLeast(-1),
	"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT":        atLeast(-1),
	"OTEL_SPAN_EVENT_COUNT_LIMIT":            atLeast(-1),
	"OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT":       atLeast(-1),
	"OTEL_SPAN_LINK_COUNT_LIMIT":             atLeast(-1),
	"OTEL_LINK_ATTRIBUTE_COUNT_LIMIT":        atLeast(-1),
}

// most is beyond every sensible number of spans and of milliseconds. The SDK
// makes room for a whole queue at the start.
const most = 1_000_000

func atLeast(low int) func(string) error {
	return func(value string) error {
		if n, err := strconv.Atoi(value); err != nil || n < low || n > most {
			return fmt.Errorf("must be a whole number from %d to %d", low, most)
		}
		return nil
	}
}

func oneOf(words ...string) func(string) error {
	return func(value string) error {
		if !slices.Contains(words, value) {
			return fmt.Errorf("must be %s", strings.Join(words, " or "))
		}
		return nil
	}
}

// checkEndpoint refuses also what has a better place: secrets do not belong into
// an address.
func checkEndpoint(value string) error {
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return errors.New("must be an address such as http://collector:4318")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("must have no user, password, query or fragment: what the collector wants to know goes into %sHEADERS", otlp)
	}
	return nil
}

// checkInsecure refuses a contradiction: by the standard the scheme decides, but
// libraries have followed the flag and sent without TLS where it says https.
func checkInsecure() error {
	_, endpoint := ofExporter("ENDPOINT")
	name, flag := ofExporter("INSECURE")
	if flag = strings.ToLower(flag); flag == "" {
		return nil
	}
	if err := oneOf("true", "false")(flag); err != nil {
		return fmt.Errorf("%s %w", name, err)
	}
	if (flag == "true") != strings.HasPrefix(strings.ToLower(endpoint), "http:") {
		return fmt.Errorf("%s contradicts the scheme of the collector's address", name)
	}
	return nil
}

// checkPairs checks a list such as a=b,c=d%20e.
func checkPairs(value string) error {
	for i, pair := range strings.Split(value, ",") {
		key, encoded, found := strings.Cut(pair, "=")
		if !found || strings.TrimSpace(key) == "" {
			return fmt.Errorf("must be a list such as name=value,name=value: entry %d is not", i+1)
		}
		decoded, err := url.PathUnescape(strings.TrimSpace(encoded))
		if err != nil || strings.ContainsFunc(decoded, func(c rune) bool { return c < ' ' || c == 0x7f }) {
			return fmt.Errorf("must have percent-encoded values: that of entry %d is not", i+1)
		}
	}
	return nil
}

func checkHeaders(value string) error {
	if err := checkPairs(value); err != nil {
		return err
	}
	for i, pair := range strings.Split(value, ",") {
		key, _, _ := strings.Cut(pair, "=")
		if strings.ContainsFunc(strings.TrimSpace(key), func(c rune) bool { return c <= ' ' || c > '~' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, c) }) {
			return fmt.Errorf("must have names of headers before the =: that of entry %d is none", i+1)
		}
	}
	return nil
}

func checkCertificate(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("cannot be read: %w", err)
	}
	if !x509.NewCertPool().AppendCertsFromPEM(text) {
		return errors.New("must name a file with certificates in PEM form")
	}
	return nil
}

func checkClientCertificates() error {
	for _, signal := range []string{"", "TRACES_"} {
		certName, keyName := otlp+signal+"CLIENT_CERTIFICATE", otlp+signal+"CLIENT_KEY"
		cert, key := variable(certName), variable(keyName)
		if cert == "" && key == "" {
			continue
		}
		if cert == "" || key == "" {
			return fmt.Errorf("%s and %s must be set together", certName, keyName)
		}
		if _, err := tls.LoadX509KeyPair(cert, key); err != nil {
			return fmt.Errorf("%s and %s: %w", certName, keyName, err)
		}
	}
	return nil
}

func checkSampler() error {
	switch strings.ToLower(variable("OTEL_TRACES_SAMPLER")) {
	case "", "always_on", "always_off", "parentbased_always_on", "parentbased_always_off":
		return nil
	case "traceidratio", "parentbased_traceidratio":
	default:
		return errors.New("OTEL_TRACES_SAMPLER must be always_on, always_off, traceidratio, or one of these after parentbased_")
	}
	argument := variable("OTEL_TRACES_SAMPLER_ARG")
	if argument == "" {
		return nil
	}
	if share, err := strconv.ParseFloat(argument, 64); err != nil || !(share >= 0 && share <= 1) {
		return errors.New("OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1")
	}
	return nil
}
