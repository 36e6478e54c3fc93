package search

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/order"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Weights of the fields of an operation.
const (
	ofName     = 4.0
	ofFormer   = 2.0
	ofTitle    = 2.5
	ofSentence = 2.5
	ofToolset  = 0.6
	ofFields   = 0.5 // arguments, and fields of the answer
	ofDetails  = 0.4
	ofSchema   = 0.3 // values and texts of arguments
)

// Constants of the ranking, which is BM25 over weighted fields.
const (
	saturation = 1.5
	ofMeaning  = 0.75 // what a synonym counts beside the word itself
	ofReads    = 1.2  // what a read counts where the query has no verb of a write
	ofCoverage = 0.5  // how much more an operation counts all of whose name is in the query
)

// ranking is the index of a catalog.
type ranking struct {
	docs []document
	// rarity is the inverse document frequency of each term.
	rarity map[string]float64
	// verbs are those of writes.
	verbs map[string]bool
}

type document struct {
	name   string
	weight map[string]float64 // of each term, from all fields
	names  [][]string         // terms of the name and the former one
	reads  bool
	prior  float64
}

func rank(c *tools.Catalog) *ranking {
	r := &ranking{rarity: map[string]float64{}, verbs: map[string]bool{}}
	for i := range c.Tools {
		t := &c.Tools[i]
		if t.IsLocal() {
			continue
		}
		d := newDocument(t)
		for term, weight := range d.weight {
			r.rarity[term] += min(1, weight/2)
		}
		r.docs = append(r.docs, d)
	}
	at := 0 // of the verb in a name
	if shared := func(d document) bool { return d.names[0][0] == r.docs[0].names[0][0] }; len(r.docs) > 1 && !slices.ContainsFunc(r.docs, func(d document) bool { return !shared(d) }) {
		at = 1 // behind a prefix
	}
	for _, d := range r.docs {
		if !d.reads && at < len(d.names[0]) {
			r.verbs[d.names[0][at]] = true
		}
	}
	n := float64(len(r.docs))
	for term, seen := range r.rarity {
		r.rarity[term] = math.Log(1 + (n-seen+0.5)/(seen+0.5))
	}
	return r
}

func newDocument(t *tools.Tool) document {
	d := document{name: t.Name, weight: map[string]float64{}, names: [][]string{terms(t.Name)}, reads: t.Hints.ReadOnly, prior: 1}
	if t.Former != "" {
		d.names = append(d.names, terms(t.Former))
	}
	add := func(weight float64, texts ...string) {
		seen := map[string]bool{}
		for _, s := range texts {
			for _, term := range terms(s) {
				if !seen[term] {
					seen[term] = true
					d.weight[term] += weight
				}
			}
		}
	}
	const usual = 3 // words of a name
	add(ofName*2/(1+float64(len(d.names[0]))/usual), t.Name)
	add(ofFormer, t.Former)
	add(ofTitle, t.Title)
	add(ofSentence, t.Summary())
	add(ofToolset, t.Toolset)
	fields := slices.Clone(t.Answer.Fields)
	for _, a := range t.Args {
		if a.In != tools.NotSent {
			fields = append(fields, a.Name)
		}
	}
	add(ofFields, fields...)
	add(ofDetails, t.Details, t.Undo)
	if full, err := jsonvalue.Parse([]byte(t.Full)); err == nil {
		add(ofSchema, textsOf(&full, nil)...)
	}
	switch {
	case t.Deprecated || strings.HasSuffix(t.Title, "(old)"):
		d.prior = 0.6
	case t.Core:
		d.prior = 1.05
	}
	return d
}

// textsOf are the names and texts in a schema.
func textsOf(v *jsonvalue.Value, out []string) []string {
	if v.Kind == jsonvalue.Text {
		return append(out, v.Text)
	}
	for i := range v.Parts {
		if i < len(v.Names) {
			switch v.Names[i] {
			case "pattern", "type", "format", "required":
				continue
			}
			out = append(out, v.Names[i])
		}
		out = textsOf(&v.Parts[i], out)
	}
	return out
}

// score is what a term counts in a document, if it counts at most so much.
func (r *ranking) score(d *document, term string, most float64) float64 {
	w := d.weight[term]
	return min(most, r.rarity[term]) * w / (saturation + w)
}

// slotScore is that of the best alternative. A synonym of a word that operations have
// is not more telling than that word.
func (r *ranking) slotScore(d *document, s slot) float64 {
	most := cmp.Or(r.rarity[s.own], math.Inf(1))
	best := r.score(d, s.own, most)
	for _, terms := range s.alternatives {
		sum := 0.0
		for _, term := range terms {
			sum += r.score(d, term, most)
		}
		best = max(best, ofMeaning*sum/math.Sqrt(float64(len(terms))))
	}
	return best
}

// covered is the part of a name's words that a query has, or synonyms of.
func (d *document) covered(slots []slot) (most float64) {
	for _, name := range d.names {
		n := 0.0
		for _, word := range name {
			best := 0.0
			for _, s := range slots {
				if s.own == word {
					best = 1
				} else if slices.ContainsFunc(s.alternatives, func(terms []string) bool { return slices.Contains(terms, word) }) {
					best = max(best, ofMeaning)
				}
			}
			n += best
		}
		most = max(most, n/float64(len(name)))
	}
	return most
}

// search returns the names of the operations that fit a query, best first.
func (r *ranking) search(query string, allowed func(name string) bool) []string {
	slots := r.parse(query)
	asks := r.asks(query, slots)
	type hit struct {
		name  string
		score float64
	}
	var hits []hit
	for i := range r.docs {
		d := &r.docs[i]
		if !allowed(d.name) {
			continue
		}
		sum := 0.0
		for _, s := range slots {
			sum += r.slotScore(d, s)
		}
		if asks && d.reads {
			sum *= ofReads
		}
		if sum > 0 {
			hits = append(hits, hit{d.name, sum * d.prior * (1 + ofCoverage*d.covered(slots))})
		}
	}
	order.By(hits, func(a, b hit) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.name, b.name)) })
	var names []string
	for _, h := range hits {
		if h.score >= weakest*hits[0].score {
			names = append(names, h.name)
		}
	}
	return names
}
