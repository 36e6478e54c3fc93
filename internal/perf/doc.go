// Package perf measures the project: what a start and a call cost, stage by
// stage as benchmarks, and as whole processes against budgets. It holds nothing
// but tests, and the smallest server there can be, as something to compare with.
//
//	go test -run xxx -bench . ./internal/perf
//	RETOOL_MCP_PERF=1 go test -count 1 -v -run TestFigures ./internal/perf
//
// What came of it stands in docs/performance.md.
package perf
