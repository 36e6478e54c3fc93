// Package toolgen makes the catalog of an OpenAPI document: the names of its
// tools, their words, schemas, hints, paging and toolsets.
//
// It is pure: no HTTP, no files, no clock. What a tool is, and how its arguments
// become a request, is package tools.
package toolgen
