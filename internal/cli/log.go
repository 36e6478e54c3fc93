package cli

import (
	"context"
	"log/slog"

	"github.com/retool-mcp/retool-mcp/internal/caller"
)

var levels = map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}

// logger writes to standard error: standard output belongs to the protocol.
func (s *Settings) logger(streams Streams) *slog.Logger {
	options := &slog.HandlerOptions{Level: levels[s.LogLevel]}
	if s.LogFormat == "json" {
		return slog.New(requestLog{slog.NewJSONHandler(streams.Err, options)})
	}
	return slog.New(requestLog{slog.NewTextHandler(streams.Err, options)})
}

// requestLog adds the id of the request to log records.
type requestLog struct{ slog.Handler }

// Handle implements slog.Handler.
func (h requestLog) Handle(ctx context.Context, r slog.Record) error {
	if who := caller.From(ctx); who.RequestID != "" {
		r = r.Clone()
		r.AddAttrs(slog.String("request", who.RequestID))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h requestLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return requestLog{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h requestLog) WithGroup(name string) slog.Handler { return requestLog{h.Handler.WithGroup(name)} }
