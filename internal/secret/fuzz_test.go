package secret_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/secret"
)

// FuzzExpand feeds text of any kind. References are found where they stand, and
// nothing else in the text changes but escapes.
func FuzzExpand(f *testing.F) {
	for _, seed := range []string{
		"", "$", "${", "${}", "${env:", "${env:}", "${env:V}", "$${env:V}", "$$${env:V}", "$$$${file:/x}", "${file:/etc/passwd}", "{{ a }} ${b}",
		"${env:${env:V}}", "$${env:${env:V}}", "${env:$${env:V}}", "${env:V}${env:W}${env:V", "\xff${env:\xff}\x00", "${file:../..}", "${ENV:V}$",
	} {
		f.Add(seed)
	}
	f.Setenv("V", "value ${env:V}")
	r, err := secret.NewReferences([]string{"V"}, nil)
	require.NoError(f, err)
	double := strings.NewReplacer("${env:", "$${env:", "${file:", "$${file:")
	f.Fuzz(func(t *testing.T, text string) {
		found := secret.Find(text)
		rest, known := text, true
		for _, ref := range found {
			require.Equal(t, "${"+ref.Kind+":"+ref.Name+"}", ref.Text)
			_, after, ok := strings.Cut(rest, ref.Text)
			require.True(t, ok, "%q is not in the text, or not in this place", ref.Text)
			rest = after
			known = known && ref.Text == "${env:V}"
		}

		expanded, values, err := r.Expand(text)
		switch {
		case !known:
			require.Error(t, err)
			require.Empty(t, expanded)
		case len(found) > 0 && err != nil: // only by the hundred thousand
			require.ErrorContains(t, err, "use fewer references")
		default:
			require.NoError(t, err)
			require.Equal(t, len(found) > 0, len(values) == 1)
			escapes := strings.Count(text, "$${env:") + strings.Count(text, "$${file:")
			require.Len(t, expanded, len(text)-escapes+len(found)*(len("value ${env:V}")-len("${env:V}")))
			if len(found) == 0 && escapes == 0 {
				require.Equal(t, text, expanded)
			}
		}

		// Any text at all can be sent as it stands.
		escaped := double.Replace(text)
		require.Empty(t, secret.Find(escaped))
		expanded, values, err = (*secret.References)(nil).Expand(escaped)
		require.NoError(t, err)
		require.Empty(t, values)
		require.Equal(t, text, expanded)
	})
}
