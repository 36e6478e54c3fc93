package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/tools"
)

// newInstances prepares calls to several instances. To the rest of the program
// they are one app, whose tools take the name of an instance.
func (p *program) newInstances(ctx context.Context) (*app, error) {
	var names []string
	var catalogs []*tools.Catalog
	all := &app{program: p, settings: p.settings, log: p.log}
	for _, name := range []string{"url", "token", "token-file", "unix-socket"} {
		if p.settings.origins[name].level == byFlag {
			return nil, fmt.Errorf("--%s belongs to one instance, and %s names several: set it there", name, label("config"))
		}
	}
	for _, instance := range p.instances {
		s, err := p.settings.forInstance(instance)
		if err != nil {
			return nil, err
		}
		a, err := p.prepare(ctx, s, instance.Name)
		if err != nil {
			return nil, all.closeNew(fmt.Errorf("instance %s: %w", instance.Name, err))
		}
		names = append(names, instance.Name)
		catalogs = append(catalogs, a.catalog)
		all.instances = append(all.instances, a)
	}
	joined, each, err := tools.JoinInstances(names, catalogs)
	if err != nil {
		return nil, all.closeNew(err)
	}
	runners := make([]*call.Runner, len(each))
	for i, a := range all.instances {
		a.catalog = each[i]
		runners[i] = a.newRunner(each[i])
	}
	first := all.instances[0]
	all.connection, all.secrets, all.spec, all.catalog = first.connection, first.secrets, first.spec, joined
	all.sandbox = nil // each closes its own
	all.runner = call.NewInstances(names, runners)
	return all, nil
}

// closeNew closes what was opened for a start that fails, and not the sandboxes
// that continue with the former settings.
func (a *app) closeNew(err error) error {
	for _, i := range a.instances {
		if i.sandbox != a.program.sandboxes[i.name] {
			err = i.close(err)
		}
	}
	return err
}

// first is the instance that stands for all, or the app itself.
func (a *app) first() *app {
	if len(a.instances) > 0 {
		return a.instances[0]
	}
	return a
}

// each are the apps of all instances.
func (a *app) each() []*app {
	if len(a.instances) > 0 {
		return a.instances
	}
	return []*app{a}
}

// addresses are where calls go, for people.
func (a *app) addresses() string {
	if len(a.instances) == 0 {
		return a.address.String()
	}
	all := make([]string, len(a.instances))
	for i, instance := range a.instances {
		all[i] = instance.name + "=" + instance.address.String()
	}
	return strings.Join(all, " ")
}
