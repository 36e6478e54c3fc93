const lists = {
  list_groups: g => [g.name, [g.universal_app_access, g.universal_resource_access]],
  list_environments: e => [e.name, [e.color, e.default]],
  list_configuration_variables: v => [v.name, [v.secret, v.default_value, v.values.map(x => x.value)]],
  list_app_themes: t => [t.name, t.theme],
  list_resources: r => [r.display_name, r.type],
  list_apps: a => [a.name, a.description],
  list_folders: f => [f.folder_type + ' ' + f.name, f.is_system_folder],
  list_resource_configurations: c => [c.resource.display_name + ' in ' + c.environment.name, c.options],
};
const inventory = async instance => {
  const found = {};
  await Promise.all(Object.entries(lists).map(async ([tool, of]) => {
    for (const item of await retool[tool]({instance})) {
      const [name, value] = of(item);
      found[`${tool} ${name}`] = JSON.stringify(value);
    }
  }));
  for (const tool of ['get_sso_config', 'get_source_control_config', 'get_source_control_settings']) {
    found[tool] = JSON.stringify(await retool[tool]({instance}));
  }
  return found;
};
const [a, b] = await Promise.all(['a', 'b'].map(inventory));
return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter(k => a[k] !== b[k]).sort()
  .map(k => `${k}${!(k in b) ? ' (only a)' : !(k in a) ? ' (only b)' : ''}`).join('\n');
