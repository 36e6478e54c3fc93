package confirm_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/confirm"
)

// The memory of used states is bounded. What no longer fits counts as expired, and
// never as unused.
func TestUsedStatesAreForgottenSafely(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	a := confirm.NewAgreementsAt(nil, func() time.Time { now = now.Add(time.Microsecond); return now })
	about := confirm.About{Caller: "ada", Tool: "delete_group", Arguments: `{"groupId":"9"}`, Text: "Delete?"}
	waiting := a.Ask(about).State // its user is slow
	var used []string
	for range 1<<14 + 10 {
		state := a.Ask(about).State
		used = append(used, state)
		require.Equal(t, confirm.Agreed, a.Redeem(state, about))
	}
	for _, state := range used {
		if a.Redeem(state, about) != confirm.Unknown {
			require.FailNow(t, "it is used")
		}
	}
	require.Equal(t, confirm.Unknown, a.Redeem(waiting, about), "the user is asked again")
	require.Equal(t, confirm.Agreed, a.Redeem(a.Ask(about).State, about))

	now = now.Add(time.Hour) // all expire
	for range 1<<13 + 10 {
		require.Equal(t, confirm.Agreed, a.Redeem(a.Ask(about).State, about))
	}
	now = now.Add(-time.Hour) // and the clock is set back
	for _, state := range used {
		if a.Redeem(state, about) != confirm.Unknown {
			require.FailNow(t, "it is used")
		}
	}
}

// No two calls have the same parts, wherever one part ends and the next begins.
func TestPartsOfACallDoNotRunIntoEachOther(t *testing.T) {
	a := confirm.NewAgreements(nil)
	for _, two := range [][2]confirm.About{
		{{Caller: "ab", Instance: "c"}, {Caller: "a", Instance: "bc"}},
		{{Instance: "ab", Tool: "c"}, {Instance: "a", Tool: "bc"}},
		{{Arguments: "ab", Text: "c"}, {Arguments: "a", Text: "bc"}},
		{{Tool: "a"}, {Arguments: "a"}},
		{{Text: "ab", Object: "c"}, {Text: "a", Object: "bc"}},
		{{Object: "a"}, {Object: "b"}},
		{{Caller: "a"}, {Text: "a"}},
	} {
		require.NotEqual(t, confirm.Agreed, a.Redeem(a.Ask(two[0]).State, two[1]), "%+v", two)
		require.Equal(t, confirm.Agreed, a.Redeem(a.Ask(two[0]).State, two[0]))
	}
}

func FuzzRedeem(f *testing.F) {
	a := confirm.NewAgreements(nil)
	about := confirm.About{Caller: "ada", Tool: "delete_group", Text: "Delete\u200b?"}
	for _, state := range []string{"", "yes", a.Ask(confirm.About{}).State, confirm.NewAgreements(nil).Ask(about).State} {
		f.Add(state)
	}
	f.Fuzz(func(t *testing.T, state string) {
		if a.Redeem(state, about) != confirm.Unknown {
			t.Fatal("nobody was asked")
		}
	})
}
