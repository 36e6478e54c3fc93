package sandbox_test

import (
	"maps"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// login is how one provider is logged in to, and which of it is secret.
type login struct {
	name, provider string
	fields         map[string]any
	secrets        []string
}

func logins() []login {
	return []login{
		{"GitHub app", "GitHub", map[string]any{
			"type": "App", "app_id": "123456", "installation_id": "123457", "private_key": "private-key",
			"url": "https://github.com", "enterprise_api_url": "https://github.mycompany.com/api/v3",
		}, []string{"private_key"}},
		{"GitHub token", "GitHub", map[string]any{
			"type": "Personal", "personal_access_token": "personal-access-token", "url": "https://github.com",
		}, []string{"personal_access_token"}},
		{"GitLab", "GitLab", map[string]any{
			"project_id": 12345.0, "project_access_token": "project-access-token", "url": "https://gitlab.com",
		}, []string{"project_access_token"}},
		{"CodeCommit", "AWS CodeCommit", map[string]any{
			"url": "https://git-codecommit.us-west-2.amazonaws.com/v1/repos/my-repo", "region": "us-west-2", "access_key_id": "access-key-id",
			"secret_access_key": "secret-access-key", "https_username": "https-username", "https_password": "https-password",
		}, []string{"access_key_id", "secret_access_key", "https_password"}},
		{"CodeCommit by the host's role", "AWS CodeCommit", map[string]any{
			"url": "https://git-codecommit.us-west-2.amazonaws.com/v1/repos/my-repo", "region": "us-west-2",
			"auth_with_default_credential_provider_chain": true, "assume_role": "arn:aws:iam::123456789012:role/git",
		}, nil},
		{"Bitbucket password", "Bitbucket", map[string]any{
			"type": "AppPassword", "username": "username", "app_password": "app_password", "url": "https://bitbucket.org",
		}, []string{"app_password"}},
		{"Bitbucket token", "Bitbucket", map[string]any{"type": "Token", "token": "token"}, []string{"token"}},
		{"Azure", "Azure Repos", map[string]any{
			"url": "https://dev.azure.com/organization", "project": "project", "user": "user-id",
			"personal_access_token": "personal-access-token", "use_basic_auth": false,
		}, []string{"personal_access_token"}},
	}
}

func (l login) config() map[string]any {
	return map[string]any{
		"provider": l.provider, "org": "my-org", "repo": "my-repo", "default_branch": "main", "repo_version": "1.0.0", "config": l.fields,
	}
}

func TestSourceControlNeverShowsSecrets(t *testing.T) {
	a := startSmall(t, nil)
	status := http.StatusCreated // the first time
	for _, l := range logins() {
		t.Run(l.name, func(t *testing.T) {
			a := a.in(t)
			out := a.call("replace_source_control_config", request{}.with(map[string]any{"config": l.config()}))
			require.Equal(t, status, out.status)
			status = http.StatusOK

			want := l.config()
			fields := maps.Clone(l.fields)
			for _, secret := range l.secrets {
				fields[secret] = model.EncryptedMask
			}
			want["config"] = fields
			require.Equal(t, map[string]any{"success": true, "data": want}, out.body)
			require.Equal(t, want, a.object("get_source_control_config", request{}))
			require.Equal(t, map[string]any{"success": true}, a.object("test_source_control_connection", request{}))
		})
	}
}

func TestSourceControlIsConnectedOnceAndDisconnected(t *testing.T) {
	a := startSmall(t, nil)
	changesNothing(a, func() {
		require.Equal(t, "Source control is not configured", a.fails(http.StatusNotFound, "get_source_control_config", request{}))
		a.fails(http.StatusUnprocessableEntity, "test_source_control_connection", request{})
		a.fails(http.StatusNotFound, "delete_source_control_config", request{})
		a.fails(http.StatusNotFound, "list_source_control_deployments", request{})
		a.fails(http.StatusBadRequest, "deploy_source_control", request{})
		a.fails(http.StatusBadRequest, "list_source_control_manifests", request{})
		a.fails(http.StatusBadRequest, "list_source_control_releases", at("elementUuid", ordersApp).where("elementType", "PAGE"))
		a.fails(http.StatusBadRequest, "create_source_control_branch", newBranch("work"))
		verdict := a.object("test_source_control_deploy", tryCommit("0a1b2c3"))
		require.Equal(t, map[string]any{"success": false, "message": "Source control is not configured"}, verdict)
	})

	require.Equal(t, http.StatusOK, a.call("create_source_control_config", request{}.with(gitHub())).status)
	changesNothing(a, func() {
		a.fails(http.StatusConflict, "create_source_control_config", request{}.with(gitHub()))
	})
	a.ok("create_source_control_branch", newBranch("work"))
	a.ok("delete_source_control_config", request{})
	a.fails(http.StatusNotFound, "get_source_control_config", request{})

	connect(a)
	a.ok("create_source_control_branch", newBranch("work")) // the old one is gone
}

func TestMaskWrittenBackReplacesCredentials(t *testing.T) {
	a := startSmall(t, nil)
	connect(a)
	good := a.object("deploy_source_control", request{})
	read := a.object("get_source_control_config", request{})
	a.ok("replace_source_control_config", request{}.with(map[string]any{"config": read}))

	verdict := a.object("test_source_control_connection", request{})
	require.Equal(t, false, verdict["success"])
	require.Contains(t, verdict["message"], "GitHub rejected the credentials")
	require.Equal(t, false, a.object("test_source_control_deploy", tryCommit(text(good["commit_sha"])))["success"])
	bad := a.object("deploy_source_control", request{})
	require.Nil(t, bad["commit_sha"])
	require.Equal(t, "ERROR", deploymentNow(a, bad["id"])["status"])

	connect(a)
	require.Equal(t, true, a.object("test_source_control_connection", request{})["success"])
}

func TestSourceControlSettingsKeepOmittedFields(t *testing.T) {
	a := startSmall(t, nil)
	before := a.object("get_source_control_settings", request{})
	set := map[string]any{"custom_pull_request_template": "Why?", "version_control_locked": true}
	after := a.object("replace_source_control_settings", request{}.with(map[string]any{"settings": set}))

	want := maps.Clone(before)
	maps.Copy(want, set)
	require.NotEqual(t, before, after)
	require.Equal(t, want, after)
	require.Equal(t, want, a.object("get_source_control_settings", request{}))
	changesNothing(a, func() {
		bad := map[string]any{"settings": map[string]any{"version_control_locked": "yes"}}
		a.fails(http.StatusBadRequest, "replace_source_control_settings", request{}.with(bad))
	})
}
