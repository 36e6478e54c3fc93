package cli

import (
	"errors"
	"fmt"
	"sync"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/docsource"
	"github.com/retool-mcp/retool-mcp/internal/doctor"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/server/guard"
	"github.com/retool-mcp/retool-mcp/internal/server/remote"
)

// Other packages do not know how users set them. They get the names of settings
// for their messages from here.

// table are all settings, without values.
var table = sync.OnceValue(func() []*setting {
	s := &Settings{}
	return rows(append(s.table(), s.HTTP.group()))
})

// rowOf is the setting of a name, without a value.
func rowOf(name string) *setting { return find(table(), name) }

// label names a setting in messages: its flag and its variable.
func label(name string) string { return rowOf(name).label() }

func named(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", name, err)
}

func contradict(a, b string) error {
	return fmt.Errorf("%s and %s contradict each other: set only one of them", a, b)
}

func tokenNames() string { return label("token-file") + " or " + label("token") }

func retoolNames() retool.SettingNames {
	return retool.SettingNames{
		Address: label("url"), Token: tokenNames(), Timeout: label("timeout"),
		PerMinute: label("requests-per-minute"), MaxConcurrent: label("max-concurrent-requests"),
	}
}

func resultNames() result.SettingNames {
	return result.SettingNames{Address: label("url"), Token: tokenNames()}
}

func callNames() call.SettingNames {
	return call.SettingNames{Confirm: label("confirm"), SecretDir: label("secret-dir")}
}

func guardNames() guard.SettingNames {
	return guard.SettingNames{
		Hosts: label("allow-host"), Origins: label("allow-origin"), MaxBody: label("max-body"),
		MaxCalls: label("max-calls"), MaxCallsPerCaller: label("max-calls-per-caller"),
		MaxStreams: label("max-streams"), MaxStreamsPerCaller: label("max-streams-per-caller"),
	}
}

func remoteNames() remote.SettingNames {
	return remote.SettingNames{
		Listen: label("listen"), MetricsListen: label("metrics-listen"), Cert: label("tls-cert"), Key: label("tls-key"),
	}
}

func doctorNames() doctor.SettingNames {
	token := rowOf("token")
	return doctor.SettingNames{
		Address: label("url"), Token: label("token-file") + " or " + token.env(), TokenFile: label("token-file"),
		UnixSocket: label("unix-socket"), Document: label("spec"), Scopes: label("scopes"), ScopesFlag: "--scopes",
		TokenFileVariable: rowOf("token-file").env(), TokenSettings: append([]string{token.env(), "--token"}, token.aliases...),
	}
}

// explain adds what to do to errors that other packages leave to us.
func explain(err error) error {
	if errors.Is(err, docsource.ErrNoInstance) {
		return fmt.Errorf("%w: set %s", err, label("url"))
	}
	return err
}
