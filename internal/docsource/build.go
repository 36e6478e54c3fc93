package docsource

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"runtime/debug"
	"slices"
)

// buildKey tells this build of the program from every build that could make
// another catalog of the same document. Size and time of the executable do not:
// reproducible builds share both.
func buildKey() (string, error) {
	if info, ok := debug.ReadBuildInfo(); ok && committed(info) {
		return info.String(), nil
	}
	program, err := os.Executable()
	if err != nil {
		return "", err
	}
	return fileKey(program)
}

// committed reports whether the build is of a commit without changes, whose
// revision identifies the code.
func committed(info *debug.BuildInfo) bool {
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	return settings["vcs.revision"] != "" && settings["vcs.modified"] == "false"
}

// headLength is how far into an executable its build ID can be.
const headLength = 32 << 10

// buildIDMarks precede the build ID, which contains a hash of the executable: in
// a note of ELF files, and as text in the files of other systems.
var buildIDMarks = [][]byte{[]byte("\x04\x00\x00\x00Go\x00\x00"), []byte("\xff Go build ID: \"")}

// fileKey returns a hash of the beginning of an executable, which holds its
// build ID. A linker flag can leave that out; then it is a hash of the whole
// file, which takes some ten milliseconds.
func fileKey(program string) (string, error) {
	f, err := os.Open(program)
	if err != nil {
		return "", err
	}
	defer f.Close()
	head, err := io.ReadAll(io.LimitReader(f, headLength))
	if err != nil {
		return "", err
	}
	h := sha256.New()
	h.Write(head)
	if !slices.ContainsFunc(buildIDMarks, func(mark []byte) bool { return bytes.Contains(head, mark) }) {
		if _, err := io.Copy(h, f); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
