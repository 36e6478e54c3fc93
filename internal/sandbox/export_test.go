package sandbox

import "github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"

// Organization is the organization as it is now.
func (s *Sandbox) Organization() *model.Org { return s.org.Load() }

// SetOrganization replaces the organization.
func (s *Sandbox) SetOrganization(o *model.Org) { s.org.Store(o) }

// RemoveHandler makes an operation one that has no handler yet.
func (s *Sandbox) RemoveHandler(id string) { delete(s.operations, id) }
