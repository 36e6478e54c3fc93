package redact

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCutJSONIsRedacted(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":[{"key":"Authorization","value":"X`: `{"a":[{"key":"Authorization","value":"[redacted: Authorization]…`,
		`{"credentials":{"user":"X","more":tru`:   `{"credentials":{"user":"[redacted: user]","more":…`,
		`{"credentials":{"user":"X","mo`:          `{"credentials":{"user":"[redacted: user]","mo…`,
		`{"credentials":["X\\","Y\u00`:            `{"credentials":["[redacted: credentials]","[redacted: credentials]…`,
		`{"credentials":"X","detail":"a b…`:       `{"credentials":"[redacted: credentials]","detail":"a b…`,
		`[["X-Api-Key","X"],["Accept","*"],`:      `[["X-Api-Key","[redacted: X-Api-Key]"],["Accept","*"]…`,
		`{"credentials":{"user":"X"}}`:            `{"credentials":{"user":"[redacted: user]"}}`,
		`{"success":true,"data":[{"id":1},`:       "",
		`{"a": "nothing`:                          "",
		`{{ user.password }}`:                     "",
		`[see the "password`:                      "",
	} {
		got, ok := New(Rules{}).json(text)
		require.Equal(t, want, got, text)
		require.Equal(t, want != "", ok, text)
	}
}
