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

// instruction is one of a Dockerfile: "FROM", and what follows it on its lines.
type instruction struct{ name, rest string }

// instructions reads a Dockerfile that has no here-documents.
func instructions(t testing.TB) (all []instruction) {
	t.Helper()
	var whole strings.Builder
	for line := range strings.Lines(string(read(t, "Dockerfile"))) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		part, goesOn := strings.CutSuffix(line, `\`)
		whole.WriteString(part)
		if goesOn {
			continue
		}
		name, rest, _ := strings.Cut(whole.String(), " ")
		all = append(all, instruction{strings.ToUpper(name), strings.TrimSpace(rest)})
		whole.Reset()
	}
	require.Zero(t, whole.Len(), "the last instruction ends")
	return all
}

// only is the one instruction of that name.
func only(t testing.TB, name string) string {
	t.Helper()
	var found []string
	for _, i := range instructions(t) {
		if i.name == name {
			found = append(found, i.rest)
		}
	}
	require.Len(t, found, 1, name)
	return found[0]
}

// execForm reads a command that is started as it is, without a shell: the image
// has none.
func execForm(t testing.TB, command string) (words []string) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(command), &words), "%s is not in exec form", command)
	return words
}

func TestBaseImagesArePinned(t *testing.T) {
	pinned := regexp.MustCompile(`^(--platform=\$BUILDPLATFORM )?[a-z./-]+:[0-9]+\.[0-9]+\.[0-9]+[a-z0-9.-]*@sha256:[0-9a-f]{64}( AS [a-z]+)?$`)
	var bases []string
	for _, i := range instructions(t) {
		if i.name == "FROM" && i.rest != "scratch" {
			bases = append(bases, i.rest)
			require.Regexp(t, pinned, i.rest, "an exact version and a digest")
		}
	}
	require.Len(t, bases, 1, "nothing but the build has a base image")
	goMod := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(string(read(t, "go.mod")))
	require.Contains(t, bases[0], "golang:"+goMod[1]+".", "the Go that go.mod asks for: the image fetches no other")
}

func TestImageIsForEveryPlatform(t *testing.T) {
	var build string
	for _, i := range instructions(t) {
		if i.name == "RUN" && strings.Contains(i.rest, "go build") {
			build = i.rest
		}
	}
	require.Contains(t, build, "CGO_ENABLED=0", "the binary is static")
	require.Contains(t, build, "GOOS=$TARGETOS GOARCH=$TARGETARCH")
	require.Contains(t, build, "-trimpath")
}

func TestImageRunsTheBinaryAndIsNotRoot(t *testing.T) {
	require.Regexp(t, `^[1-9][0-9]*:[1-9][0-9]*$`, only(t, "USER"), "a number, so that Kubernetes can tell that it is not root")
	require.Equal(t, []string{"/retool-mcp"}, execForm(t, only(t, "ENTRYPOINT")))
	require.Equal(t, "8000", only(t, "EXPOSE"))

	options, command, found := strings.Cut(only(t, "HEALTHCHECK"), "CMD ")
	require.True(t, found)
	require.Equal(t, []string{"/retool-mcp", "health"}, execForm(t, command))
	require.Contains(t, options, "--timeout=6s", "longer than the 5 s that the command takes at most")
}

func TestImageIsLabeled(t *testing.T) {
	labels := only(t, "LABEL")
	for _, name := range []string{"title", "description", "source", "documentation", "licenses", "version", "revision"} {
		require.Contains(t, labels, "org.opencontainers.image."+name+"=")
	}
	documentation := regexp.MustCompile(`/blob/main/([^"]+)"`).FindStringSubmatch(labels)
	require.FileExists(t, filepath.Join(referencedata.Root(t), documentation[1]))
}

// The context of the build is what .dockerignore lets through: everything of
// ours that the binary is made from, and nothing else.
func TestContextOfTheBuild(t *testing.T) {
	var allowed []string
	lines := strings.Fields(string(read(t, ".dockerignore")))
	require.Equal(t, "*", lines[0], "nothing goes in unless it is named")
	for _, line := range lines {
		if name, ok := strings.CutPrefix(line, "!"); ok {
			allowed = append(allowed, name)
			_, err := os.Stat(filepath.Join(referencedata.Root(t), name))
			require.NoError(t, err, "what .dockerignore names is there")
		}
	}
	for _, needed := range []string{"go.mod", "go.sum", "main.go", "internal", "tools", "schemas"} {
		require.Contains(t, allowed, needed)
	}
}

// An image that is built as documented knows its version: the commands pass it on, and
// the linker sets the variables that the program reads. The context has no .git.
func TestImageBuiltAsDocumentedKnowsItsVersion(t *testing.T) {
	commands := 0
	for _, page := range []string{"README.md", "Dockerfile", "docs/remote.md"} {
		for line := range strings.Lines(string(read(t, page))) {
			if strings.Contains(line, "docker build") {
				require.Contains(t, line, "--build-arg RELEASE=", page)
				commands++
			}
		}
	}
	require.GreaterOrEqual(t, commands, 4)
	source := string(read(t, "internal/cli/version.go"))
	require.Regexp(t, `(?m)^var release, commit string$`, source)
	for _, i := range instructions(t) {
		if i.name == "RUN" && strings.Contains(i.rest, "go build") {
			require.Contains(t, i.rest, "-X github.com/retool-mcp/retool-mcp/internal/cli.release=$RELEASE")
			require.Contains(t, i.rest, "-X github.com/retool-mcp/retool-mcp/internal/cli.commit=$COMMIT")
		}
	}
}

// No check of deploy/check is silent while it compiles its tool.
func TestDeployCheckNamesWhatItCompiles(t *testing.T) {
	_, have, found := strings.Cut(string(read(t, "deploy/check")), "\nhave() {\n")
	require.True(t, found)
	prints, runs := strings.Index(have, "printf 'compiling %s"), strings.Index(have, "go run -exec true")
	require.GreaterOrEqual(t, prints, 0)
	require.Less(t, prints, runs)
}
