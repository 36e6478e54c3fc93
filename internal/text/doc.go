// Package text has what every package does to text of unknown origin: it removes
// or escapes characters that a reader does not see, cuts, and splits into words.
package text
