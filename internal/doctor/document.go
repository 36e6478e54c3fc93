package doctor

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Document is the document that is served, and where documents are kept.
type Document struct {
	// Name says which it is, "the embedded description".
	Name string
	// Version is its API's.
	Version string
	// Err is why it could not be had, nil if it could.
	Err error
	// Fetched is when the instance's own document was last fetched, Asked when it
	// was last asked for, with or without success; zero for never.
	Fetched, Asked time.Time
	// CacheDir is the folder for documents and catalogs, "" where the system
	// names none.
	CacheDir string
}

func (d *doctor) checkDocument(context.Context) Check {
	doc := d.Document
	if doc.Err != nil {
		return fail("%s", brief(doc.Err.Error())).withRemedy("correct {document}, or leave it out: the embedded description needs no network")
	}
	c := ok("%s, API %s", doc.Name, brief(doc.Version))
	if !doc.Fetched.IsZero() {
		c.Found += ", fetched " + ago(doc.Fetched)
	}
	if !doc.Asked.IsZero() {
		c.Found += ", last asked for " + ago(doc.Asked)
	}
	if d.inProcess() {
		return c
	}
	if doc.CacheDir == "" {
		c.Status, c.Found = Warn, c.Found+"; no folder to keep documents in"
		return c.withRemedy("set HOME or XDG_CACHE_HOME: without a folder the instance's own document is never kept")
	}
	entries, err := os.ReadDir(doc.CacheDir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) || !writable(doc.CacheDir) {
		c.Status, c.Found = Warn, c.Found+"; the cache "+doc.CacheDir+" cannot be written"
		return c.withRemedy("let this user write there, or name another folder in XDG_CACHE_HOME: without it every start makes its catalog anew")
	}
	c.Found += "; " + count(len(entries), "file") + " in the cache " + doc.CacheDir
	return c
}

// writable tries to make a file in a folder or, where that is not there yet, in
// the nearest one above it. The file does not stay.
func writable(dir string) bool {
	for {
		info, err := os.Stat(dir)
		if err == nil && info.IsDir() {
			break
		}
		above := filepath.Dir(dir)
		if !errors.Is(err, fs.ErrNotExist) || above == dir {
			return false
		}
		dir = above
	}
	file, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return false
	}
	file.Close()
	return os.Remove(file.Name()) == nil
}

// ago is how long ago something was, as people say it.
func ago(t time.Time) string {
	switch age := time.Since(t); {
	case age < time.Minute:
		return "just now"
	case age < time.Hour:
		return count(int(age.Minutes()), "minute") + " ago"
	case age < 48*time.Hour:
		return count(int(age.Hours()), "hour") + " ago"
	default:
		return count(int(age.Hours()/24), "day") + " ago"
	}
}
