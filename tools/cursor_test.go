package tools_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A list without paging in the API knows only our own positions: the token of
// another list would return its first page again.
func TestTokensOfAnotherList(t *testing.T) {
	c := catalogOf(t, listOf("", "total_count: {type: integer}"))
	a := mustBind(t, c, `{"next_token":"skip:2"}`)
	require.Equal(t, 2, a.Controls.Cursor.Skip)
	for _, given := range []string{"abc", "skip:-1", "skip:abc", "skip:+1", "skip:1:abc", "skip:"} {
		_, err := bind(t, c, `{"next_token":"`+given+`"}`)
		require.ErrorContains(t, err, "next_token: is not a token of this list", given)
	}
	paged := catalogOf(t, listOf(limitParameter+", "+tokenParameter, "next_token: {type: string}"))
	require.Equal(t, "abc", mustBind(t, paged, `{"next_token":"abc"}`).Controls.Cursor.Token)
	require.Equal(t, "skip:-1", mustBind(t, paged, `{"next_token":"skip:-1"}`).Controls.Cursor.Token, "it may be the API's")
}
