// Package model is the data of the emulated organization: plain structs in
// tables, a clock and a source of ids. It also keeps references between objects
// consistent when one of them is removed.
//
// Everything is deterministic: ids come from the seed and a counter, time from a
// clock that moves one second with each change.
package model
