package doctor

import (
	"cmp"
	"context"
	"strings"
)

// Sources are the names of the settings that take effect; none for a default.
type Sources struct {
	Address, Token []string
	// Seen means that other users of the machine can see the token.
	Seen bool
}

// SettingNames are what users call the settings that remedies mention, such as
// "--url (RETOOL_URL)". Empty ones are described in words.
type SettingNames struct {
	Address, Token, TokenFile, UnixSocket, Document, Scopes string
	// ScopesFlag precedes the suggested scopes.
	ScopesFlag string
	// TokenFileVariable goes into a client's configuration.
	TokenFileVariable string
	// TokenSettings may precede a token in a client's configuration.
	TokenSettings []string
}

// named inserts the names of settings into the remedy.
func (d *doctor) named(c Check) Check {
	n := d.SettingNames
	c.Remedy = strings.NewReplacer(
		"{address}", cmp.Or(n.Address, "the address"),
		"{token}", cmp.Or(n.Token, "the access token"),
		"{token-file}", cmp.Or(n.TokenFile, "the token file"),
		"{token-file-variable}", cmp.Or(n.TokenFileVariable, "the token file"),
		"{unix-socket}", cmp.Or(n.UnixSocket, "the Unix socket"),
		"{document}", cmp.Or(n.Document, "the document"),
		"{scopes}", cmp.Or(n.Scopes, "the scopes"),
	).Replace(c.Remedy)
	return c
}

func (d *doctor) checkSettings(context.Context) Check {
	if d.inProcess() {
		return ok("the sandbox, which has its own address and token")
	}
	address := "the default, Retool's cloud gateway"
	if len(d.Sources.Address) > 0 {
		address = "from " + strings.Join(d.Sources.Address, " and ")
	}
	token := "no token"
	if d.Token != "" {
		token = "token from " + strings.Join(d.Sources.Token, " and ")
	}
	c := ok("%s (%s), %s", d.Address, address, token)
	if d.Sources.Seen && d.Token != "" {
		return c.warning("other users of this machine can see flags: put the token into a file that only you can read, and name it with {token-file}")
	}
	return c
}
