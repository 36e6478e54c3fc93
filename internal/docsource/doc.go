// Package docsource finds the document to serve and returns its catalog: the
// embedded one, or that of a file, a URL or the instance, made from the
// document or read from the cache.
//
// It must not know what a tool means, nor serve one.
package docsource
