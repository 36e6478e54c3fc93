package result

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/redact"
	"github.com/retool-mcp/retool-mcp/tools"
)

// message makes the text of an error safe to show, which may repeat secrets of
// the call.
func (o Options) message(s string, call *tools.Call) string {
	return redact.New(o.rules(call, true)).Message(s)
}

// rules are those for the answer to a call. It must not repeat the secrets that the
// arguments name and, if it failed, those that they hold.
func (o Options) rules(call *tools.Call, failed bool) redact.Rules {
	rules := redact.Rules{Secrets: secretPaths(call.Tool), Untrusted: call.Tool.Untrusted, Sent: o.SentSecrets, Reveal: o.Reveal}
	if !failed && !o.exact {
		rules.Shown = call.Tool.Shown
	}
	if failed { // its message may be what was sent, or one item
		rules.Secrets = bodyRules(call.Tool).Secrets
	}
	if failed && !o.Reveal {
		rules.Sent = slices.Concat(o.SentSecrets, call.Secrets())
	}
	return rules
}

// bodyRules are those for what a call sends. In a body, secrets have the places
// that they have in the answer, without its envelope.
func bodyRules(t *tools.Tool) (rules redact.Rules) {
	for _, secret := range secretPaths(t) {
		bare := secret
		bare.Path = strings.TrimPrefix(strings.TrimPrefix(secret.Path, "data[]."), "data.")
		rules.Secrets = append(rules.Secrets, secret, bare)
	}
	return rules
}

func secretPaths(t *tools.Tool) (paths []redact.SecretPath) {
	for _, secret := range t.Secrets {
		paths = append(paths, redact.SecretPath(secret))
	}
	return paths
}

// RedactedArguments returns the arguments of a call as they may be shown and
// recorded, whatever the options for results say: secrets are replaced, and
// invisible characters are escaped, since they are sent too.
func RedactedArguments(call *tools.Call) json.RawMessage {
	v, err := jsonvalue.Parse(call.Arguments())
	if err != nil {
		return nil
	}
	redact.New(bodyRules(call.Tool)).Redact(&v)
	return json.RawMessage(v.JSON())
}
