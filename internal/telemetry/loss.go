package telemetry

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"
)

// lossInterval is the minimum time between two log lines about lost traces:
// without a collector some are lost every few seconds.
const lossInterval = time.Minute

// lossReport is the error handler of OpenTelemetry. It receives the batches of
// spans that could not be sent.
type lossReport struct {
	log *slog.Logger

	mu         sync.Mutex // protects the fields below
	last       time.Time  // when it last logged
	suppressed int        // losses since then
}

func (l *lossReport) Handle(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Since(l.last) < lossInterval {
		l.suppressed++
		return
	}
	l.log.Warn("traces were lost", "reason", reason(err), "further_losses", l.suppressed)
	l.last, l.suppressed = time.Now(), 0
}

// reason describes err without the collector's address and response, which may
// hold secrets.
func reason(err error) string {
	// Without a connection there is no response that it could repeat.
	if network, ok := errors.AsType[*net.OpError](err); ok {
		return network.Error()
	}
	if certificate, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return certificate.Error()
	}
	if status, ok := errors.AsType[httpStatusError](err); ok {
		return "the collector responds with " + status.Error()
	}
	network, ok := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, errBusy):
		return "the collector is busy for too long"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), ok && network.Timeout(),
		strings.Contains(err.Error(), "timeout"): // the SDK words its deadline this way
		return "the collector does not respond in time"
	default:
		return "the collector refuses them, or its response is not valid"
	}
}
