const [groups, users] = await Promise.all([retool.list_groups(), retool.list_users()]);
const editors = groups.find(g => g.name === 'editor').members.map(m => m.id);
const inactive = users.filter(u => u.active && (u.is_admin || editors.includes(u.id)) && (u.last_active ?? u.created_at) < daysAgo(90));
await Promise.all(inactive.map(u => retool.disable_user({userId: u.id})));
return retool.planning
  ? inactive.map(u => ({email: u.email, last_active: u.last_active ?? 'never', admin: u.is_admin}))
  : `${inactive.length} disabled`;
