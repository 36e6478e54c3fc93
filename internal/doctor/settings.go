package doctor

import (
	"context"
	"strings"
)

// Sources are the names of the settings that count, as their operator knows
// them; none for a default.
type Sources struct {
	Address, Token []string
	// Seen says that the token stands where other users of the machine can see it.
	Seen bool
}

func (d *doctor) checkSettings(context.Context) Check {
	if d.inProcess() {
		return ok("the sandbox, which has an address and a token of its own")
	}
	address := "the default, Retool's cloud gateway"
	if len(d.Sources.Address) > 0 {
		address = "from " + strings.Join(d.Sources.Address, " and ")
	}
	token := "no token"
	if d.Token != "" {
		token = "token from " + strings.Join(d.Sources.Token, " and ")
	}
	if d.Sources.Seen && d.Token != "" {
		return warn("%s (%s), %s", d.Address, address, token).
			withRemedy("other users of this machine can see flags: put the token into a file that only you can read, and name it with --token-file (RETOOL_ACCESS_TOKEN_FILE)")
	}
	return ok("%s (%s), %s", d.Address, address, token)
}
