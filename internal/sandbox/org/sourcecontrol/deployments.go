package sourcecontrol

import (
	"cmp"
	"slices"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// deploymentTime is how long a deployment takes.
const deploymentTime = 8 * time.Second

// commitLike matches the hash of a commit, full or short.
var commitLike = api.Pattern(`^[0-9a-f]{7,40}$`)

// deploySourceControl answers a deployment that starts. The next read shows it
// completed, since reads do not move the clock.
func deploySourceControl(o *model.Org, c *api.Call, config sourceConfig) (api.Answer, error) {
	started := model.Deployment{ID: o.UUID(), Status: "PENDING_START", CreatedAt: o.Now()}
	if u, ok := o.UserByLegacyID(c.Caller); ok {
		started.TriggeredBy = new(u.ID)
	}
	status := "ERROR"
	if config.fault() == "" {
		started.CommitSHA = new(defaultBranch(o, config).CommitSHA)
		status = "SUCCESS"
		goLive(o)
	}
	ended := started
	ended.Status, ended.CompletedAt = status, new(started.CreatedAt.Add(deploymentTime))
	o.Deployments.Put(&ended)
	return api.Data(started), nil
}

// goLive sets the release of each app from the live manifest. The default is the
// latest version.
func goLive(o *model.Org) {
	releases := map[string]string{}
	if live, ok := o.Manifests.Get(liveManifest); ok {
		for _, entry := range live.Apps {
			releases[entry.UUID] = entry.Release
		}
	}
	for app := range o.Apps.All() {
		app.ReleaseVersion = cmp.Or(releases[app.ID], latestRelease)
	}
}

type testSourceControlDeployBody struct {
	Params struct {
		Commit string `json:"commit_sha"`
		Branch string `json:"branch_name"`
	} `json:"deploy_params"`
}

// testSourceControlDeploy accepts everything that looks like a commit: the sandbox
// has no repository.
func testSourceControlDeploy(o *model.Org, _ *api.Call, body testSourceControlDeployBody) (api.Answer, error) {
	failed := func(message string) (api.Answer, error) { return api.Data(testResult{Message: message}), nil }
	config, ok := repository(o)
	if !ok {
		return failed(notConnected)
	}
	if fault := config.fault(); fault != "" {
		return failed(fault)
	}
	if branch := body.Params.Branch; branch != "" && !hasBranch(o, config, branch) {
		return failed("Branch \"" + branch + "\" does not exist")
	}
	if commit := body.Params.Commit; !commitLike().MatchString(commit) && !hasCommit(o, commit) {
		return failed("Commit \"" + commit + "\" was not found in the repository")
	}
	return api.Data(testResult{Success: true}), nil
}

// hasCommit reports whether a branch or deployment has the commit.
func hasCommit(o *model.Org, sha string) bool {
	return o.Branches.Any(func(b *model.Branch) bool { return b.CommitSHA == sha }) ||
		o.Deployments.Any(func(d *model.Deployment) bool { return d.CommitSHA != nil && *d.CommitSHA == sha })
}

func deploymentInPath(o *model.Org, c *api.Call) (*model.Deployment, error) {
	return api.InPath(c, &o.Deployments, "id", "Deployment")
}

type deploymentList struct {
	Deployments []*model.Deployment `json:"deployments"`
}

func viewDeployments(o *model.Org, _ sourceConfig) deploymentList {
	newest := slices.Collect(o.Deployments.All())
	slices.Reverse(newest)
	slices.SortStableFunc(newest, func(a, b *model.Deployment) int { return cmp.Compare(b.CreatedAt, a.CreatedAt) })
	return deploymentList{newest}
}
