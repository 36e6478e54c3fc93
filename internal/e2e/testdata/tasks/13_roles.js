const names = ['Engineering', 'Finance', 'Operations', 'Contractors', 'Store Managers'];
const [all, grants, roles] = await Promise.all([retool.list_groups(), retool.list_role_grants(), retool.list_roles()]);
const groups = all.filter(g => names.includes(g.name)).map(g => String(g.id));
const old = grants.filter(g => g.subject_type === 'group' && groups.includes(g.subject_id));
const role = roles.find(r => r.name === 'Analyst') ?? await retool.create_role({
  name: 'Analyst', description: 'Reads apps and data.',
  object_scopes: ['apps:read', 'resources:read'], organization_scopes: [],
});
await Promise.all([
  ...groups.map(subject_id => retool.create_role_grant({role_id: role.id, subject_type: 'group', subject_id})),
  ...old.map(g => retool.delete_role_grant({roleGrantId: g.id})),
]);
return `${groups.length} groups, ${old.length} old grants`;
