package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/tools"
)

// newFleet makes ready to call several instances. To the rest of the program they
// are one app, whose tools take the name of an instance.
func newFleet(ctx context.Context, s *Settings, streams Streams) (*app, error) {
	var names []string
	var catalogs []*tools.Catalog
	fleet := &app{settings: s, log: s.logger(streams)}
	for _, flag := range []string{"url", "token", "token-file", "unix-socket"} {
		if s.given[flag] {
			return nil, fmt.Errorf("--%s belongs to one instance, and --config (RETOOL_MCP_CONFIG) names several: set it there", flag)
		}
	}
	for _, instance := range s.instances {
		own, err := s.forInstance(instance)
		if err != nil {
			return nil, named("--config (RETOOL_MCP_CONFIG)", err)
		}
		a, err := prepare(ctx, own, streams)
		if err != nil {
			return nil, fleet.abandon(fmt.Errorf("instance %s: %w", instance.Name, err))
		}
		names = append(names, instance.Name)
		catalogs = append(catalogs, a.catalog)
		fleet.instances = append(fleet.instances, a)
	}
	all, each, err := tools.JoinInstances(names, catalogs)
	if err != nil {
		return nil, fleet.abandon(err)
	}
	runners := make([]*call.Runner, len(each))
	for i, a := range fleet.instances {
		a.catalog = each[i]
		runners[i] = a.newRunner(each[i])
	}
	first := fleet.instances[0]
	fleet.config, fleet.spec, fleet.catalog = first.config, first.spec, all
	fleet.sandbox = nil // each closes its own
	fleet.runner = call.NewInstances(names, runners)
	return fleet, nil
}

// abandon closes what was made for a start that fails, and not what the former
// settings go on with.
func (a *app) abandon(err error) error {
	for _, i := range a.instances {
		if i.sandbox != a.settings.keep[i.settings.name] {
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
		all[i] = instance.settings.name + "=" + instance.address.String()
	}
	return strings.Join(all, " ")
}
