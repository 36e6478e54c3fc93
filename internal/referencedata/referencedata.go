// Package referencedata gives tests the reference data on the real Retool API: its
// documents, recorded exchanges and notes. The data is beside the checkout, not in
// it, and not on every machine: a test that needs it is skipped without it.
//
// Only tests may import it.
package referencedata

import (
	"os"
	"path/filepath"
	"testing"
)

// Documents are the real OpenAPI documents, oldest first.
var Documents = []string{"openapi-2.12.0.json", "openapi-3.387.0.json", "openapi-4.0.0.json"}

// Path returns the path of a file of the reference data, and skips the test if the
// folder is missing.
func Path(t testing.TB, name string) string {
	t.Helper()
	folder := filepath.Join(filepath.Dir(Root(t)), "shared")
	if _, err := os.Stat(folder); err != nil {
		t.Skip("the reference data on the real Retool API (../shared) is not on this machine")
	}
	return filepath.Join(folder, "retool-api", name)
}

// Read returns a file of the reference data.
func Read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(Path(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Root returns the folder of go.mod.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if filepath.Dir(dir) == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
}
