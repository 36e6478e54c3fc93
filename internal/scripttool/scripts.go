package scripttool

import (
	"context"
	"log/slog"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/audit"
	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/export"
	"github.com/retool-mcp/retool-mcp/internal/local"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/script"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Options are what scripts need.
type Options struct {
	Runner *script.Runner
	Calls  Calls
	// Known returns all operations, served or not, so that a script is told why it
	// cannot call one.
	Known func() *tools.Catalog
	// Instances says where calls go: a plan holds for nothing else.
	Instances string
	// Export is where scripts save files, nil for nowhere.
	Export *export.Folder
	// Accepted tells whether whoever issues the callers' tokens has accepted that of the
	// caller in a context; nil if authentication has checked every caller.
	Accepted func(context.Context) bool
	// Within returns the context for a call of a tool, nil for the script's own.
	Within func(context.Context, *tools.Tool) context.Context
	// Results are the operator's settings for results.
	Results result.Options
	// WholePlans shows plans whole, however large they are, and values without a word to
	// models: to people.
	WholePlans bool
	// Audit records scripts, nil for no audit log.
	Audit *audit.Log
	Log   *slog.Logger
	// SettingNames are the names of settings in advice.
	SettingNames SettingNames
}

// SettingNames are what users call the settings that advice mentions, such as
// "--export-dir (RETOOL_MCP_EXPORT_DIR)".
type SettingNames struct {
	Export, Timeout string
}

// Scripts are the two tools. They are safe for concurrent use.
type Scripts struct{ Options }

// New returns the tools.
func New(o Options) *Scripts { return &Scripts{o} }

// Tools are the local tools.
func (s *Scripts) Tools() []local.Tool {
	return []local.Tool{{Definition: Query, Answer: s.ofAccepted(s.query)}, {Definition: Run, Answer: s.ofAccepted(s.run)}}
}

type answer func(context.Context, local.Call) (result.Result, error)

// ofAccepted answers only callers with a real token: the code of others would take
// processor and memory, and files would take the disk, before a call of it is refused.
func (s *Scripts) ofAccepted(next answer) answer {
	return func(ctx context.Context, c local.Call) (result.Result, error) {
		if s.Accepted != nil && !s.Accepted(ctx) {
			return result.Result{Text: "Not run: Retool has not accepted your access token, or does not answer now. Check the token with a call of any other tool.", IsError: true, Kind: result.Forbidden}, nil
		}
		return next(ctx, c)
	}
}

// request are the arguments of a call.
type request struct {
	Code  string         `json:"code"`
	Args  jsontext.Value `json:"args"`
	Apply string         `json:"apply"`
}

// OnlyReads tells by the parameters of a tool call that it is a script which writes
// nothing: a query or a plan.
func OnlyReads(params []byte, prefix string) bool {
	var asked struct {
		Name      string  `json:"name"`
		Arguments request `json:"arguments"`
	}
	if err := json.Unmarshal(params, &asked); err != nil {
		return false
	}
	return asked.Name == prefix+Query.Name || asked.Name == prefix+Run.Name && asked.Arguments.Apply == ""
}

func (s *Scripts) read(ctx context.Context, c local.Call) (asked request, p script.Program, err error) {
	err = json.Unmarshal(c.Arguments, &asked)
	return asked, s.Program(ctx, asked.Code, asked.Args), err
}

// Program is a script of the caller in a context.
func (s *Scripts) Program(ctx context.Context, code string, args []byte) script.Program {
	return script.Program{Code: code, Args: args, Caller: caller.From(ctx).ID, Instance: s.Instances}
}

func (s *Scripts) query(ctx context.Context, c local.Call) (result.Result, error) {
	_, p, err := s.read(ctx, c)
	if err != nil {
		return result.Result{}, err
	}
	return s.audited(ctx, c, p, "", func() result.Result {
		return s.queried(s.Runner.Query(ctx, p, s.Host(c.Catalog)))
	})
}

func (s *Scripts) run(ctx context.Context, c local.Call) (result.Result, error) {
	ctx = call.KeepReads(ctx)
	asked, p, err := s.read(ctx, c)
	switch {
	case err != nil:
		return result.Result{}, err
	case asked.Apply == "" && asked.Code == "":
		return result.Result{Text: "Not sent: give code to plan it, or the id of a plan as apply.", IsError: true, Kind: result.BadArguments}, nil
	case asked.Apply == "":
		return s.audited(ctx, c, p, "", func() result.Result {
			return s.planned(s.Runner.Plan(ctx, p, s.Host(c.Catalog)), c.Tool)
		})
	}
	p = s.Runner.Recall(p, asked.Apply)
	return s.audited(ctx, c, p, asked.Apply, func() result.Result {
		return s.apply(ctx, c, p, asked.Apply)
	})
}
