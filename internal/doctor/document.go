package doctor

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Document is the served document, and where documents are cached.
type Document struct {
	// Name identifies it, such as "the embedded document".
	Name string
	// Version of its API.
	Version string
	// Err is why it could not be read, nil if it could.
	Err error
	// Fetched is when the instance's own document was last fetched, Asked when it
	// was last requested, successfully or not; zero for never.
	Fetched, Asked time.Time
	// CacheDir is the folder for documents and catalogs, "" if the system names
	// none.
	CacheDir string
}

func (d *doctor) checkDocument(context.Context) Check {
	doc := d.Document
	if doc.Err != nil {
		return Fail.found("%s", brief(doc.Err.Error())).withRemedy("correct {document}, or unset it: the embedded document needs no network")
	}
	c := OK.found("%s, API %s", doc.Name, brief(doc.Version))
	if !doc.Fetched.IsZero() {
		c.Found += ", fetched " + ago(doc.Fetched)
	}
	if !doc.Asked.IsZero() {
		c.Found += ", last requested " + ago(doc.Asked)
	}
	if d.inProcess() {
		return c
	}
	if doc.CacheDir == "" {
		c.Found += "; there is no cache folder"
		return c.warning("set HOME or XDG_CACHE_HOME: the instance's own document cannot be cached")
	}
	entries, err := os.ReadDir(doc.CacheDir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) || !writable(doc.CacheDir) {
		c.Found += "; the cache " + doc.CacheDir + " cannot be written"
		return c.warning("allow this user to write there, or set XDG_CACHE_HOME to another folder: without a cache, every start is slower")
	}
	c.Found += "; " + count(len(entries), "file") + " in the cache " + doc.CacheDir
	return c
}

// writable tries to create a file in a folder, or in its nearest parent that
// exists. It removes the file.
func writable(dir string) bool {
	for {
		file, err := os.CreateTemp(dir, ".doctor-*")
		if err == nil {
			file.Close()
			return os.Remove(file.Name()) == nil
		}
		parent := filepath.Dir(dir)
		if !errors.Is(err, fs.ErrNotExist) || parent == dir {
			return false
		}
		dir = parent
	}
}

// ago formats how long ago something was.
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
