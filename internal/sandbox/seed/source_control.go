package seed

import (
	"encoding/base64"
	"strconv"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// sourceControl connects the organization to a repository.
func (b *builder) sourceControl() {
	b.SourceControl = model.SourceControl{
		Config: object(map[string]any{
			"provider": "GitHub", "org": "northwind-outfitters", "repo": "retool", "default_branch": "main", "repo_version": "2.0.0",
			"config": map[string]any{
				"type": "App", "app_id": "450101", "installation_id": "70450101",
				"private_key": base64.StdEncoding.EncodeToString([]byte(b.privateKey())),
			},
		}),
		Settings: model.SourceControlSettings{
			AutoBranchNaming: true, CustomTemplate: true, Template: "## What changes\n\n## Who was asked\n", AutoCleanup: true,
		},
	}
	b.branches()
	statuses := []string{"SUCCESS", "SUCCESS", "ERROR", "SUCCESS", "SUCCESS", "PARTIAL_SUCCESS", "SUCCESS", "SUCCESS"}
	for i, status := range statuses {
		at := b.ago(3 * (len(statuses) - i))
		b.Deployments.Put(&model.Deployment{
			ID: b.UUID(), Status: status, CommitSHA: new(b.CommitSHA()), TriggeredBy: new(b.people[min(i%3, len(b.people)-1)].ID),
			CreatedAt: at, CompletedAt: new(at.Add(time.Duration(20+b.random.IntN(90)) * time.Second)),
		})
	}
}

func (b *builder) branches() {
	for i, p := range plan().Branches {
		element := b.appID(p.Element)
		if p.Kind == "WORKFLOW" {
			for w := range b.Workflows.All() {
				if w.Name == p.Element {
					element = w.ID
				}
			}
		}
		branch := &model.Branch{Name: p.Name, Shared: i%2 == 0, CommitSHA: b.CommitSHA(), CreatedAt: b.ago(60 - 10*i)}
		if element != "" {
			branch.ElementID, branch.ElementType = new(element), new(p.Kind)
		}
		b.Branches.Put(branch)
	}
}

// releases creates releases of protected apps and workflows, and manifests.
func (b *builder) releases() {
	production, staging := &model.Manifest{Name: "production"}, &model.Manifest{Name: "staging"}
	for _, m := range []*model.Manifest{production, staging} {
		m.Apps, m.Workflows = []model.ManifestEntry{}, []model.ManifestEntry{}
	}
	released := 0
	for _, a := range b.appList {
		if !a.Protected || released == 12 {
			continue
		}
		versions := []string{"1.0.0", "1.1.0", "2.0.0"}[:1+released%3]
		if a.Name == "Orders" {
			versions = []string{"1.2.0", "1.3.0", "1.3.1"}
		}
		b.release(a.ID, "PAGE", a.CreatedAt, versions)
		newest := versions[len(versions)-1]
		pinned := newest
		if released%5 == 4 {
			pinned = "latest"
		}
		if pinned == newest && len(versions) == 2 {
			pinned = versions[0] // staging is ahead
		}
		a.ReleaseVersion = pinned
		production.Apps = append(production.Apps, model.ManifestEntry{UUID: a.ID, Release: pinned})
		staging.Apps = append(staging.Apps, model.ManifestEntry{UUID: a.ID, Release: newest})
		released++
	}
	released = 0
	for w := range b.Workflows.All() {
		if !w.Protected || released == 4 {
			continue
		}
		b.release(w.ID, "WORKFLOW", w.CreatedAt, []string{"1.0.0", "1.0.1"})
		b.pinned[w.ID] = "1.0.0"
		production.Workflows = append(production.Workflows, model.ManifestEntry{UUID: w.ID, Release: "1.0.0"})
		staging.Workflows = append(staging.Workflows, model.ManifestEntry{UUID: w.ID, Release: "1.0." + strconv.Itoa(released%2)})
		released++
	}
	b.Manifests.Put(production)
	b.Manifests.Put(staging)
}

func (b *builder) release(element, kind string, at model.Time, versions []string) {
	for i, version := range versions {
		at = b.since(at)
		b.Releases.Put(&model.Release{ElementID: element, ElementType: kind, ReleaseView: model.ReleaseView{
			Version: version, Description: []string{"First release", "Small repairs", "As agreed with the team"}[i%3], CreatedAt: at,
		}})
	}
}
