package cli

import (
	"time"

	"github.com/retool-mcp/retool-mcp/internal/docsource"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/sandbox"
	"github.com/retool-mcp/retool-mcp/internal/server/auth"
	"github.com/retool-mcp/retool-mcp/internal/toolgen"
)

// Settings are the parsed settings. Every command takes them as flags, as
// environment variables and from a configuration file; HTTP are those of serve
// alone.
type Settings struct {
	URL, Token, TokenFile, Spec, UnixSocket string
	Timeout                                 time.Duration

	Toolsets, Tools, Exclude, Scopes []string
	ToolPrefix                       string

	ReadOnly                                            bool
	Confirm, StateKeyFile, AuditLog                     string
	AuditLogSize, AuditLogKeep                          int
	RequestsPerMinute, MaxRequests, Retries, PauseAfter int

	MaxResultTokens        int
	RevealSecrets          bool
	SecretDir              string
	SecretEnv, SecretFiles []string

	ScriptTimeout time.Duration
	MaxScripts    int
	ExportDir     string

	Sandbox                     bool
	SandboxSeed                 uint64
	SandboxState, SandboxFaults string
	SandboxLatency              time.Duration

	LogLevel, LogFormat, Config string

	HTTP httpSettings

	// origins tell where a setting was set, by its name.
	origins map[string]origin
	// tokenFiles is shared with HTTP and with the settings of instances.
	tokenFiles tokenFiles
}

// leastTokens is the smallest result that can still tell how to continue.
const leastTokens = 1000

// table is the only list of settings of all commands.
func (s *Settings) table() []settingGroup {
	return []settingGroup{
		{"Instance", []*setting{
			{name: "url", mayBeMissing: true, target: &s.URL, placeholder: "ADDRESS", variable: "RETOOL_URL", aliases: []string{"RETOOL_HOST", "RETOOL_SCHEME"}, perInstance: true, check: checkAddress, help: "Address of the Retool instance, in any form: with or without scheme, port, sub-path or /api/v2. Default: the server that a document fetched from a URL names for itself, else Retool's cloud gateway, https://api.retool.com."},
			{name: "token", mayBeMissing: true, target: &s.Token, placeholder: "TOKEN", variable: "RETOOL_ACCESS_TOKEN", aliases: []string{"RETOOL_TOKEN", "RETOOL_API_KEY"}, perInstance: true, help: "Access token. Prefer the variable or a file: other users of the machine can see flags."},
			{name: "token-file", mayBeMissing: true, target: &s.TokenFile, placeholder: "FILE", variable: "RETOOL_ACCESS_TOKEN_FILE", perInstance: true, help: "File that holds the access token."},
			{name: "spec", mayBeMissing: true, target: &s.Spec, placeholder: "DOCUMENT", def: "auto", enum: []string{docsource.Auto, docsource.Embedded, docsource.Live}, open: true, aliases: []string{"RETOOL_SPEC"}, perInstance: true, help: "OpenAPI document to serve: auto (the instance's own document as last fetched, else the embedded one; the start never waits for the network), embedded, live (the instance's own document, fetched at the start), a file, or a URL."},
			{name: "timeout", mayBeMissing: true, target: &s.Timeout, def: "60s", aliases: []string{"RETOOL_TIMEOUT"}, min: 1, perInstance: true, help: "Deadline of one call to Retool."},
			{name: "unix-socket", target: &s.UnixSocket, placeholder: "FILE", variable: "RETOOL_UNIX_SOCKET_PATH", perInstance: true, help: "Unix socket through which to reach the instance."},
		}},
		{"Tools", []*setting{
			{name: "toolsets", target: &s.Toolsets, placeholder: "NAME,...", aliases: []string{"RETOOL_TOOLSETS"}, lower: true, perInstance: true, help: "Toolsets to serve, separated by commas: all (the default), core (the daily work of administrators, at most 80 tools), scripts (four tools, whose scripts reach all operations), or any that \"retool-mcp tools\" lists."},
			{name: "tools", target: &s.Tools, placeholder: "NAME,...", perInstance: true, help: "Tools to serve, separated by commas; * matches any text: list_*,get_user. Adds to --toolsets."},
			{name: "exclude-tools", target: &s.Exclude, placeholder: "NAME,...", perInstance: true, help: "Tools to leave out, in the same form. Overrides --toolsets and --tools."},
			{name: "scopes", target: &s.Scopes, placeholder: "SCOPE,...", perInstance: true, help: "Scopes of the access token, such as users:read,groups:write. Only the tools that they allow are served. \"retool-mcp doctor\" finds the scopes of a token."},
			{name: "tool-prefix", target: &s.ToolPrefix, placeholder: "PREFIX", check: toolgen.CheckPrefix, help: "Prefix for the name of every tool, for clients that combine servers."},
		}},
		{"Safety", []*setting{
			{name: "read-only", target: &s.ReadOnly, perInstance: true, help: "Serve only tools that read, and send only requests that read. Nothing overrides this."},
			{name: "confirm", target: &s.Confirm, placeholder: "WHEN", def: "auto", enum: []string{"auto", "always", "never"}, perInstance: true, help: "When to ask the user before a destructive call: auto (if the client can ask; without asking, calls that affect the whole organization are refused), always (refused if the client cannot ask), never."},
			{name: "state-key-file", target: &s.StateKeyFile, placeholder: "FILE", help: "File with a random text of at least 32 characters that others cannot read, with which confirmations are authenticated: the same for all replicas. Default: a key of this process."},
			{name: "audit-log", target: &s.AuditLog, placeholder: "FILE", help: "File that records every request to Retool in a line, chained so that a changed or missing line is found. If it cannot be written, no change is sent to Retool."},
			{name: "audit-log-size", target: &s.AuditLogSize, def: "100", min: 1, help: "Size in MiB at which a new file is started."},
			{name: "audit-log-keep", target: &s.AuditLogKeep, def: "0", help: "Number of full files to keep; 0 keeps all."},
			{name: "requests-per-minute", target: &s.RequestsPerMinute, def: "300", perInstance: true, help: "Maximum requests to Retool per minute with one access token, in bursts of up to 45; 0 for no limit, the default with --sandbox."},
			{name: "max-concurrent-requests", target: &s.MaxRequests, def: "64", perInstance: true, help: "Maximum concurrent requests to Retool; further ones wait."},
			{name: "retries", target: &s.Retries, def: "3", perInstance: true, help: "Maximum retries of a request that failed transiently, where a retry is safe."},
			{name: "pause-after", target: &s.PauseAfter, def: "5", perInstance: true, help: "Number of consecutive requests that find the instance down after which all calls fail at once for 30 seconds; 0 for never."},
		}},
		{"Results", []*setting{
			{name: "max-result-tokens", target: &s.MaxResultTokens, def: "20000", min: leastTokens, help: "Maximum tokens of a result, at least 1000. A longer result is cut after a whole item and tells how to continue."},
			{name: "reveal-secrets", target: &s.RevealSecrets, help: "Show secrets in results instead of [redacted: …]. The model, its provider and the client's logs then see them."},
			{name: "secret-dir", target: &s.SecretDir, placeholder: "FOLDER", help: "Folder for secrets that Retool shows only once, such as a new access token. Each becomes a file that only the user of this program can read."},
			{name: "secret-env", target: &s.SecretEnv, placeholder: "NAME,...", help: "Variables that arguments may refer to as ${env:NAME} in place of a secret, separated by commas."},
			{name: "secret-files", target: &s.SecretFiles, placeholder: "PATH,...", help: "Files that arguments may refer to as ${file:PATH} in place of a secret. A folder with a trailing slash allows all files below it."},
		}},
		{"Scripts", []*setting{
			{name: "script-timeout", target: &s.ScriptTimeout, def: "60s", min: 1, help: "Deadline of one run of a script, all of its calls included."},
			{name: "max-scripts", target: &s.MaxScripts, def: "4", min: 1, help: "Maximum scripts that run at once, each in a process of its own; further ones wait."},
			{name: "export-dir", target: &s.ExportDir, placeholder: "FOLDER", help: "Folder for the files that scripts write with save(name, rows). Only the user of this program can read them."},
		}},
		{"Sandbox", []*setting{
			{name: "sandbox", target: &s.Sandbox, perInstance: true, help: "Work on an emulated organization inside this process, without account, token or network."},
			{name: "sandbox-seed", target: &s.SandboxSeed, def: "1", perInstance: true, help: "Seed of the organization: the same seed creates the same organization."},
			{name: "sandbox-state", target: &s.SandboxState, placeholder: "FILE", perInstance: true, help: "File that keeps the organization between starts."},
			{name: "sandbox-faults", target: &s.SandboxFaults, placeholder: "KIND:SHARE,...", perInstance: true, check: checkFaults, help: "Faults to inject and how often, such as 429:0.1,cut:0.01: an HTTP status, or cut, drop, slow, html."},
			{name: "sandbox-latency", target: &s.SandboxLatency, def: "0s", perInstance: true, help: "Minimum duration of every answer of the sandbox."},
		}},
		{"Log and configuration", []*setting{
			{name: "log-level", mayBeMissing: true, target: &s.LogLevel, placeholder: "LEVEL", def: "info", aliases: []string{"RETOOL_LOG_LEVEL"}, enum: []string{"debug", "info", "warn", "error"}, help: "Minimum log level: debug, info, warn or error. The log goes to standard error."},
			{name: "log-format", mayBeMissing: true, target: &s.LogFormat, placeholder: "FORMAT", def: "text", aliases: []string{"RETOOL_LOG_FORMAT"}, enum: []string{"text", "json"}, help: "Log format: text or json."},
			{name: "config", target: &s.Config, placeholder: "FILE", help: "YAML file with settings, and with several instances by name. Flags and variables override it."},
		}},
	}
}

func checkAddress(text string) error {
	_, err := retool.ParseAddress(text, "")
	return err
}

func checkFaults(text string) error {
	_, err := sandbox.ParseFaults(text)
	return err
}

func checkRule(text string) error {
	_, err := auth.ParseRule(text)
	return err
}
