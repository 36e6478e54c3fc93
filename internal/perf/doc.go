// Package perf measures what a start and a call cost: stage by stage in
// benchmarks, and as whole processes against budgets. It contains tests only, and
// the smallest possible server to compare with.
//
//	go test -run xxx -bench . ./internal/perf
//	RETOOL_MCP_PERF=1 go test -count 1 -v -run TestFigures ./internal/perf
//
// The figures are in docs/performance.md.
package perf
