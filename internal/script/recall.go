package script

// Recall returns a program with the code and the arguments of a plan, if they are left
// out and still here.
func (r *Runner) Recall(p Program, id string) Program {
	if known := r.store.of(id, p, r.o.Now()); known != nil && p.Code == "" {
		p.Code, p.Args = known.program.Code, known.program.Args
	}
	return p
}
