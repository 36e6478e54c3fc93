// Package audit writes and verifies the log of what was done to an organization:
// one line of JSON per entry, in a file that only its owner can read. Each line
// holds the hash of the line before.
//
// It must not know tools, MCP, HTTP or Retool. It redacts nothing: the caller
// redacts an [Entry] before it appends it.
//
// # Lines
//
// A line is an object that begins with its sequence number, which has no gaps, the
// hash of the line before, and the time. Its last member is its own hash: the
// SHA-256, in hex, of all bytes of the line before that member,
//
//	head -n 1 FILE | sed 's/,"hash":"[0-9a-f]*"}$//' | tr -d '\n' | sha256sum
//
// Lines with the member "phase" are entries. Lines with "log" are events:
//
//	opened     a process, pid, opened the log
//	closed     it closed the log
//	recovered  the bytes before this line are one that a crash truncated; torn is
//	           their number and torn_hash their hash
//	rotated    the first line of a new file, with the name of the file before it
//	pruned     the named old files were removed; from is the first remaining line
//
// An opened line after anything but a closed one means that a process was killed.
// A write that began and did not end was in progress then, and its result is
// unknown. [Verify] reports both.
//
// # Files
//
// The newest lines are in FILE. When it is full it becomes FILE.N, where N is the
// sequence number of its first line with leading zeros. FILE.next exists during
// that, and FILE.lock always: the process that holds its lock may write.
//
// # What the chain detects
//
// Verify detects every line or file that was changed, removed, added or moved, if
// a line after it still exists. It cannot detect that the newest lines are
// missing, or that the log was rewritten from some line on with new hashes. A
// [Head] stored where the writer of the file cannot change it detects both.
//
// # Durability
//
// Append returns after the operating system has the line, so a crash of this
// process does not lose it. Lines of a write, its begin and its end, are synced to
// disk before Append returns: a power failure must not remove the record of a
// write that was sent. Lines of reads are synced within a second or with the next
// write. A sync takes 0.2 ms to tens of milliseconds, depending on the disk; a line
// without it takes about ten microseconds.
package audit
