const [spaces, organizations, all, resources] = await Promise.all([
  retool.list_spaces(), retool.list_usage_organizations(), retool.list_apps(), retool.list_resources(),
]);
const us = organizations.find(o => !spaces.some(s => s.id === o.org_id)).org_id;
const since = daysAgo(184).slice(0, 10), until = daysAgo(0).slice(0, 10);
const [usage, ...users] = await Promise.all([
  retool.get_usage_app_summary({org_ids: us, start_date: since, end_date: until}),
  ...resources.map(r => retool.list_apps({using_resource: r.id, limit: 1})),
]);
const opened = new Set(usage.map(u => u.app_name));
const apps = all.filter(a => a.created_at < since && !opened.has(a.name));
return {
  apps: apps.map(a => ({id: a.id, name: a.name})),
  resources: resources.filter((r, i) => users[i].length === 0).map(r => ({id: r.id, name: r.display_name})),
};
