package openapi

// families are what the discriminators of a document need: which schemas
// extend which, and what they are called.
type families struct {
	files          map[*file]bool // whose schemas are known
	children       map[*node][]placed
	names          map[*node]string
	discriminators map[*node]*discriminator
}

// named returns the schema that a mapping means by the name of a component or
// by a reference.
func (r *reader) named(name string, in *file) (placed, error) {
	for _, f := range []*file{in, r.main} {
		if n := f.root.get("components").get("schemas").get(name); n != nil {
			return r.settle(placed{n, f})
		}
	}
	target, err := r.lookUp(name, in)
	if err != nil {
		return placed{}, err
	}
	return r.settle(target)
}

// settle follows references without keywords of their own.
func (r *reader) settle(p placed) (placed, error) {
	_, p, err := r.trail(p, r.composed)
	return p, err
}

// learn reads the family relations of a file's schemas, once.
func (r *reader) learn(f *file) {
	for f.around != nil {
		f = f.around
	}
	if r.families.files[f] {
		return
	}
	r.families.files[f] = true
	f.root.get("components").get("schemas").members(func(name string, n *node) bool {
		child, err := r.settle(placed{n, f})
		if err != nil || !child.is(object) {
			return true
		}
		if _, known := r.families.names[child.node]; !known {
			for _, base := range r.basesOf(child) {
				r.families.children[base] = append(r.families.children[base], child)
			}
		} else if child.node != n {
			return true
		}
		r.families.names[child.node] = name
		return true
	})
}

// basesOf lists what a schema extends.
func (r *reader) basesOf(at placed) (bases []*node) {
	if refOf(at.node) != nil {
		if base, err := r.hop(at); err == nil {
			if base, err = r.settle(base); err == nil {
				bases = append(bases, base.node)
			}
		}
	}
	branches := at.get("allOf")
	for i := range branches.list() {
		branch := placed{&branches.items[i], at.in}
		if refOf(branch.node) == nil || r.composed(branch.node) {
			bases = append(bases, r.basesOf(branch)...)
		} else if base, err := r.settle(branch); err == nil {
			bases = append(bases, base.node)
		}
	}
	return bases
}
