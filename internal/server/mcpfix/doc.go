// Package mcpfix works around the defects of mcp-go v1.2.1 over HTTP, one file per
// defect. A file says what mcp-go does, what the protocol asks for, and how the
// workaround acts. Each defect has a test named TestMCPGo… that shows it on bare
// mcp-go: when such a test fails after an upgrade, delete the file and its calls.
//
// All transports:
//
//   - progress_after_response.go
//   - arguments_decoded.go
//   - answer_names_folded.go
//
// Streamable HTTP: middlewares around mcp-go's handler. ReadMethod goes first.
//
//   - http_cancel_reaches_others.go
//   - http_method_header_unchecked.go
//   - http_any_session_served.go
//   - http_streams_outlive_shutdown.go
//
// HTTP+SSE: a Stream (sse_stream.go) goes around each event stream and the messages
// posted beside it.
//
//   - sse_modern_clients_rejected.go
//   - sse_calls_outlive_stream.go
//   - sse_requests_unbounded.go
//   - sse_subscriptions_never_end.go
//   - sse_shutdown_drops_answers.go
//
// On stdio mcp-go has so many defects that package server has a transport of its own.
//
// It must not know tools, catalogs or callers.
package mcpfix
