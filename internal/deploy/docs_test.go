package deploy_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
)

const guide = "docs/remote.md"

// examples are the fenced blocks of the guide in a language.
func examples(t testing.TB, language string) (blocks []string) {
	t.Helper()
	for _, found := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```$").FindAllSubmatch(read(t, guide), -1) {
		blocks = append(blocks, string(found[1]))
	}
	require.NotEmpty(t, blocks, language)
	return blocks
}

func TestExamplesAreWellFormed(t *testing.T) {
	for _, block := range examples(t, "json") {
		require.True(t, json.Valid([]byte(block)), block)
	}
	for _, block := range examples(t, "yaml") {
		require.NotEmpty(t, parseYAML(t, []byte(block)), block)
	}
}

// The values of the guide can be used unchanged.
func TestExampleValuesInstall(t *testing.T) {
	schema := valuesSchema(t)
	var installed int
	for _, block := range examples(t, "yaml") {
		if !strings.HasPrefix(block, "# values.yaml\n") {
			continue
		}
		installed++
		require.NoError(t, conforms(t, schema, parseYAML(t, []byte(block))[0]), block)
		file := filepath.Join(t.TempDir(), "values.yaml")
		require.NoError(t, os.WriteFile(file, []byte(block), 0o600))
		_, err := helm(t, "template", "retool-mcp", chart, "--values", file)
		require.NoError(t, err, block)
	}
	require.Equal(t, 3, installed, "one for each way to tell who calls")
}

func TestLinksOfTheGuideLead(t *testing.T) {
	for _, found := range regexp.MustCompile(`\]\(([^):]+)\)`).FindAllStringSubmatch(strings.ReplaceAll(string(read(t, guide)), "\n", " "), -1) {
		name, anchor, _ := strings.Cut(found[1], "#")
		page := guide
		if name != "" {
			page = filepath.ToSlash(filepath.Join("docs", name))
		}
		require.FileExists(t, filepath.Join(referencedata.Root(t), page))
		if anchor != "" {
			require.Contains(t, anchors(t, page), anchor, page)
		}
	}
}

// anchors are those that a renderer gives the headings of a page.
func anchors(t testing.TB, page string) (all []string) {
	t.Helper()
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllSubmatch(read(t, page), -1) {
		plain := regexp.MustCompile(`[^a-z0-9 _-]`).ReplaceAllString(strings.ToLower(string(heading[1])), "")
		all = append(all, strings.ReplaceAll(plain, " ", "-"))
	}
	return all
}
