package script

import "time"

// Limits of one script, which hold whatever its child does.
const (
	MaxCode  = 64 << 10 // bytes of code
	MaxArgs  = 1 << 20  // bytes of args
	MaxCalls = 1000
	atOnce   = 8

	// MaxFileName is how long the name of a file that a script saves may be, in bytes.
	MaxFileName = 500

	// A window bounds the calls under way: then no more frames are read.
	windowCalls  = 64
	windowWeight = 4 << 20
	valueWeight  = 64 // of each JSON value of the arguments, which take memory when they are read

	// Of all scripts together, so many bytes of large messages are in memory at once,
	// and garbage is collected after so many bytes.
	large        = 64 << 10
	maxLarge     = 16 << 20
	collectAfter = 8 << 20

	maxHead     = 512 << 10 // bytes of a message beside its Args
	maxHanded   = 64 << 20  // bytes of answers
	maxCached   = 8 << 20   // bytes of answers kept for the apply
	maxMessages = 20_000    // other than calls
	maxReturned = 4 << 20   // bytes of the returned value, of which results show the beginning
	maxSaves    = 100
	maxKept     = 4 << 20 // bytes of rows that could not be saved

	maxConsole = 200 // lines of the console
	maxLogged  = 16_000
	maxLine    = 2000
	maxNotes   = 20
	maxNote    = 500
	maxError   = 4000

	// killAfter is how long after the deadline a child is killed that did not end by
	// itself, and endAfter when calls are given up that did not end with their context.
	killAfter = 150 * time.Millisecond
	endAfter  = 250 * time.Millisecond
)
