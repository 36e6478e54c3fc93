package objects

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

var versionForm = api.Pattern(`^(\d{1,9})\.(\d{1,9})\.(\d{1,9})(-[0-9A-Za-z.-]+)?$`)

// nextVersion is the version of a library's next revision. A bump counts from
// the highest release: of 1.1.0 the minor one makes 1.2.0, the major one 2.0.0,
// and dev the first free of 1.2.0-dev.1, 1.2.0-dev.2 ….
func nextVersion(l *model.Library, bump, wanted string) (string, error) {
	taken := func(version string) bool {
		return slices.ContainsFunc(l.Revisions, func(r model.Revision) bool { return r.Version == version })
	}
	highest := highestRelease(l)
	switch bump {
	case "specify_version":
		if !versionForm().MatchString(wanted) {
			return "", api.BadRequest("Invalid version: %q", wanted)
		}
		if taken(wanted) {
			return "", api.Conflict("Custom component library revision with version %q already exists", wanted)
		}
		return wanted, nil
	case "major":
		return fmt.Sprintf("%d.0.0", highest[0]+1), nil
	}
	next := "0.0.1" // of the very first
	if highest != [3]int{} {
		next = fmt.Sprintf("%d.%d.0", highest[0], highest[1]+1)
	}
	if bump == "minor" {
		return next, nil
	}
	for n := 1; ; n++ {
		if dev := fmt.Sprintf("%s-dev.%d", next, n); !taken(dev) {
			return dev, nil
		}
	}
}

// highestRelease is the highest version that is no development version, 0.0.0
// where there is none.
func highestRelease(l *model.Library) (highest [3]int) {
	for _, r := range l.Revisions {
		parts := versionForm().FindStringSubmatch(r.Version)
		if len(parts) == 0 || parts[4] != "" {
			continue
		}
		var n [3]int
		for i := range n {
			n[i], _ = strconv.Atoi(parts[1+i])
		}
		if slices.Compare(n[:], highest[:]) > 0 {
			highest = n
		}
	}
	return highest
}
