package telemetry

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// collector sends spans with OTLP over HTTP in protobuf; it is the exporter of the
// SDK's provider. The SDK's own exporter links gRPC, which would add 8 MB and 1.2 ms
// to every start.
type collector struct {
	collectorSettings
	http    *http.Client
	stopped context.Context
	stop    context.CancelFunc
}

// errRefused means that the collector took no spans or not all, or that its
// response is not one of OTLP; errBusy, that it asks to retry later. A httpStatusError
// is any other failure that it reports.
var (
	errRefused = errors.New("the collector refused the spans")
	errBusy    = errors.New("the collector is busy")
)

type httpStatusError int

func (e httpStatusError) Error() string { return fmt.Sprintf("status %d", int(e)) }

// protobuf is the content type of requests and of responses that are read.
const protobuf = "application/x-protobuf"

const (
	maxAttempts = 5
	firstPause  = time.Second // before the second attempt; doubles with each
)

func newCollector(s collectorSettings) *collector {
	c := &collector{collectorSettings: s}
	c.stopped, c.stop = context.WithCancel(context.Background())
	transport, _ := http.DefaultTransport.(*http.Transport)
	transport = transport.Clone()
	transport.TLSClientConfig = s.tls
	c.http = &http.Client{
		Transport: transport, Timeout: s.timeout,
		// The headers hold the collector's secret: they go only to the configured address.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c
}

// Shutdown implements sdktrace.SpanExporter. It cancels a request in progress.
func (c *collector) Shutdown(context.Context) error {
	c.stop()
	c.http.CloseIdleConnections()
	return nil
}

// ExportSpans implements sdktrace.SpanExporter. It retries where the collector asks
// for that and as long as ctx allows.
func (c *collector) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	if len(spans) == 0 {
		return nil
	}
	body := encodeSpans(spans)
	if c.gzip {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		_, err := w.Write(body)
		if err = errors.Join(err, w.Close()); err != nil {
			return fmt.Errorf("compress spans: %w", err)
		}
		body = packed.Bytes()
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(c.stopped, cancel)() //nolint:contextcheck // cancel belongs to ctx
	pause := firstPause
	for attempt := 1; ; attempt++ {
		retryAfter, err := c.send(ctx, body)
		if !errors.Is(err, errBusy) || attempt == maxAttempts {
			return err
		}
		if retryAfter > 0 {
			pause = retryAfter
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return err
		}
		pause *= 2
	}
}

// send makes one attempt. It returns how long the collector asks to wait, 0 if it
// does not say.
func (c *collector) send(ctx context.Context, body []byte) (retryAfter time.Duration, err error) {
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
	response, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	switch status := resp.StatusCode; {
	case status == http.StatusTooManyRequests, status == http.StatusBadGateway, status == http.StatusServiceUnavailable, status == http.StatusGatewayTimeout:
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After")) // a date counts as nothing
		return time.Duration(seconds) * time.Second, errBusy
	case status < 200 || status > 299:
		return 0, httpStatusError(status)
	case err != nil:
		return 0, err
	case resp.Header.Get("Content-Type") != protobuf: // some respond with "ok" or JSON
		return 0, nil
	default:
		return 0, checkResponse(response)
	}
}

// checkResponse reads a message whose field 1, if not empty, says that spans were
// refused.
func checkResponse(response []byte) error {
	for len(response) > 0 {
		tag, n := binary.Uvarint(response)
		if n <= 0 {
			return errRefused
		}
		response = response[n:]
		size := uint64(0)
		switch tag & 7 {
		case varint:
			_, n = binary.Uvarint(response)
		case fixed64:
			n = 8
		case fixed32:
			n = 4
		case sized:
			size, n = binary.Uvarint(response)
		default:
			return errRefused
		}
		if n <= 0 || n > len(response) || size > uint64(len(response)-n) || size > 0 && tag>>3 == 1 { //nolint:gosec // not negative
			return errRefused
		}
		response = response[n+int(size):]
	}
	return nil
}
