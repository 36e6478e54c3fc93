// Package docsource finds the document that is to be served and hands out its
// catalog: from a file or a URL, read anew or out of the cache.
//
// It knows where documents and the cache are. It must not know what a tool
// means, nor serve one.
package docsource
