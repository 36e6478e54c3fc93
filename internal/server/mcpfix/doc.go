// Package mcpfix works around the defects of mcp-go v1.2.1, one file per defect.
// A file says what mcp-go does, what the protocol asks for, and how the
// workaround acts. Each defect has a test named TestMCPGo… that shows it on bare
// mcp-go: when such a test fails after an upgrade, delete the file and its calls.
//
// stdio: Listen replaces mcp-go's. It filters both pipes (stdio_input.go,
// stdio_output.go) and keeps a table of pending requests (pending.go). Defects:
//
//   - stdio_eof_drops_answers.go
//   - stdio_last_line_dropped.go
//   - stdio_malformed_lines.go
//   - stdio_errors_without_result.go
//   - stdio_ids_rounded.go
//   - stdio_ids_reused.go
//   - stdio_canceled_calls_answered.go
//   - stdio_canceled_calls_start.go
//   - stdio_write_errors_ignored.go
//   - stdio_end_waits_for_handlers.go
//   - stdio_large_texts_copied.go
//
// All transports:
//
//   - progress_after_response.go
//
// Streamable HTTP: middlewares around mcp-go's handler. ReadMethod goes first.
//
//   - http_cancel_reaches_others.go
//   - http_method_header_unchecked.go
//   - http_any_session_listens.go
//   - http_streams_outlive_shutdown.go
//
// Server-sent events: a Stream (sse_stream.go) goes around each event stream and
// the messages posted beside it.
//
//   - sse_modern_clients_rejected.go
//   - sse_calls_outlive_stream.go
//   - sse_requests_unbounded.go
//   - sse_subscriptions_never_end.go
//   - sse_shutdown_drops_answers.go
//
// It must not know tools, catalogs or callers.
package mcpfix
