package seed_test

import (
	"bytes"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/seed"
)

var now = model.At(time.Date(2025, 11, 20, 9, 30, 0, 0, time.UTC))

// standard is an organization of the default sizes. Tests only read it.
var standard = seed.Organization(1, now, seed.Sizes{})

// sizes that organizations are made in, besides the default ones.
var sizes = map[string]seed.Sizes{
	"defaults": {},
	"one of each": {
		Users: 1, Groups: 1, Folders: 1, Apps: 1, Resources: 1, Environments: 1, Workflows: 1, Spaces: 1,
	},
	"two of each": {
		Users: 2, Groups: 2, Folders: 2, Apps: 2, Resources: 2, Environments: 2, Workflows: 2, Spaces: 2,
	},
	"a team":          {Users: 12, Groups: 6, Folders: 14, Apps: 10, Resources: 5, Environments: 2, Workflows: 4, Spaces: 1},
	"few folders":     {Folders: 8, Users: 30},
	"one person":      {Users: 1},
	"one app":         {Apps: 1},
	"many people":     {Users: 1_500, Groups: 160},
	"many things":     {Folders: 800, Apps: 1_500, Resources: 250, Environments: 7, Workflows: 200, Spaces: 6},
	"odd numbers":     {Users: 101, Groups: 37, Folders: 77, Apps: 333, Resources: 51, Environments: 4, Workflows: 29, Spaces: 5},
	"no environments": {Environments: 1, Resources: 60},
}

func encoded(t *testing.T, o *model.Org) []byte {
	t.Helper()
	text, err := json.Marshal(o, json.Deterministic(true))
	require.NoError(t, err)
	return text
}

func TestSameSeedSameBytes(t *testing.T) {
	for name, s := range map[string]seed.Sizes{"defaults": {}, "odd numbers": sizes["odd numbers"]} {
		t.Run(name, func(t *testing.T) {
			once := encoded(t, seed.Organization(7, now, s))
			again := encoded(t, seed.Organization(7, now, s))
			require.True(t, bytes.Equal(once, again), "two organizations of one seed differ")
			other := encoded(t, seed.Organization(8, now, s))
			require.NotEqual(t, sha256.Sum256(once), sha256.Sum256(other))
			later := encoded(t, seed.Organization(7, now.Add(time.Hour), s))
			require.NotEqual(t, sha256.Sum256(once), sha256.Sum256(later))
		})
	}
}

func TestOrganizationCanBeReadBack(t *testing.T) {
	text := encoded(t, standard)
	var back model.Org
	require.NoError(t, json.Unmarshal(text, &back))
	require.True(t, bytes.Equal(text, encoded(t, &back)), "the organization is another one after it was read back")
	require.Equal(t, 250, back.Users.Len())
}

func TestDefaultsAreFilledIn(t *testing.T) {
	require.Equal(t, seed.Sizes{
		Users: 250, Groups: 14, Folders: 90, Apps: 180, Resources: 40, Environments: 3, Workflows: 25, Spaces: 3,
	}, seed.Defaults())
	require.True(t, bytes.Equal(encoded(t, standard), encoded(t, seed.Organization(1, now, seed.Defaults()))))
}

func TestAnotherSeedChangesPeopleAndSecrets(t *testing.T) {
	other := seed.Organization(2, now, seed.Sizes{})
	emails := map[string]bool{}
	for u := range standard.Users.All() {
		emails[u.Email] = true
	}
	same := 0
	for u := range other.Users.All() {
		if emails[u.Email] {
			same++
		}
	}
	require.Less(t, same, 150, "most people should be others")
	require.NotEqual(t, standard.ID, other.ID)
	require.NotEqual(t, standard.SSO, other.SSO)
}

func TestSizes(t *testing.T) {
	for name, s := range sizes {
		t.Run(name, func(t *testing.T) {
			o, d := seed.Organization(3, now, s), seed.Defaults()
			for _, c := range []struct {
				what                          string
				got, asked, standard, atLeast int
			}{
				{"users", o.Users.Len(), s.Users, d.Users, 0},
				{"groups", o.Groups.Len(), s.Groups, d.Groups, 4},
				{"folders", o.Folders.Len(), s.Folders, d.Folders, 7},
				{"apps", o.Apps.Len(), s.Apps, d.Apps, 0},
				{"resources", o.Resources.Len(), s.Resources, d.Resources, 0},
				{"environments", o.Environments.Len(), s.Environments, d.Environments, 2},
				{"workflows", o.Workflows.Len(), s.Workflows, d.Workflows, 0},
				{"spaces", o.Spaces.Len(), s.Spaces, d.Spaces, 0},
			} {
				want := c.asked
				if want == 0 {
					want = c.standard
				}
				require.Equal(t, max(want, c.atLeast), c.got, c.what)
			}
			require.Equal(t, o.Resources.Len()*o.Environments.Len(), o.Configurations.Len())
			require.LessOrEqual(t, len(o.Visits), 20_000)
		})
	}
}

func TestCountsOfTheRest(t *testing.T) {
	o := standard
	for what, c := range map[string][2]int{
		"attributes":      {o.Attributes.Len(), 4},
		"invites":         {o.Invites.Len(), 9},
		"access requests": {o.AccessRequests.Len(), 12},
		"access tokens":   {o.AccessTokens.Len(), 5},
		"variables":       {o.Variables.Len(), 20},
		"observability":   {o.Observability.Len(), 2},
		"runs":            {o.Runs.Len(), 40},
		"tasks":           {o.Tasks.Len(), 30},
		"roles":           {o.Roles.Len(), 5},
		"role grants":     {o.RoleGrants.Len(), 12},
		"themes":          {o.Themes.Len(), 3},
		"libraries":       {o.Libraries.Len(), 2},
		"queries":         {o.Queries.Len(), 6},
		"branches":        {o.Branches.Len(), 6},
		"deployments":     {o.Deployments.Len(), 8},
		"manifests":       {o.Manifests.Len(), 2},
		"analytics":       {len(o.Analytics), 2},
	} {
		require.Equal(t, c[1], c[0], what)
	}
	require.Greater(t, len(o.Visits), 10_000)
	require.Greater(t, o.Grants.Len(), 40)
}

func TestNumbersContinue(t *testing.T) {
	require.Equal(t, 250, standard.Numbers[model.SequenceUser])
	require.Equal(t, 14, standard.Numbers[model.SequenceGroup])
	require.Equal(t, 9, standard.Numbers[model.SequenceInvite])
	require.Equal(t, 12, standard.Numbers[model.SequenceAccessRequest])
	require.Equal(t, 3, standard.Numbers[model.SequenceTheme])
	// One of the roots is outside of the count.
	require.Equal(t, 89, standard.Numbers[model.SequenceFolder])
}

func TestClockShowsNow(t *testing.T) {
	require.Equal(t, now, standard.Now())
	for s := range standard.Spaces.All() {
		require.Equal(t, now, s.Org.Now(), s.Name)
	}
}
