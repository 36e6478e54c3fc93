package cli

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/toolgen"

	"github.com/retool-mcp/retool-mcp/internal/audit"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/secret"
)

// Settings are accepted by every command, as a flag or an environment variable;
// a flag wins. The tag "also" names variables of Retool's own programs that
// mean the same.
type Settings struct {
	URL        string        `name:"url" each:"instance" placeholder:"ADDRESS" env:"RETOOL_URL" also:"RETOOL_HOST,RETOOL_SCHEME" group:"Settings" help:"Address of the Retool instance, in any form: with or without scheme, port, sub-path or /api/v2. The default is Retool's cloud gateway, https://api.retool.com, or the address a document fetched from a URL gives for itself."`
	Token      []string      `name:"token" each:"instance" sep:"none" placeholder:"TOKEN" env:"RETOOL_ACCESS_TOKEN" also:"RETOOL_TOKEN,RETOOL_API_KEY" group:"Settings" help:"Access token. Prefer the variable or a file: other users of a machine can see flags."`
	TokenFile  string        `name:"token-file" each:"instance" placeholder:"FILE" env:"RETOOL_ACCESS_TOKEN_FILE" group:"Settings" help:"File that holds the access token."`
	Spec       string        `name:"spec" each:"instance" placeholder:"DOCUMENT" default:"auto" env:"RETOOL_SPEC" group:"Settings" help:"OpenAPI document to serve: auto (the instance's own as last fetched, else the embedded description; no start waits for the network), embedded, live (the instance's own, fetched first), a file, or a URL."`
	Timeout    time.Duration `name:"timeout" each:"instance" default:"60s" env:"RETOOL_TIMEOUT" group:"Settings" help:"Deadline of one call to Retool."`
	UnixSocket string        `name:"unix-socket" each:"instance" placeholder:"FILE" env:"RETOOL_UNIX_SOCKET_PATH" group:"Settings" help:"Unix socket through which the instance is reached."`
	Toolsets   []string      `name:"toolsets" each:"instance" placeholder:"NAME" env:"RETOOL_TOOLSETS" group:"Settings" help:"Toolsets to serve, joined by commas: all (the default), core (what administrators do daily, at most 80 tools), or any that \"retool-mcp tools\" lists."`
	Tools      []string      `name:"tools" each:"instance" placeholder:"NAME" env:"RETOOL_MCP_TOOLS" group:"Settings" help:"Tools to serve, joined by commas, * for any text: list_*,get_user. With --toolsets, these as well."`
	Exclude    []string      `name:"exclude-tools" each:"instance" placeholder:"NAME" env:"RETOOL_MCP_EXCLUDE_TOOLS" group:"Settings" help:"Tools not to serve, in the same form, whatever else names them."`
	Scopes     []string      `name:"scopes" each:"instance" placeholder:"SCOPE" env:"RETOOL_MCP_SCOPES" group:"Settings" help:"Scopes of the access token, such as users:read,groups:write: only tools that they allow are served. The command doctor finds them out."`
	ReadOnly   bool          `name:"read-only" each:"instance" env:"RETOOL_MCP_READ_ONLY" group:"Settings" help:"Serve no tool that changes anything, and send no such request. Nothing overrides this."`
	Confirm    string        `name:"confirm" each:"instance" default:"auto" enum:"auto,always,never" env:"RETOOL_MCP_CONFIRM" group:"Settings" help:"Whether a person has to confirm what destroys something: auto (where the client can ask; what hits everybody is refused elsewhere), always (refused where it cannot ask), never."`
	ToolPrefix string        `name:"tool-prefix" placeholder:"PREFIX" env:"RETOOL_MCP_TOOL_PREFIX" group:"Settings" help:"Text put before every tool's name, for clients that mix servers."`
	LogLevel   string        `name:"log-level" default:"info" env:"RETOOL_LOG_LEVEL" group:"Settings" help:"Least level that is logged, to standard error: debug, info, warn or error."`
	LogFormat  string        `name:"log-format" default:"text" enum:"text,json" env:"RETOOL_LOG_FORMAT" group:"Settings" help:"Form of the log: text or json."`

	MaxResultTokens int      `name:"max-result-tokens" default:"20000" env:"RETOOL_MCP_MAX_RESULT_TOKENS" group:"Results" help:"How many tokens a result may have, at least 1000. A longer one is cut at a whole item, and says how to go on."`
	RevealSecrets   bool     `name:"reveal-secrets" env:"RETOOL_MCP_REVEAL_SECRETS" group:"Results" help:"Show secrets in results, instead of [redacted: …]. The model, its provider and every log of the client then see them."`
	SecretDir       string   `name:"secret-dir" placeholder:"FOLDER" env:"RETOOL_MCP_SECRET_DIR" group:"Results" help:"Folder for secrets that an answer shows only once, such as a new access token: each goes to a file that only the user of this program can read."`
	SecretEnv       []string `name:"secret-env" placeholder:"NAME" env:"RETOOL_MCP_SECRET_ENV" group:"Results" help:"Variables that arguments may name instead of holding a secret, as ${env:NAME}, joined by commas."`
	SecretFiles     []string `name:"secret-files" placeholder:"PATH" env:"RETOOL_MCP_SECRET_FILES" group:"Results" help:"Files that arguments may name in the same way, as ${file:PATH}; a folder with a slash at its end allows all below it."`

	AuditLog          string `name:"audit-log" placeholder:"FILE" env:"RETOOL_MCP_AUDIT_LOG" group:"Safety" help:"File that gets a line for every request to Retool, chained so that a line that is changed or missing is found. If it cannot be written, nothing is changed in Retool."`
	AuditLogSize      int64  `name:"audit-log-size" default:"100" env:"RETOOL_MCP_AUDIT_LOG_SIZE" group:"Safety" help:"How many MiB the file may have before a new one is begun."`
	AuditLogKeep      int    `name:"audit-log-keep" default:"0" env:"RETOOL_MCP_AUDIT_LOG_KEEP" group:"Safety" help:"How many full files are kept; 0 keeps all."`
	RequestsPerMinute int    `name:"requests-per-minute" each:"instance" default:"300" env:"RETOOL_MCP_REQUESTS_PER_MINUTE" group:"Safety" help:"How many requests a minute go to Retool with one access token, 45 of them at once; 0 for any number, as with --sandbox."`
	MaxRequests       int    `name:"max-concurrent-requests" each:"instance" default:"64" env:"RETOOL_MCP_MAX_CONCURRENT_REQUESTS" group:"Safety" help:"How many requests may be on their way to Retool at once; further ones wait for their turn."`
	Retries           int    `name:"retries" each:"instance" default:"3" env:"RETOOL_MCP_RETRIES" group:"Safety" help:"How often a request is repeated that failed in passing, where that can do no harm."`

	PauseAfter int `name:"pause-after" each:"instance" default:"5" env:"RETOOL_MCP_PAUSE_AFTER" group:"Safety" help:"After how many requests in a row that found the instance down all calls fail at once for half a minute; 0 for never."`

	Sandbox        bool          `name:"sandbox" each:"instance" env:"RETOOL_MCP_SANDBOX" group:"Sandbox" help:"Work on an emulated organization within this process: no account, no token, no network."`
	SandboxSeed    uint64        `name:"sandbox-seed" each:"instance" default:"1" env:"RETOOL_MCP_SANDBOX_SEED" group:"Sandbox" help:"Number that the organization is made from: the same number makes the same organization."`
	SandboxState   string        `name:"sandbox-state" each:"instance" placeholder:"FILE" env:"RETOOL_MCP_SANDBOX_STATE" group:"Sandbox" help:"File that keeps the organization from one start to the next."`
	SandboxFaults  string        `name:"sandbox-faults" each:"instance" placeholder:"KIND:SHARE" env:"RETOOL_MCP_SANDBOX_FAULTS" group:"Sandbox" help:"What goes wrong and how often, such as 429:0.1,cut:0.01: a status, or cut, drop, slow, html."`
	SandboxLatency time.Duration `name:"sandbox-latency" each:"instance" default:"0s" env:"RETOOL_MCP_SANDBOX_LATENCY" group:"Sandbox" help:"How long every answer of the sandbox takes at least."`

	Config string `name:"config" placeholder:"FILE" env:"RETOOL_MCP_CONFIG" group:"Settings" help:"File of settings in YAML, and of several instances by name. Flags and variables win over it."`

	given map[string]bool // flags that stand on the command line
	configured
	auditLog *audit.Log // nil for none
	// wrap goes around the transport of requests to Retool, keep are sandboxes to
	// go on with, by their instances; both may be nil.
	wrap func(http.RoundTripper) http.RoundTripper
	keep map[string]*inProcess
	name string // of the instance, where there are several
}

// config is what the settings come to.
type config struct {
	address  retool.Address
	explicit bool // the address was set by the operator
	token    string
	sandbox  *inProcess // nil for a real instance

	references *secret.References
	folder     *secret.Sink // nil for none
}

// setting is one place where a value can come from.
type setting struct{ name, value string }

// environment returns those of the variables that are set to something.
func environment(names ...string) (out []setting) {
	for _, name := range names {
		if v := strings.TrimSpace(os.Getenv(name)); v != "" {
			out = append(out, setting{name, v})
		}
	}
	return out
}

func contradict(a, b string) error {
	return fmt.Errorf("%s and %s contradict each other: set only one of them", a, b)
}

// resolve checks the settings against each other.
func (s *Settings) resolve() (c config, err error) {
	if s.Sandbox {
		c, err = s.sandboxed()
	} else if err = s.notSandboxed(); err == nil {
		c, err = s.instance()
	}
	if err != nil {
		return c, err
	}
	if err := checkLevel(s.LogLevel); err != nil {
		return c, err
	}
	if s.Timeout <= 0 {
		return c, fmt.Errorf("--timeout (RETOOL_TIMEOUT) must be more than zero, not %s", s.Timeout)
	}
	if err := s.limits(); err != nil {
		return c, err
	}
	if err := s.secrets(&c); err != nil {
		return c, err
	}
	return c, toolgen.CheckPrefix(s.ToolPrefix)
}

// instance is where calls go when they go to a real instance.
func (s *Settings) instance() (c config, err error) {
	if c.address, c.explicit, err = s.address(); err != nil {
		return c, err
	}
	c.token, err = s.token()
	return c, err
}

// address is the operator's address: that of the flag, or that on which all
// variables that are set agree.
func (s *Settings) address() (address retool.Address, explicit bool, err error) {
	if s.given["url"] {
		address, err = retool.ParseAddress(s.URL, "")
		return address, true, named("--url", err)
	}
	scheme := environment("RETOOL_SCHEME")
	hosts := environment("RETOOL_HOST")
	if len(scheme) > 0 && len(hosts) == 0 {
		return address, false, errors.New("RETOOL_SCHEME is set but RETOOL_HOST is not: a scheme alone is no address")
	}
	var from string
	for _, at := range slices.Concat(environment("RETOOL_URL"), hosts) {
		withScheme := ""
		if at.name == "RETOOL_HOST" && len(scheme) > 0 {
			withScheme = strings.ToLower(scheme[0].value)
			if has, _, ok := strings.Cut(at.value, "://"); ok && !strings.EqualFold(has, withScheme) {
				return address, false, contradict("RETOOL_SCHEME", "RETOOL_HOST")
			}
		}
		parsed, err := retool.ParseAddress(at.value, withScheme)
		if err != nil {
			return address, false, named(at.name, err)
		}
		if from != "" && !parsed.Equal(address) {
			return address, false, contradict(from, at.name)
		}
		address, from = parsed, at.name
	}
	if from != "" {
		return address, true, nil
	}
	address, err = retool.ParseAddress(retool.CloudAddress, "")
	return address, false, err
}

func named(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", name, err)
}

// token is the access token, "" where none is set: tools can be listed without.
func (s *Settings) token() (string, error) {
	var places []setting
	switch {
	case s.given["token"] && s.given["token-file"]:
		return "", contradict("--token", "--token-file")
	case s.given["token"] && len(s.Token) > 1:
		return "", errors.New("--token is given twice: set only one")
	case s.given["token"]:
		places = []setting{{"--token", strings.TrimSpace(s.Token[0])}}
	case s.given["token-file"]:
		return readToken(setting{"--token-file", s.TokenFile})
	default:
		places = environment("RETOOL_ACCESS_TOKEN", "RETOOL_TOKEN", "RETOOL_API_KEY")
		files := environment("RETOOL_ACCESS_TOKEN_FILE")
		switch {
		case len(files) > 0 && len(places) > 0:
			return "", contradict(places[0].name, files[0].name)
		case len(files) > 0:
			return readToken(files[0])
		case len(places) == 0:
			return "", nil
		}
	}
	for _, p := range places[1:] {
		if p.value != places[0].value {
			return "", contradict(places[0].name, p.name)
		}
	}
	return checkToken(places[0])
}

func readToken(file setting) (string, error) {
	data, err := os.ReadFile(file.value)
	if err != nil && strings.HasPrefix(file.value, "retool_") {
		return "", fmt.Errorf("%s must name a file, and seems to hold the token itself", file.name)
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", file.name, err)
	}
	return checkToken(setting{file.name, strings.TrimSpace(string(data))})
}

// checkToken refuses what cannot be sent as a token, without repeating it.
func checkToken(t setting) (string, error) {
	if t.value == "" {
		return "", fmt.Errorf("%s holds no token", t.name)
	}
	for _, c := range t.value {
		if c <= ' ' || c > '~' {
			return "", fmt.Errorf("%s holds a character that no access token has", t.name)
		}
	}
	return t.value, nil
}

// cacheDir is where catalogs are kept, "" where the system names no place.
func cacheDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "retool-mcp")
}
