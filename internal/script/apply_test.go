package script_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/script"
)

func TestPlanAndApply(t *testing.T) {
	o := &tools{}
	r := newRunner(t, script.Options{})
	p := program(`
		const users = await retool.list_users();
		const g = await retool.create_group({name: "Support"});
		await retool.add_member({group: g.id, label: "to " + g.name, users: users.slice(0, 2).map(u => u.id)});
		return g.id`)
	out := planned(t, r, p, o)
	require.Equal(t, []string{
		`create_group#1 {"name":"Support"}`,
		`add_member#1 {"group":<create_group#1.id>,"label":"to <create_group#1.name>","users":[0,1]}`,
	}, steps(out.Plan))
	require.JSONEq(t, `"<create_group#1.id>"`, string(out.Value))
	require.Empty(t, o.take("write"))

	applied := r.Apply(t.Context(), script.Program{Caller: "ada", Instance: "production"}, o, out.ID, yes)
	require.Empty(t, applied.Stopped)
	require.Nil(t, applied.Error)
	require.Equal(t, `"g1"`, string(applied.Value))
	require.Len(t, applied.Made, 2)
	require.Empty(t, applied.NotMade)
	require.Equal(t, []string{`create_group {"name":"Support"}`, `add_member {"group":"g1","label":"to Support","users":[0,1]}`}, o.take("write"))
}
