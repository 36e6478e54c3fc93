package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/confirm"
	"github.com/retool-mcp/retool-mcp/internal/docsource"
	"github.com/retool-mcp/retool-mcp/internal/local"
	"github.com/retool-mcp/retool-mcp/internal/script"
	"github.com/retool-mcp/retool-mcp/internal/scripttool"
	"github.com/retool-mcp/retool-mcp/internal/server"
	"github.com/retool-mcp/retool-mcp/internal/toolgen"
	"github.com/retool-mcp/retool-mcp/tools"
)

// app calls the tools of one instance, or of several.
type app struct {
	program   *program
	instances []*instance    // at least one; all have one name or each its own
	catalog   *tools.Catalog // with the tools that only scripts reach
	scripts   *scripttool.Scripts
	runner    server.ToolCaller
}

// withApp opens the audit log and the app while run runs.
func (p *program) withApp(ctx context.Context, run func(*app) error) (err error) {
	closeAudit, err := p.openAudit()
	if err != nil {
		return err
	}
	defer func() { err = closeAudit(err) }()
	a, err := p.newApp(ctx)
	if err != nil {
		return err
	}
	defer func() { err = a.close(err, nil) }()
	return run(a)
}

// newApp reads the documents and prepares calls. It sends nothing to Retool,
// unless the document is to be the instance's own.
func (p *program) newApp(ctx context.Context) (*app, error) {
	p.readTokensAgain()
	if p.agreements == nil { // a reload keeps what users agreed to, and the plans of scripts
		key, err := p.settings.stateKey()
		if err != nil {
			return nil, named(label("state-key-file"), err)
		}
		p.agreements = confirm.NewAgreements(key)
		o := script.Options{Timeout: p.settings.ScriptTimeout, MaxScripts: p.settings.MaxScripts, Answers: p.memory, Key: key}
		if p.state != nil { // the next process applies the plan
			o.Key, o.Used = p.state.Key(), p.state
		}
		p.scripts = script.NewRunner(o)
	}
	a := &app{program: p}
	var names []string
	var catalogs []*tools.Catalog
	err := p.eachInstance(func(s *Settings, name string) error {
		i, err := p.prepare(ctx, s, name)
		if err == nil {
			a.instances, names, catalogs = append(a.instances, i), append(names, name), append(catalogs, i.catalog)
		}
		return err
	})
	if err != nil {
		return nil, a.close(err, p.sandboxes)
	}
	if len(p.instances) == 0 {
		if err := a.serve(catalogs[0], a.instances[0].newRunner(catalogs[0])); err != nil {
			return nil, a.close(err, p.sandboxes)
		}
		return a, nil
	}
	joined, each, err := tools.JoinInstances(names, catalogs)
	if err != nil {
		return nil, a.close(err, p.sandboxes)
	}
	runners := make([]*call.Runner, len(each))
	for i, instance := range a.instances {
		runners[i] = instance.newRunner(each[i])
	}
	if err := a.serve(joined, call.NewInstances(names, runners)); err != nil {
		return nil, a.close(err, p.sandboxes)
	}
	return a, nil
}

// eachInstance calls do with the settings of each instance of the configuration
// file, or with those of all if it names none.
func (p *program) eachInstance(do func(s *Settings, name string) error) error {
	if len(p.instances) == 0 {
		return do(p.settings, "")
	}
	for _, name := range []string{"url", "token", "token-file", "unix-socket"} {
		if p.settings.origins[name].level == byFlag {
			return fmt.Errorf("--%s belongs to one instance, and %s names several: set it there", name, label("config"))
		}
	}
	for _, i := range p.instances {
		s, err := p.settings.forInstance(i)
		if err != nil {
			return err
		}
		if err := do(s, i.Name); err != nil {
			return fmt.Errorf("instance %s: %w", i.Name, err)
		}
	}
	return nil
}

// prepare reads the document of an instance, and leaves the tools to serve.
func (p *program) prepare(ctx context.Context, s *Settings, name string) (*instance, error) {
	i, err := p.configure(s, name)
	if err != nil {
		return nil, err
	}
	if i.readers, err = docsource.Load(ctx, i.document); err != nil {
		return nil, err
	}
	i.useAddressOf(i.readers)
	if i.catalog, err = s.selected(local.With(i.readers, localTools...)); err != nil {
		return nil, err
	}
	i.catalog = toolgen.WithPrefix(i.catalog, s.ToolPrefix)
	return i, nil
}

// selected are the tools of a catalog that are to be served.
func (s *Settings) selected(c *tools.Catalog) (*tools.Catalog, error) {
	selection := tools.Selection{Toolsets: s.Toolsets, Tools: s.Tools, Exclude: s.Exclude, Scopes: s.Scopes, ReadOnly: s.ReadOnly}
	selected, err := c.Select(selection)
	if wrong, ok := errors.AsType[*tools.SelectionError](err); ok {
		name := wrong.Part
		if name == "exclude" {
			name = "exclude-tools"
		}
		return nil, named(label(name), err)
	}
	if err == nil && !slices.ContainsFunc(selected.Tools, func(t tools.Tool) bool { return !t.IsLocal() }) {
		return nil, errors.New("--toolsets, --tools, --exclude-tools, --scopes and --read-only together leave no tool to serve")
	}
	return selected, err
}

// instructions are the settings that the instructions to clients mention.
func (a *app) instructions() server.InstructionOptions {
	s := a.program.settings
	return server.InstructionOptions{
		MaxResultTokens: s.MaxResultTokens, RevealSecrets: s.RevealSecrets,
		SecretReferences: len(s.SecretEnv)+len(s.SecretFiles) > 0, SavesSecrets: s.SecretDir != "",
	}
}

// addresses are where calls go, for users.
func (a *app) addresses() string {
	all := make([]string, len(a.instances))
	for n, i := range a.instances {
		all[n] = i.address.String()
		if i.name != "" {
			all[n] = i.name + "=" + all[n]
		}
	}
	return strings.Join(all, " ")
}

// fetched asks the instances for their documents, and tells whether one answered.
func (a *app) fetched(ctx context.Context) (fresh bool) {
	for _, i := range a.instances {
		if err := docsource.Refresh(ctx, i.document); err != nil {
			a.program.log.Info("the tools stay as they are", "reason", err)
			continue
		}
		fresh = true
	}
	return fresh
}

// close ends the sandboxes, with the error of the command. Those to keep are by
// instance.
func (a *app) close(err error, keep map[string]*inProcess) error {
	for _, i := range a.instances {
		if i.sandbox != keep[i.name] {
			err = errors.Join(err, i.sandbox.close())
		}
	}
	return err
}
