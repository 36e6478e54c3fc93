package call

// Lookup is lookup for tests.
type Lookup = lookup

// LookUp begins a lookup with the runner's own token.
func (r *Runner) LookUp() *Lookup { return r.lookup(r.Client) }
