package sourcecontrol

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// badBranchName matches what Git forbids in the name of a branch.
var badBranchName = api.Pattern(`^$|^@$|^[-/.]|[/.]$|\.lock$|\.\.|//|/\.|@\{|[\x00-\x20\x7f~^:?*\[\\]`)

type createSourceControlBranchBody struct {
	Name        string  `json:"branch_name"`
	ElementID   *string `json:"element_id"`
	ElementType *string `json:"element_type"`
	Shared      bool    `json:"shared"`
}

type newBranch struct {
	ID      string           `json:"branch_id"`
	Name    string           `json:"branch_name"`
	Shared  bool             `json:"shared"`
	Element *elementOnBranch `json:"element"`
}

type elementOnBranch struct {
	ID   string `json:"element_id"`
	Type string `json:"element_type"`
	Name string `json:"element_name"`
}

func createSourceControlBranch(o *model.Org, _ *api.Call, config sourceConfig, body createSourceControlBranchBody) (api.Answer, error) {
	switch {
	case badBranchName().MatchString(body.Name):
		return api.Answer{}, api.BadRequest("Invalid branch name: %q", body.Name)
	case hasBranch(o, config, body.Name):
		return api.Answer{}, api.BadRequest("Branch %q already exists", body.Name)
	}
	branch := &model.Branch{Name: body.Name, Shared: body.Shared, CreatedAt: o.Now()}
	answer := newBranch{ID: o.UUID(), Name: body.Name, Shared: body.Shared}
	if body.ElementID != nil {
		if body.ElementType == nil {
			return api.Answer{}, api.BadRequest("element_type is required with element_id")
		}
		kind, name, ok := releasable(o, *body.ElementType, *body.ElementID)
		if !ok {
			return api.Answer{}, api.NotFound(kind, *body.ElementID)
		}
		branch.ElementID, branch.ElementType = body.ElementID, body.ElementType
		answer.Element = &elementOnBranch{*body.ElementID, *body.ElementType, name}
	}
	branch.CommitSHA = defaultBranch(o, config).CommitSHA
	o.Branches.Put(branch)
	return api.Data(answer), nil
}

type resetSourceControlBranchesBody struct {
	Name   string  `json:"branch_name"`
	Remote *string `json:"remote_branch_name"`
}

type branchReset struct {
	Name   string       `json:"branch_name"`
	Remote string       `json:"remote_branch_name"`
	Status string       `json:"status"`
	Apps   []updatedApp `json:"updated_apps"`
}

type updatedApp struct {
	ID   string `json:"app_uuid"`
	Name string `json:"app_name"`
}

// resetSourceControlBranches sets a branch to the commit of a remote one, and
// answers with the app on it. In the sandbox local and remote branches are the
// same, so a branch differs from another one only.
func resetSourceControlBranches(o *model.Org, _ *api.Call, config sourceConfig, body resetSourceControlBranchesBody) (api.Answer, error) {
	if !hasBranch(o, config, body.Name) {
		return api.Answer{}, api.Errorf(http.StatusNotFound, "Branch %q does not exist", body.Name)
	}
	out := branchReset{Name: body.Name, Remote: body.Name, Status: "already_synced", Apps: []updatedApp{}}
	if body.Remote != nil {
		out.Remote = *body.Remote
	}
	if !hasBranch(o, config, out.Remote) {
		return api.Answer{}, api.BadRequest("Remote branch %q does not exist", out.Remote)
	}
	defaultBranch(o, config)
	branch, _ := o.Branches.Get(body.Name)
	remote, _ := o.Branches.Get(out.Remote)
	if branch.CommitSHA == remote.CommitSHA {
		return api.Data(out), nil
	}
	branch.CommitSHA, out.Status = remote.CommitSHA, "reset"
	if branch.ElementID != nil {
		if app, ok := o.Apps.Get(*branch.ElementID); ok {
			out.Apps = []updatedApp{{app.ID, app.Name}}
		}
	}
	return api.Data(out), nil
}

func hasBranch(o *model.Org, config sourceConfig, name string) bool {
	return name == config.DefaultBranch || o.Branches.Has(name)
}

// defaultBranch returns the default branch and creates it on first use: it came
// with the repository.
func defaultBranch(o *model.Org, config sourceConfig) *model.Branch {
	if branch, ok := o.Branches.Get(config.DefaultBranch); ok {
		return branch
	}
	branch := &model.Branch{Name: config.DefaultBranch, Shared: true, CommitSHA: o.CommitSHA(), CreatedAt: o.Now()}
	o.Branches.Put(branch)
	return branch
}

type pushedBranch struct {
	CommitSHA string `json:"commit_sha"`
	URL       string `json:"url"`
	Name      string `json:"branch_name"`
}

// push answers a change on a branch of its own. The branch counts as merged, since
// the sandbox has no pull requests.
func push(o *model.Org, config sourceConfig, about string) api.Answer {
	head := defaultBranch(o, config)
	commit := o.CommitSHA()
	branch := &model.Branch{Name: branchName(about) + "-" + commit[:8], Shared: true, CommitSHA: commit, CreatedAt: o.Now()}
	o.Branches.Put(branch)
	head.CommitSHA = commit
	return api.Data(pushedBranch{commit, config.branchURL(branch.Name), branch.Name})
}

var notInBranchName = api.Pattern(`[^A-Za-z0-9.]+`)

func branchName(about string) string {
	return "retool-" + strings.Trim(notInBranchName().ReplaceAllString(about, "-"), "-.")
}

// branchURL returns the address of a branch at the provider.
func (s sourceConfig) branchURL(branch string) string {
	base := func(usual string) string {
		if s.Config.URL != nil && *s.Config.URL != "" {
			usual = *s.Config.URL
		}
		return strings.TrimSuffix(usual, "/") + "/"
	}
	owner, repo := url.PathEscape(s.Org), url.PathEscape(s.Repo)
	switch s.Provider {
	case "GitLab":
		return base("https://gitlab.com") + owner + "/" + repo + "/-/tree/" + branch
	case "Bitbucket":
		return base("https://bitbucket.org") + owner + "/" + repo + "/branch/" + branch
	case "Azure Repos":
		project := owner
		if s.Config.Project != nil {
			project = url.PathEscape(*s.Config.Project)
		}
		return base("https://dev.azure.com") + project + "/_git/" + repo + "?version=GB" + branch
	case "AWS CodeCommit":
		console := "console.aws.amazon.com"
		if s.Config.Region != nil {
			console = *s.Config.Region + "." + console
		}
		return "https://" + console + "/codesuite/codecommit/repositories/" + repo + "/browse/refs/heads/" + branch
	default:
		return base("https://github.com") + owner + "/" + repo + "/tree/" + branch
	}
}
