// Package search is the tool search_tools: it finds the operations of a catalog by
// what they do, and writes each as a signature that a script can call.
//
//	x := search.New(catalog)
//	answer := x.Answer(allowed, "put people into a team")
//
// It is pure: a catalog and a query in, text out. The index is built by the first
// search.
package search
