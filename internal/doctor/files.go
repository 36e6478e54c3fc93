package doctor

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/file"
)

// checkFiles checks who can read the files that hold secrets.
func (d *doctor) checkFiles(context.Context) Check {
	if d.TokenFile == "" && d.SecretDir == "" {
		return skip("no token file and no folder for secrets is configured")
	}
	var private, open, remedies []string
	for _, f := range []struct{ what, path, mode string }{
		{"token file", d.TokenFile, "600"},
		{"folder for secrets", d.SecretDir, "700"},
	} {
		if f.path == "" {
			continue
		}
		info, err := os.Stat(f.path)
		if err != nil { // it existed when the settings were read
			return fail("%s %s: %s", f.what, f.path, brief(file.Cause(err).Error())).withRemedy("check that it exists and that this user may read it")
		}
		name := f.what + " " + f.path
		if mode := info.Mode().Perm(); file.HasModes && mode&0o077 != 0 {
			open = append(open, fmt.Sprintf("%s can be used by others (mode %04o)", name, mode))
			remedies = append(remedies, "chmod "+f.mode+" "+f.path)
			continue
		}
		private = append(private, name+" is private")
	}
	if len(open) > 0 {
		return warn("%s", strings.Join(append(open, private...), "; ")).withRemedy("%s", strings.Join(remedies, " && "))
	}
	return ok("%s", strings.Join(private, "; "))
}
