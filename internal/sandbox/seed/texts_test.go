package seed_test

import (
	"net/mail"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/seed"
)

func TestNamesAreUnique(t *testing.T) {
	for name, s := range sizes {
		t.Run(name, func(t *testing.T) {
			o := seed.Organization(11, now, s)
			taken := map[string]bool{}
			once := func(key string) {
				require.False(t, taken[key], "%s is there twice", key)
				taken[key] = true
			}
			for u := range o.Users.All() {
				once("mail " + strings.ToLower(u.Email))
			}
			for i := range o.Invites.All() {
				if i.ClaimedBy == nil {
					once("mail " + strings.ToLower(i.InvitedEmail))
				}
			}
			for g := range o.Groups.All() {
				once("group " + g.Name)
			}
			for f := range o.Folders.All() {
				parent := f.FolderType
				if f.ParentFolderID != nil {
					parent = *f.ParentFolderID
				}
				once("folder " + parent + " " + f.Name)
			}
			for a := range o.Apps.All() {
				once("app " + a.Name)
				if a.Shortlink != nil {
					once("shortlink " + *a.Shortlink)
				}
			}
			for r := range o.Resources.All() {
				once("resource " + r.DisplayName)
			}
			for e := range o.Environments.All() {
				once("environment " + e.Name)
			}
			for f := range o.Workflows.All() {
				once("workflow " + f.Name)
			}
			for v := range o.Variables.All() {
				once("variable " + v.Name)
			}
			for s := range o.Spaces.All() {
				once("space " + s.Domain)
				once("space " + s.ID)
			}
		})
	}
}

func TestTextsFitTheDescription(t *testing.T) {
	o := seed.Organization(13, now, sizes["odd numbers"])
	address := regexp.MustCompile(`@([a-z0-9-]+\.)+(example|test)$`)
	mails := []string{}
	for u := range o.Users.All() {
		mails = append(mails, u.Email)
		for _, name := range []*string{u.FirstName, u.LastName} {
			require.True(t, name == nil || *name != "" && utf8.RuneCountInString(*name) <= 36)
		}
	}
	for i := range o.Invites.All() {
		mails = append(mails, i.InvitedEmail)
	}
	for r := range o.AccessRequests.All() {
		mails = append(mails, r.RequestingEmail)
	}
	for _, m := range mails {
		_, err := mail.ParseAddress(m)
		require.NoError(t, err, m)
		require.Regexp(t, address, m)
	}
	depths := map[string]int{}
	deepest := 0
	for f := range o.Folders.All() {
		if f.ParentFolderID != nil {
			depths[f.ID] = depths[*f.ParentFolderID] + 1
			deepest = max(deepest, depths[f.ID])
		}
	}
	require.Equal(t, 4, deepest)
	require.NotContains(t, strings.ToLower(string(encoded(t, o))), "canary")
}

// instant is a moment as the API writes it.
var instant = regexp.MustCompile(`"([a-z_]+)":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)"`)

func TestNoDateIsInTheFuture(t *testing.T) {
	for name, s := range sizes {
		t.Run(name, func(t *testing.T) {
			limit := now.String()
			for _, m := range instant.FindAllSubmatch(encoded(t, seed.Organization(17, now, s)), -1) {
				if string(m[1]) != "expires_at" {
					require.LessOrEqual(t, string(m[2]), limit, string(m[1]))
				}
			}
		})
	}
}

func TestDatesAreInOrder(t *testing.T) {
	var before model.Time
	for u := range standard.Users.All() {
		require.GreaterOrEqual(t, u.CreatedAt, before)
		before = u.CreatedAt
		require.True(t, u.LastActive == nil || *u.LastActive >= u.CreatedAt)
	}
	for a := range standard.Apps.All() {
		require.GreaterOrEqual(t, a.UpdatedAt, a.CreatedAt)
	}
	for d := range standard.Deployments.All() {
		require.Greater(t, *d.CompletedAt, d.CreatedAt)
	}
	statuses := map[string]int{}
	for d := range standard.Deployments.All() {
		statuses[d.Status]++
	}
	require.Equal(t, map[string]int{"SUCCESS": 6, "ERROR": 1, "PARTIAL_SUCCESS": 1}, statuses)
	var expired, waiting, claimed int
	for i := range standard.Invites.All() {
		require.Greater(t, i.ExpiresAt, i.CreatedAt)
		switch {
		case i.ClaimedBy != nil:
			claimed++
		case i.ExpiresAt <= now:
			expired++
		default:
			waiting++
		}
	}
	require.Equal(t, []int{1, 3, 5}, []int{claimed, expired, waiting})
}
