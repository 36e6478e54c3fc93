// Package describe is the tool describe_tools: it shows the tools of a catalog in
// full, as text. The published list holds what decides which call is right; what
// else the document says of an argument or an answer is one call of it away.
//
// It is pure.
package describe
