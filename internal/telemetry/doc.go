// Package telemetry tells how the server does: metrics in the form of
// Prometheus, and traces in that of OpenTelemetry where the environment asks
// for them. It wraps what runs a tool and what sends a request to Retool.
//
// It must not know the MCP library, nor serve routes of its own beyond the
// handler of the metrics. Arguments, results, paths with their ids, queries and
// the words of errors go into neither metrics nor traces, and no label takes
// more values than there are tools.
package telemetry
