// Package audit keeps the log of what was done to an organization: one line of
// JSON per entry, in a file that only we may read, each line chained to the one
// before by its hash.
//
// It must not know tools, MCP, HTTP or Retool. It masks nothing: whoever makes an
// [Entry] takes the secrets out of it first.
//
// # Lines
//
// A line is an object that begins with its sequence number, which has no gaps,
// the hash of the line before and the time. Its last member is its own hash: the
// SHA-256, in hex, of all bytes of the line that stand before it,
//
//	head -n 1 FILE | sed 's/,"hash":"[0-9a-f]*"}$//' | tr -d '\n' | sha256sum
//
// Lines with the member "phase" are entries. Lines with "log" are the log's own:
//
//	opened     a process began to write; pid says which
//	closed     it ended in order
//	recovered  the bytes before this line, as many as truncated says and with the hash
//	           torn_hash, are the beginning of a line that a crash cut off
//	rotated    the first line of a new file, with the name of the one before
//	pruned     the named old files were removed; from is the first line that stays
//
// An opened line that follows anything but a closed one covers of a process that
// was killed. A write that began and has no end was under way then, and nobody
// knows what came of it. [Verify] reports both.
//
// # Files
//
// The newest lines are in FILE. When it is full it becomes FILE.N, where N is the
// sequence number of its first line with leading zeros, so that names sort by age
// and tell where to look. FILE.next is there while that happens, and FILE.lock for
// good: who holds its lock may write.
//
// # What the chain finds
//
// Verify finds any line or file that was changed, removed, added or moved, as long
// as a line after it is still there. Two things no chain can find by itself: that
// its newest lines are missing, and that all of it from some line on was written
// anew by somebody who computed the hashes again. Against both helps a [Head] that
// is kept where the writer of the file cannot reach it: Verify holds the log
// against it. Against the first, there is also the closed line, which a log lacks
// that was cut off while nobody wrote to it.
//
// # What is on the disk when
//
// A line is with the operating system before Append returns, so that no crash of
// this process loses it. Lines that belong to a write, its beginning and its end,
// are on the disk by then, too: a write must not have happened while a power
// failure takes away the line that says so. Reads change nothing and are many;
// their lines follow within a second, or with the next write. A sync costs between
// a fifth of a millisecond and tens of them, depending on the disk, a line without
// it about ten microseconds. Appends that wait for the disk at the same time share
// one sync.
package audit
