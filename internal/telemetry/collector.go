package telemetry

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// collector sends spans by OTLP over HTTP, in protobuf: the way out of the SDK's
// exporter. The SDK has one of its own, which brings gRPC with it: every start
// of the program would pay for that, and nobody would use it.
type collector struct {
	http    *http.Client
	url     string
	headers http.Header
	gzip    bool
	stopped context.Context
	stop    context.CancelFunc
}

// errRefused is a collector that takes no spans, or not these, or that says
// something else altogether; errPatience is one that asks for more time than
// there is. A refusalError is any other failure that it reports.
var (
	errRefused  = errors.New("the collector refuses the spans")
	errPatience = errors.New("the collector asks for patience")
)

type refusalError int

func (e refusalError) Error() string { return fmt.Sprintf("status %d", int(e)) }

// protobuf is the type of what is sent, and of answers that can be read.
const protobuf = "application/x-protobuf"

const (
	sendTime = 10 * time.Second // for one try, if the environment does not say
	tries    = 5
	pause    = time.Second // before the second try; doubled with each
)

// newCollector reads the environment, which checkEnvironment has checked.
func newCollector(version string) (*collector, error) {
	_, endpoint := ofExporter("ENDPOINT")
	if variable(otlp+"TRACES_ENDPOINT") == "" {
		endpoint = strings.TrimSuffix(endpoint, "/") + "/v1/traces"
	}
	c := &collector{url: endpoint, headers: http.Header{"User-Agent": {serviceName + "/" + version}}}
	if _, list := ofExporter("HEADERS"); list != "" {
		for pair := range strings.SplitSeq(list, ",") {
			name, encoded, _ := strings.Cut(pair, "=")
			value, err := url.PathUnescape(strings.TrimSpace(encoded))
			if err != nil {
				return nil, fmt.Errorf("%sHEADERS: %w", otlp, err)
			}
			c.headers.Set(strings.TrimSpace(name), value)
		}
	}
	c.headers.Set("Content-Type", protobuf)
	if _, how := ofExporter("COMPRESSION"); how == "gzip" {
		c.gzip = true
		c.headers.Set("Content-Encoding", "gzip")
	}
	c.stopped, c.stop = context.WithCancel(context.Background())
	// A redirect is an answer like any other: the headers with the collector's
	// secret go to nobody but the address that the operator named.
	c.http = &http.Client{Timeout: sendTime, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if _, milliseconds := ofExporter("TIMEOUT"); milliseconds != "" {
		n, err := strconv.Atoi(milliseconds)
		if err != nil {
			return nil, fmt.Errorf("%sTIMEOUT: %w", otlp, err)
		}
		c.http.Timeout = time.Duration(n) * time.Millisecond
	}
	config, err := clientTLS()
	if err != nil {
		return nil, err
	}
	transport, _ := http.DefaultTransport.(*http.Transport)
	transport = transport.Clone()
	transport.TLSClientConfig = config
	c.http.Transport = transport
	return c, nil
}

// clientTLS trusts whom the environment names, and shows the certificate that
// it names.
func clientTLS() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if name, file := ofExporter("CERTIFICATE"); file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		config.RootCAs = x509.NewCertPool()
		config.RootCAs.AppendCertsFromPEM(text)
	}
	if name, file := ofExporter("CLIENT_CERTIFICATE"); file != "" {
		_, key := ofExporter("CLIENT_KEY")
		certificate, err := tls.LoadX509KeyPair(file, key)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		config.Certificates = []tls.Certificate{certificate}
	}
	return config, nil
}

// Start is for the exporter: nothing is sent before there are spans.
func (*collector) Start(context.Context) error { return nil }

// Stop is for the exporter. What is being sent is given up.
func (c *collector) Stop(context.Context) error {
	c.stop()
	c.http.CloseIdleConnections()
	return nil
}

// UploadTraces sends spans, again where the collector asks for that and as long
// as ctx allows. TracesData is, byte for byte, what a collector takes.
func (c *collector) UploadTraces(ctx context.Context, spans []*tracepb.ResourceSpans) error {
	body, err := proto.Marshal(&tracepb.TracesData{ResourceSpans: spans})
	if err != nil {
		return fmt.Errorf("write spans: %w", err)
	}
	if c.gzip {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		if _, err := w.Write(body); err != nil {
			return fmt.Errorf("compress spans: %w", err)
		}
		if err := w.Close(); err != nil {
			return fmt.Errorf("compress spans: %w", err)
		}
		body = packed.Bytes()
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(c.stopped, cancel)() //nolint:contextcheck // cancel belongs to ctx
	wait := pause
	for try := 1; ; try++ {
		after, err := c.send(ctx, body)
		if !errors.Is(err, errPatience) || try == tries {
			return err
		}
		if after > 0 {
			wait = after
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return err
		}
		wait *= 2
	}
}

// send tries once. after is how long the collector asks to wait, 0 if it does not
// say.
func (c *collector) send(ctx context.Context, body []byte) (after time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header = c.headers.Clone()
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	switch resp.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After")) // a date, or nothing, leaves it to us
		return time.Duration(seconds) * time.Second, errPatience
	}
	switch {
	case resp.StatusCode < 200 || resp.StatusCode > 299:
		return 0, refusalError(resp.StatusCode)
	case err != nil:
		return 0, err
	case resp.Header.Get("Content-Type") != protobuf: // some say "ok" in words of their own
		return 0, nil
	default:
		return 0, taken(answer)
	}
}

// taken reads a collector's answer: a message whose field 1 says, in its own
// field 1, how many spans were refused. All others were taken.
func taken(answer []byte) error {
	for len(answer) > 0 {
		number, kind, n := protowire.ConsumeTag(answer)
		if n < 0 {
			return errRefused
		}
		answer = answer[n:]
		if number == 1 && kind == protowire.BytesType {
			partial, n := protowire.ConsumeBytes(answer)
			if n < 0 || len(partial) > 0 {
				return errRefused
			}
			answer = answer[n:]
			continue
		}
		if n = protowire.ConsumeFieldValue(number, kind, answer); n < 0 {
			return errRefused
		}
		answer = answer[n:]
	}
	return nil
}
