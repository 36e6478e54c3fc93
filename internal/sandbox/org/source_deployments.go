package org

import (
	"cmp"
	"net/http"
	"slices"
	"time"
)

// deploymentTime is how long a deployment takes.
const deploymentTime = 8 * time.Second

// commitLike is what can be the hash of a commit, in full or short.
var commitLike = Pattern(`^[0-9a-f]{7,40}$`)

// deploySourceControl answers that the deployment starts. It is over for
// whoever asks next, since reading does not move the clock.
func deploySourceControl(o *Org, c *Call) (Answer, error) {
	config, err := connected(o)
	if err != nil {
		return Answer{}, err
	}
	started := Deployment{ID: o.UUID(), Status: "PENDING_START", CreatedAt: o.Now()}
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
	return Data(started), nil
}

// goLive lets apps run what the live manifest says of them, and the latest
// version where it says nothing.
func goLive(o *Org) {
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
func testSourceControlDeploy(o *Org, c *Call) (Answer, error) {
	var body struct {
		Params struct {
			Commit string `json:"commit_sha"`
			Branch string `json:"branch_name"`
		} `json:"deploy_params"`
	}
	if err := c.Decode(&body); err != nil {
		return Answer{}, err
	}
	failed := func(message string) (Answer, error) { return Data(sourceVerdict{Message: message}), nil }
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
	return Data(sourceVerdict{Success: true}), nil
}

// hasCommit tells whether a branch or deployment has the commit.
func hasCommit(o *Org, sha string) bool {
	_, onBranch := o.Branches.Find(func(b *Branch) bool { return b.CommitSHA == sha })
	_, deployed := o.Deployments.Find(func(d *Deployment) bool { return d.CommitSHA != nil && *d.CommitSHA == sha })
	return onBranch || deployed
}

func getSourceControlDeployment(o *Org, c *Call) (Answer, error) {
	d, err := InPath(c, &o.Deployments, "id", "Deployment")
	if err != nil {
		return Answer{}, err
	}
	return Data(d), nil
}

type deploymentList struct {
	Deployments []*Deployment `json:"deployments"`
}

func listSourceControlDeployments(o *Org, _ *Call) (Answer, error) {
	if _, ok := repository(o); !ok {
		return Answer{}, &StatusError{http.StatusNotFound, notConnected}
	}
	newest := slices.Collect(o.Deployments.All())
	slices.Reverse(newest)
	slices.SortStableFunc(newest, func(a, b *Deployment) int { return cmp.Compare(b.CreatedAt, a.CreatedAt) })
	return Data(deploymentList{newest}), nil
}
