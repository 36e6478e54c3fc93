package doctor

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/file"
)

// checkFiles looks at who may read the files that hold secrets.
func (d *doctor) checkFiles(context.Context) Check {
	if d.TokenFile == "" && d.SecretDir == "" {
		return skip("no token file and no folder for secrets is set")
	}
	var found, open, remedies []string
	for _, at := range []struct{ what, path, mode string }{
		{"token file", d.TokenFile, "600"},
		{"folder for secrets", d.SecretDir, "700"},
	} {
		if at.path == "" {
			continue
		}
		info, err := os.Stat(at.path)
		if err != nil { // it was there when the settings were read
			return fail("%s %s: %s", at.what, at.path, brief(file.Cause(err).Error())).withRemedy("check that it is there and that this user may read it")
		}
		text := at.what + " " + at.path
		if others := info.Mode().Perm() & 0o077; runtime.GOOS != "windows" && others != 0 {
			open = append(open, fmt.Sprintf("%s can be used by others (mode %04o)", text, info.Mode().Perm()))
			remedies = append(remedies, "chmod "+at.mode+" "+at.path)
			continue
		}
		found = append(found, text+" is yours alone")
	}
	if len(open) > 0 {
		return warn("%s", strings.Join(append(open, found...), "; ")).withRemedy("%s", strings.Join(remedies, " && "))
	}
	return ok("%s", strings.Join(found, "; "))
}
