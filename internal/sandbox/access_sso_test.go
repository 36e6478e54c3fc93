package sandbox_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox"
)

func googleLogin() map[string]any {
	return map[string]any{
		"config_type": "google", "google_client_id": "1234.apps.example.com", "google_client_secret": "s3cr3t-of-google",
		"disable_email_password_login": false,
	}
}

func samlLogin() map[string]any {
	return map[string]any{
		"config_type": "saml", "idp_metadata_xml": "<EntityDescriptor/>", "saml_first_name_attribute": "first", "saml_last_name_attribute": "last",
		"saml_sync_group_claims": true, "ldap_server_key": "s3cr3t-key", "ldap_server_certificate": "s3cr3t-certificate",
		"jit_enabled": true, "trigger_login_automatically": false, "disable_email_password_login": false,
	}
}

func ssoBody(config map[string]any) request { return request{}.with(map[string]any{"data": config}) }

func TestSSO(t *testing.T) {
	a := start(t, sandbox.Options{})
	a.call("delete_sso_config", request{})
	a.fails(http.StatusNotFound, "get_sso_config", request{})
	a.ok("delete_sso_config", request{}) // nothing to delete is fine

	set := a.object("create_sso_config", ssoBody(googleLogin()))
	require.Equal(t, set, a.object("get_sso_config", request{}))
	require.Equal(t, "1234.apps.example.com", set["google_client_id"])
	blob := map[string]any{}
	require.NoError(t, json.Unmarshal([]byte(set["google_client_secret"].(string)), &blob))
	require.Equal(t, "__RETOOL_ENCRYPTED_JSON__", blob["canaryValue"])
	require.Len(t, blob, 4)
	require.Equal(t, set, a.object("create_sso_config", ssoBody(googleLogin())), "the same secret looks the same")
	other := googleLogin()
	other["google_client_secret"] = "another"
	require.NotEqual(t, set["google_client_secret"], a.object("create_sso_config", ssoBody(other))["google_client_secret"])

	saml := a.call("create_sso_config", ssoBody(samlLogin()))
	require.NotContains(t, string(saml.raw), "s3cr3t")
	require.NotContains(t, string(saml.raw), "google", "what was set before is gone")
	require.Equal(t, 2, strings.Count(string(saml.raw), "__RETOOL_ENCRYPTED_JSON__"))

	a.ok("delete_sso_config", request{})
	a.fails(http.StatusNotFound, "get_sso_config", request{})
}

// Somebody who writes an answer back has destroyed the secret: the text is
// stored in its place.
func TestSSOWrittenBack(t *testing.T) {
	a := start(t, sandbox.Options{})
	shown := a.object("create_sso_config", ssoBody(googleLogin()))
	data, err := a.box.MarshalJSON()
	require.NoError(t, err)
	require.Contains(t, string(data), "s3cr3t-of-google")
	require.Equal(t, shown, a.object("create_sso_config", ssoBody(shown)))
	data, err = a.box.MarshalJSON()
	require.NoError(t, err)
	require.NotContains(t, string(data), "s3cr3t-of-google")
}

func TestInvalidSSOIsRefused(t *testing.T) {
	a := start(t, sandbox.Options{})
	a.ok("create_sso_config", ssoBody(samlLogin()))
	before := a.state()
	for name, change := range map[string]map[string]any{
		"another kind":       {"config_type": "ldap"},
		"a field of another": {"oidc_client_id": "id"},
		"no text":            {"idp_metadata_xml": 7},
	} {
		t.Run(name, func(t *testing.T) {
			config := samlLogin()
			maps.Copy(config, change)
			a.in(t).fails(http.StatusBadRequest, "create_sso_config", ssoBody(config))
			require.Equal(t, before, a.state())
		})
	}
}
