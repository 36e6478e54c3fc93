package sourcecontrol

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// deploymentTime is how long a deployment takes.
const deploymentTime = 8 * time.Second

// commitLike is what can be the hash of a commit, in full or short.
var commitLike = api.Pattern(`^[0-9a-f]{7,40}$`)

// deploySourceControl answers that the deployment starts. It is over for
// whoever asks next, since reading does not move the clock.
func deploySourceControl(o *model.Org, c *api.Call) (api.Answer, error) {
	config, err := connected(o)
	if err != nil {
		return api.Answer{}, err
	}
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

// goLive lets apps run what the live manifest says of them, and the latest
// version where it says nothing.
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

// testSourceControlDeploy says yes to whatever looks like a commit: the
// repository itself is not part of the sandbox.
func testSourceControlDeploy(o *model.Org, c *api.Call) (api.Answer, error) {
	var body struct {
		Params struct {
			Commit string `json:"commit_sha"`
			Branch string `json:"branch_name"`
		} `json:"deploy_params"`
	}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	failed := func(message string) (api.Answer, error) { return api.Data(sourceVerdict{Message: message}), nil }
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
	return api.Data(sourceVerdict{Success: true}), nil
}

// hasCommit tells whether a branch or deployment has the commit.
func hasCommit(o *model.Org, sha string) bool {
	_, onBranch := o.Branches.Find(func(b *model.Branch) bool { return b.CommitSHA == sha })
	_, deployed := o.Deployments.Find(func(d *model.Deployment) bool { return d.CommitSHA != nil && *d.CommitSHA == sha })
	return onBranch || deployed
}

func getSourceControlDeployment(o *model.Org, c *api.Call) (api.Answer, error) {
	d, err := api.InPath(c, &o.Deployments, "id", "Deployment")
	if err != nil {
		return api.Answer{}, err
	}
	return api.Data(d), nil
}

type deploymentList struct {
	Deployments []*model.Deployment `json:"deployments"`
}

func listSourceControlDeployments(o *model.Org, _ *api.Call) (api.Answer, error) {
	if _, ok := repository(o); !ok {
		return api.Answer{}, api.Errorf(http.StatusNotFound, notConnected)
	}
	newest := slices.Collect(o.Deployments.All())
	slices.Reverse(newest)
	slices.SortStableFunc(newest, func(a, b *model.Deployment) int { return cmp.Compare(b.CreatedAt, a.CreatedAt) })
	return api.Data(deploymentList{newest}), nil
}
