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

// quiet is how long the log hears nothing more of lost traces: without a
// collector some are lost every few seconds.
const quiet = time.Minute

// lossReport is the error handler of OpenTelemetry. What reaches it are batches
// of spans that could not be sent.
type lossReport struct {
	log *slog.Logger

	mu     sync.Mutex
	last   time.Time
	unsaid int // since last
}

// Handle is for OpenTelemetry.
func (l *lossReport) Handle(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Since(l.last) < quiet {
		l.unsaid++
		return
	}
	l.log.Warn("traces were lost", "reason", reason(err), "further_losses", l.unsaid)
	l.last, l.unsaid = time.Now(), 0
}

// reason tells err without the words and the address of the collector: they may
// repeat the secrets that it was sent.
func reason(err error) string {
	// A connection that could not be made has said nothing yet.
	if network, ok := errors.AsType[*net.OpError](err); ok {
		return network.Error()
	}
	if certificate, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return certificate.Error()
	}
	if status, ok := errors.AsType[refusalError](err); ok {
		return "the collector answers with " + status.Error()
	}
	timeout, ok := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, errPatience):
		return "the collector asks for patience, and for too much of it"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), ok && timeout.Timeout(),
		strings.Contains(err.Error(), "timeout"): // the SDK has a word of its own for its deadline
		return "the collector does not take them in time"
	default:
		return "the collector refuses them, or answers what cannot be understood"
	}
}
