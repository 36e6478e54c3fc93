package catalogdiff

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/retool-mcp/retool-mcp/internal/order"
)

// union compares the most similar branches in pairs, so an added branch is one
// change wherever it is.
func (d *differ) union(at string, a, b []members) {
	type pair struct {
		i, j  int
		score float64
	}
	var pairs []pair
	featuresB := make([]map[string]bool, len(b))
	for j := range b {
		featuresB[j] = featuresOf(b[j])
	}
	for i := range a {
		features := featuresOf(a[i])
		for j := range b {
			if score := likeness(a[i], b[j], features, featuresB[j]); score >= leastLikeness {
				pairs = append(pairs, pair{i, j, score})
			}
		}
	}
	order.By(pairs, func(x, y pair) int { return cmp.Compare(y.score, x.score) })
	namesA, namesB := branchNames(a), branchNames(b)
	doneA, doneB := map[int]bool{}, map[int]bool{}
	for _, p := range pairs {
		if !doneA[p.i] && !doneB[p.j] {
			doneA[p.i], doneB[p.j] = true, true
			d.single(at+"["+namesA[p.i]+"]", a[p.i], b[p.j])
		}
	}
	for i := range a {
		if !doneA[i] {
			d.add(Removed, at+"["+namesA[i]+"]", typeOf(a[i:i+1]), "")
		}
	}
	for j := range b {
		if !doneB[j] {
			d.add(Added, at+"["+namesB[j]+"]", "", typeOf(b[j:j+1]))
		}
	}
}

const leastLikeness = 0.2

// likeness estimates whether two branches mean the same: not if their types
// differ or a field has different fixed values; most likely if such fields or
// their titles are equal; else by what they share.
func likeness(a, b members, featuresA, featuresB map[string]bool) float64 {
	if typeOf([]members{a}) != typeOf([]members{b}) {
		return 0
	}
	common, bonus := 0, 0.0
	for f := range featuresA {
		if featuresB[f] {
			common++
		}
	}
	tagsB := tagsOf(b)
	for name, tag := range tagsOf(a) {
		if other, ok := tagsB[name]; ok && other != tag {
			return 0
		} else if ok {
			bonus = 2
		}
	}
	if title, ok := a["title"]; ok && title == b["title"] {
		bonus++
	}
	if a["type"] != "object" {
		bonus++ // nearly all branches are objects, so another type means much
	}
	return bonus + float64(common)/float64(max(1, len(featuresA)+len(featuresB)-common))
}

// tagsOf returns the fields of a branch that have one fixed string, which
// distinguish it.
func tagsOf(s members) map[string]string {
	tags := map[string]string{}
	for name, p := range schemasIn(s["properties"]) {
		if list := values(p["enum"]); len(list) == 1 && p["type"] == "string" {
			tags[name] = list[0]
		}
	}
	return tags
}

// featuresOf lists everything that a schema says about its fields, at any
// depth.
func featuresOf(s members) map[string]bool {
	out := map[string]bool{}
	var collect func(at string, v any)
	collect = func(at string, v any) {
		switch v := v.(type) {
		case members:
			for key, value := range v {
				if !slices.Contains(annotations, key) {
					collect(at+"/"+key, value)
				}
			}
		case []any:
			for _, value := range v {
				collect(at, value)
			}
		default:
			out[at+"="+literal(v)] = true
		}
	}
	collect("", s)
	return out
}

// branchNames names each branch by something unique: a fixed value, a type, a
// field, its title, or else its position.
func branchNames(list []members) []string {
	candidates, count := make([][]string, len(list)), map[string]int{}
	for i, s := range list {
		tags, fields := tagsOf(s), schemasIn(s["properties"])
		for _, name := range keysOf(tags) {
			candidates[i] = append(candidates[i], tags[name])
		}
		if fixed := values(s["enum"]); len(fixed) == 1 {
			candidates[i] = append(candidates[i], fixed[0])
		}
		if len(fields) == 0 {
			candidates[i] = append(candidates[i], typeOf(list[i:i+1]))
		}
		candidates[i] = slices.Concat(candidates[i], values(s["required"]), keysOf(fields), []string{literal(s["title"])})
		for _, name := range slices.Compact(slices.Sorted(slices.Values(candidates[i]))) {
			count[name]++
		}
	}
	names := make([]string, len(list))
	for i := range list {
		names[i] = "#" + strconv.Itoa(i+1)
		if j := slices.IndexFunc(candidates[i], func(c string) bool { return c != "" && count[c] == 1 }); j >= 0 {
			names[i] = candidates[i][j]
		}
	}
	return names
}

func schemasOf(v any) (out []members) {
	items, _ := v.([]any)
	for _, item := range items {
		out = append(out, schemaIn(item))
	}
	return out
}

// numbered names the parts of a tuple by position.
func numbered(v any) map[string]members {
	out := map[string]members{}
	for i, s := range schemasOf(v) {
		out["["+strconv.Itoa(i)+"]"] = s
	}
	return out
}
