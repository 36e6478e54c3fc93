const app = (await retool.list_apps({name_contains: 'Payroll'})).find(a => a.name === 'Payroll');
const [access, groups, users] = await Promise.all([
  retool.list_object_access({objectType: 'app', objectId: app.id}), retool.list_groups(), retool.list_users(),
]);
const nameOf = ({type, id}) => type === 'group' ? groups.find(g => String(g.id) === String(id))?.name : users.find(u => u.id === id)?.email;
const why = e => [
  e.sources.direct && 'granted',
  e.sources.universal && 'all apps',
  e.sources.inherited && 'its folder',
  ...(e.sources.groups ?? []).map(g => 'group ' + nameOf(g)),
].filter(Boolean).join(', ');
const rows = list => (list ?? []).map(e => ({who: nameOf(e.subject), level: e.accessLevel, why: why(e)}));
return {groups: rows(access.group), users: rows(access.user)};
