package call

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

const (
	refusedTooOld  = "this instance is release %s, and %s has %s since release %s. An older release ignores it: the result would not be what the call asks for."
	unknownRelease = "The release of this instance is not known. Before release %s it ignores %s: check whether the result is what was asked for."
)

// knowsArguments refuses a call with an argument that the instance is too old to
// know, and notes where that cannot be found out. Filters whose effect its items show
// are checked there, and pages are read of any release. A document that describes the
// instance has only what it knows.
func (r *Runner) knowsArguments(ctx context.Context, client *retool.Client, bound *tools.Call) (note string, end *result.Result) {
	if r.Readers.OfInstance {
		return "", nil
	}
	shown := result.FiltersOf(bound)
	for _, a := range bound.Given() {
		if a.Since == "" || bound.Tool.HasControl(a.Name) || slices.ContainsFunc(shown, func(f result.Filter) bool { return f.Argument == a.Name }) {
			continue
		}
		switch release := r.release.of(ctx, client); {
		case len(numbersIn(release)) == 0:
			note = fmt.Sprintf(unknownRelease, a.Since, a.Name)
		case slices.Compare(numbersIn(release), numbersIn(a.Since)) < 0:
			return "", refusal(refusedTooOld, release, bound.Tool.Name, a.Name, a.Since)
		}
	}
	return note, nil
}

// release is that of the instance, which is asked for once.
type release struct {
	once sync.Once
	name string // "" if unknown
}

func (r *release) of(ctx context.Context, client *retool.Client) string {
	r.once.Do(func() { r.name = client.Release(context.WithoutCancel(ctx)) })
	return r.name
}

// numbersIn are the parts of a release such as 3.387.0-stable, none if it does not
// begin with one.
func numbersIn(release string) (numbers []int) {
	for part := range strings.SplitSeq(release, ".") {
		part = part[:len(part)-len(strings.TrimLeft(part, "0123456789"))]
		n, err := strconv.Atoi(part)
		if err != nil {
			break
		}
		numbers = append(numbers, n)
	}
	return numbers
}
