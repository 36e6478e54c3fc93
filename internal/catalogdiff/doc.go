// Package catalogdiff compares two catalogs by what a request may hold.
package catalogdiff
