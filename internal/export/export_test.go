package export_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/export"
	"github.com/retool-mcp/retool-mcp/internal/file"
)

func open(t *testing.T) (folder *export.Folder, dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "exports")
	require.NoError(t, os.Mkdir(dir, 0o700))
	folder, err := export.Open(dir)
	require.NoError(t, err)
	return folder, dir
}

// save returns what is in the file that it writes.
func save(t *testing.T, name, rows string) (content string, n int) {
	t.Helper()
	folder, dir := open(t)
	path, n, err := folder.Save(name, []byte(rows))
	require.NoError(t, err)
	require.Equal(t, dir, filepath.Dir(path))
	info, err := os.Lstat(path)
	require.NoError(t, err)
	require.True(t, info.Mode().IsRegular())
	if file.HasModes {
		require.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
	}
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(data), n
}

func TestCSV(t *testing.T) {
	for name, x := range map[string]struct{ rows, want string }{
		"none":          {`[]`, ""},
		"flat":          {`[{"id":1,"name":"Ann"},{"id":2,"email":"b@x","on":true,"gone":null}]`, "id,name,email,on,gone\n1,Ann,,,\n2,,b@x,true,\n"},
		"awkward texts": {`[{"n":"a,b"},{"n":"\"q\"\nnext"},{"n":" é\u200b "},{"n":""}]`, "n\n\"a,b\"\n\"\"\"q\"\"\nnext\"\n\" é\u200b \"\n\"\"\n"},
		"nested":        {`[{"a":{"b":1,"c":{"d":"x"}},"l":["x",2,null],"o":[{"y":1}],"e":{},"n":[]},{"a":{"b":2}}]`, "a.b,a.c.d,l,o,n\n1,x,\"x; 2; null\",\"[{\"\"y\"\":1}]\",\n2,,,,\n"},
		"dots in names": {`[{"a.b":1,"a":{"b":2}}]`, "\"\"\"a.b\"\"\",a.b\n1,2\n"},
		"no objects":    {`[1,"x",[1,2],null,{"id":5}]`, "value,id\n1,\nx,\n\"1; 2\",\n,\n,5\n"},
		"formulas": {
			`[{"=c":"=1+1"},{"=c":"+cmd|' /C calc'!A0"},{"=c":"-2+3"},{"=c":"@SUM(A1)"},{"=c":"\t=1"},{"=c":"\r=1"},{"=c":"＝1"},{"=c":-5},{"=c":"-5.2"},{"=c":["=1","b"]},{"=c":"'=1"},{"=c":"a=1"}]`,
			"'=c\n'=1+1\n\"'+cmd|' /C calc'!A0\"\n'-2+3\n'@SUM(A1)\n\"\t'=1\"\n\"\r'=1\"\n'＝1\n-5\n-5.2\n\"'=1; b\"\n'=1\na=1\n",
		},
		"formulas behind what is not seen": {
			`[{"\ufeff=1+1":"\u200b=1"},{"\ufeff=1+1":" =1"},{"\ufeff=1+1":"\"=1"},{"\ufeff=1+1":" -5"},{"\ufeff=1+1":"\u00a0+1+1"}]`,
			"'\ufeff=1+1\n'\u200b=1\n' =1\n\"'\"\"=1\"\n\" -5\"\n'\u00a0+1+1\n",
		},
		"formulas behind other separators": {
			`[{"a":1,"b":"x;=1+1;y"},{"a":2,"b":"x\t=1"},{"a":3,"b":"x\n=1"},{"a":4,"b":"x|\u200b@A1"},{"a":5,"b":[1,-5,"-x"]},{"a":6,"b":[{"y":";=1;"}]},{"a":7,"b":"x;y"},{"a":8,"b":"a=1"}]`,
			"a,b\n1,\"x;'=1+1;y\"\n2,\"x\t'=1\"\n3,\"x\n'=1\"\n4,\"x|'\u200b@A1\"\n5,\"1; -5;' -x\"\n6,\"[{\"\"y\"\":\"\";'=1;\"\"}]\"\n7,\"x;y\"\n8,a=1\n",
		},
		"no formulas": {`[{"a":"\ufeffx"},{"a":"\\."},{"a":"\tx"}]`, "a\n\ufeffx\n\"\\.\"\n\"\tx\"\n"},
	} {
		got, n := save(t, "x.csv", x.rows)
		require.Equal(t, x.want, got, name)
		var rows []any
		require.NoError(t, json.Unmarshal([]byte(x.rows), &rows))
		require.Equal(t, len(rows), n, name)
		records, err := csv.NewReader(strings.NewReader(got)).ReadAll()
		require.NoError(t, err, name)
		require.Len(t, records, n+min(n, 1), name)
	}
}

func TestJSON(t *testing.T) {
	for rows, want := range map[string]string{
		`[]`:                                    "[\n]\n",
		`[{"a":"=1","b":1.50}]`:                 "[\n{\"a\":\"=1\",\"b\":1.50}\n]\n",
		`[ 1 , "\u200b", 12345678901234567890]`: "[\n1,\n\"\\u200b\",\n12345678901234567890\n]\n",
	} {
		got, n := save(t, "X.JSON", rows)
		require.Equal(t, want, got)
		require.JSONEq(t, rows, got)
		require.Equal(t, strings.Count(want, "\n")-2, n)
	}
}

// Whatever a script calls a file, it is a new one in the folder.
func TestNames(t *testing.T) {
	for name, want := range map[string]string{
		"review.csv": "review.csv", "review": "review.csv", "Review 2026.JSON": "Review_2026.json", "data.xlsx": "data.xlsx.csv", "": "rows.csv", ".csv": "rows.csv", ".": "rows.csv", "..": "rows.csv",
		"../../etc/passwd": "passwd.csv", `..\..\x.json`: "x.json", "/abs/": "rows.csv", "/": "rows.csv", "-rf.csv": "rf.csv", ".hidden": "hidden.csv", "a\x00b\nc": "a_b_c.csv",
		"con": "rows_con.csv", "NUL.json": "rows_NUL.json", "com1.x.csv": "rows_com1.x.csv", "a:stream.csv": "a_stream.csv", "é.csv": "rows.csv", "x\u202egpj.csv": "x_gpj.csv",
		strings.Repeat("a", 300) + ".json": strings.Repeat("a", 100) + ".json", "$(id).csv": "id.csv", "~": "rows.csv", "x.csv.": "x.csv.csv", "a.json/..": "rows.csv",
	} {
		folder, dir := open(t)
		path, _, err := folder.Save(name, []byte(`[{"a":1}]`))
		require.NoError(t, err, "%q", name)
		require.Equal(t, filepath.Join(dir, want), path, "%q", name)
	}
}

func TestNothingIsOverwritten(t *testing.T) {
	folder, dir := open(t)
	outside := filepath.Join(filepath.Dir(dir), "outside")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.csv"), []byte("mine"), 0o600))
	require.NoError(t, os.Symlink(outside, filepath.Join(dir, "a-2.csv")))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "a-3.csv"), 0o700))
	var all sync.WaitGroup
	paths := make([]string, 50)
	for i := range paths {
		all.Go(func() {
			path, _, err := folder.Save("a.csv", fmt.Appendf(nil, `[{"i":%d}]`, i))
			if err == nil {
				paths[i] = path
			}
		})
	}
	all.Wait()
	for i, path := range paths {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, fmt.Sprintf("i\n%d\n", i), string(data), path)
	}
	require.NoFileExists(t, outside)
	data, err := os.ReadFile(filepath.Join(dir, "a.csv"))
	require.NoError(t, err)
	require.Equal(t, "mine", string(data))
}

// What is refused says why, and leaves no file.
func TestRefusals(t *testing.T) {
	wide := make([]string, 1001)
	for i := range wide {
		wide[i] = fmt.Sprintf(`{"f%d":1}`, i)
	}
	folder, dir := open(t)
	for name, x := range map[string]struct{ file, rows, want string }{
		"no array":         {"x", `{"a":1}`, "rows are an array"},
		"no JSON":          {"x", `[{"a":1}`, ""},
		"no JSON, in JSON": {"x.json", `[{"a":1},nul]`, "row 2"},
		"nothing":          {"x", ``, "rows are an array"},
		"too many columns": {"x.csv", "[" + strings.Join(wide, ",") + "]", "row 1001: more than 1000 different fields are no table: save them as .json"},
		"a giant row":      {"x.csv", `[1,["` + strings.Repeat("x", 1<<20) + `"]]`, "row 2: it is larger than 1 MB: save it as .json"},
		"a giant table":    {"x.csv", "[" + strings.Join(wide[:1000], ",") + strings.Repeat(`,{"f0":1}`, 70_000) + "]", "larger than 64 MB"},
		"a giant list":     {"x.json", "[" + strings.Repeat(`"`+strings.Repeat("x", 1<<20)+`",`, 65) + "1]", "larger than 64 MB"},
	} {
		path, n, err := folder.Save(x.file, []byte(x.rows))
		require.ErrorContains(t, err, x.want, name)
		require.Empty(t, path)
		require.Zero(t, n)
	}
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

// The files of one script are limited together, those of others are not affected, and
// what was not saved does not count.
func TestFilesOfOneScript(t *testing.T) {
	folder, dir := open(t)
	one := folder.ForOne()
	large := []byte("[" + strings.Repeat(`"`+strings.Repeat("x", 1<<20-10)+`",`, 30) + "1]")
	_, _, err := one.Save("no.csv", []byte("[1"+strings.Repeat(`,"`+strings.Repeat("x", 1<<20-10)+`"`, 30)+",nul]"))
	require.ErrorContains(t, err, "row 32")
	for _, name := range []string{"1.json", "2.csv"} {
		_, _, err = one.Save(name, large)
		require.NoError(t, err)
	}
	_, _, err = one.Save("3.csv", large)
	require.ErrorContains(t, err, "the files of one script would be larger than 64 MB together")
	_, _, err = one.Save("4.csv", []byte(`[1]`))
	require.NoError(t, err)
	_, _, err = folder.Save("5.csv", large)
	require.NoError(t, err)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 4)
}

func TestFolders(t *testing.T) {
	parent := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(parent, "file"), nil, 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(parent, "shared"), 0o700))
	require.NoError(t, os.Chmod(filepath.Join(parent, "shared"), 0o777))
	cases := map[string]string{"": "is not a folder", filepath.Join(parent, "none"): "does not exist: create it with mkdir -m 700", filepath.Join(parent, "file"): "is not a folder"}
	if file.HasModes {
		cases[filepath.Join(parent, "shared")] = "other users can write"
	}
	for dir, want := range cases {
		_, err := export.Open(dir)
		require.ErrorContains(t, err, want)
	}
	folder, dir := open(t)
	require.NoError(t, os.Chmod(dir, 0o777))
	_, _, err := folder.Save("x", []byte(`[]`))
	if file.HasModes {
		require.ErrorContains(t, err, "other users can write", "that is looked at each time")
	}
	require.NoError(t, os.Remove(dir))
	_, _, err = folder.Save("x", []byte(`[]`))
	require.ErrorContains(t, err, "does not exist")
}

// Rows are not parsed all at once.
func TestLargeTablesTakeLittleMemory(t *testing.T) {
	folder, _ := open(t)
	rows := []byte(`[` + strings.Repeat(`[1,2,3,4,5,6,7,8],`, 400_000) + `1]`)
	for _, name := range []string{"x.csv", "x.json"} {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		_, n, err := folder.Save(name, rows)
		require.NoError(t, err)
		require.Equal(t, 400_001, n)
		runtime.ReadMemStats(&after)
		require.Less(t, after.HeapSys, before.HeapSys+32<<20, name)
	}
}
