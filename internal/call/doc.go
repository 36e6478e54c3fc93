// Package call runs one tool from its arguments to its result: it binds the
// arguments, sends the request, follows a list from page to page where it is
// asked to, and renders what comes back. Server and command line share it, so
// that both give the same answer.
//
// It must not know how arguments arrive or where results go.
package call
