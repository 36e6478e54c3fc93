package e2e_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type (
	deployment struct {
		ID        string     `json:"id"`
		Status    string     `json:"status"`
		Commit    *string    `json:"commit_sha"`
		Completed *time.Time `json:"completed_at"`
	}
	deployments struct {
		Deployments []deployment `json:"deployments"`
	}
	release struct {
		Version string `json:"release_version"`
	}
	manifestEntry struct {
		ID      string `json:"uuid"`
		Release string `json:"release"`
	}
	manifest struct {
		Name      string          `json:"name"`
		Apps      []manifestEntry `json:"apps"`
		Workflows []manifestEntry `json:"workflows"`
	}
	manifests struct {
		Manifests []manifest `json:"manifests"`
	}
	verdict struct {
		Success bool   `json:"success"`
		Message string `json:"message"`
	}
)

// "Ship release 1.4.0 of the Orders app to production."
func TestTask09ShipARelease(t *testing.T) {
	t.Parallel()
	s := onSandbox(t)
	orders := appNamed(s, "Orders")
	require.Equal(t, "1.3.1", orders.Release)
	at := object{"elementUuid": orders.ID, "elementType": "PAGE"}
	versions := func() []string {
		return each(read[[]release](s, "list_source_control_releases", at), func(r release) string { return r.Version })
	}
	require.Equal(t, []string{"1.3.1", "1.3.0", "1.2.0"}, versions())
	before := read[manifests](s, "list_source_control_manifests", nil).Manifests
	deployed := read[deployments](s, "list_source_control_deployments", nil).Deployments

	pin := object{"manifestName": "production", "elementUuid": orders.ID, "elementType": "PAGE", "release": "1.4.0", "commit_message": "Orders 1.4.0"}
	requireRefusal(s, "replace_source_control_manifest_element", pin, "400", "1.4.0", "does not exist")
	cut := object{"elementUuid": orders.ID, "elementType": "PAGE", "release_version": "1.4.0", "release_description": "Partial refunds"}
	read[object](s, "create_source_control_release", cut)
	requireRefusal(s, "create_source_control_release", cut, "400", "1.4.0", "already exists")
	require.Equal(t, []string{"1.4.0", "1.3.1", "1.3.0", "1.2.0"}, versions())
	require.Equal(t, before, read[manifests](s, "list_source_control_manifests", nil).Manifests, "a release is live nowhere by itself")

	read[object](s, "replace_source_control_manifest_element", pin)
	started := read[deployment](s, "deploy_source_control", nil)
	require.True(t, strings.HasPrefix(started.Status, "PENDING"), started.Status)
	ended := started
	for polls := 0; strings.HasPrefix(ended.Status, "PENDING"); polls++ {
		require.Less(t, polls, 20)
		ended = read[deployment](s, "get_source_control_deployment", object{"id": started.ID})
	}
	require.Equal(t, "SUCCESS", ended.Status)
	require.NotNil(t, ended.Completed)

	// Production runs it, and nothing else has changed.
	wanted := before
	for m := range wanted {
		for i, e := range wanted[m].Apps {
			if wanted[m].Name == "production" && e.ID == orders.ID {
				require.Equal(t, "1.3.1", e.Release)
				wanted[m].Apps[i].Release = "1.4.0"
			}
		}
	}
	require.Equal(t, wanted, read[manifests](s, "list_source_control_manifests", nil).Manifests)
	require.Equal(t, "1.4.0", read[app](s, "get_app", object{"appId": orders.ID}).Release)
	require.Equal(t, append([]deployment{ended}, deployed...), read[deployments](s, "list_source_control_deployments", nil).Deployments)
}

// "Is commit abc123 safe to deploy? What failed in the last deployments?"
func TestTask10IsACommitSafe(t *testing.T) {
	t.Parallel()
	s := onSandbox(t, "--confirm=never")
	test := func(commit string) verdict {
		return read[verdict](s, "test_source_control_deploy", object{"deploy_params": object{"commit_sha": commit}})
	}
	require.Equal(t, verdict{false, `Commit "abc123" was not found in the repository`}, test("abc123"))

	before := read[deployments](s, "list_source_control_deployments", nil)
	failed := map[string][]string{}
	for i, d := range before.Deployments {
		detail := read[deployment](s, "get_source_control_deployment", object{"id": d.ID})
		require.Equal(t, d, detail)
		require.NotNil(t, detail.Completed)
		if i > 0 {
			require.True(t, before.Deployments[i-1].Completed.After(*d.Completed), "the newest come first")
		}
		if d.Status != "SUCCESS" {
			failed[d.Status] = append(failed[d.Status], *d.Commit)
		}
	}
	require.Len(t, failed["ERROR"], 1)
	require.Len(t, failed["PARTIAL_SUCCESS"], 1)
	require.Len(t, failed, 2)

	last := before.Deployments[0]
	require.Equal(t, "SUCCESS", last.Status)
	require.Equal(t, verdict{Success: true}, test(*last.Commit))
	require.Equal(t, verdict{Success: true}, read[verdict](s, "test_source_control_connection", nil))
	require.Equal(t, before, read[deployments](s, "list_source_control_deployments", nil), "a test deploys nothing")

	// Without a repository no commit is safe.
	act(s, "delete_source_control_config", nil)
	require.False(t, test(*last.Commit).Success)
}
