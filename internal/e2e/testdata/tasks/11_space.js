const domain = 'acme-retail.northwind.example';
const wanted = ['Orders', 'Ticket Triage', 'Pick List', 'Company Directory', 'Customer 360', 'Feature Flags',
  'Demand Forecast', '在庫確認', '"Lifetime" Claims / Intake', 'Address Card'];
const [spaces, apps, resources, all] = await Promise.all([
  retool.list_spaces(), retool.list_apps(), retool.list_resources(), retool.list_resource_configurations(),
]);
const app_ids = apps.filter(a => wanted.includes(a.name)).map(a => a.id);
if (app_ids.length !== wanted.length) throw new Error(`${app_ids.length} apps found`);
const uses = await Promise.all(resources.map(r => retool.list_apps({using_resource: r.id})));
const used = resources.filter((r, i) => uses[i].some(a => app_ids.includes(a.id))).map(r => r.id);
const configurations = all.filter(c => used.includes(c.resource.id) && c.environment.name !== 'development'); // a new space has no more
const space = spaces.find(s => s.domain === domain) ?? await retool.create_space({
  name: 'Acme Retail', domain,
  options: {copy_sso_settings: true, copy_branding_and_themes_settings: true, create_admin_user: true},
});
await retool.copy_space_elements({
  destination_space_id: space.id, app_ids, resource_ids: configurations.map(c => c.id), workflow_ids: [], query_library_query_ids: [],
});
return `${app_ids.length} apps, ${configurations.length} configurations`;
