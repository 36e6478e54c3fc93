// Package telemetry reports how the server performs: metrics in Prometheus
// format, and OpenTelemetry traces where the environment asks for them. It wraps
// what calls tools and what sends requests to Retool.
//
// It must not know the MCP library, nor serve routes beyond the handler of the
// metrics. Arguments, results, paths with ids, queries and error messages appear
// in neither metrics nor traces, and no label has more values than there are
// tools.
package telemetry
