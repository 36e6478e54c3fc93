const fresh = {production: 'rotated-p', staging: 'rotated-s'};
const found = (await retool.list_resource_configurations()).filter(c =>
  c.resource.type === 'postgresql' && fresh[c.environment.name] && c.options.database_options?.host === 'db1.internal.northwind.example');
await Promise.all(found.map(c => {
  const database_options = {...c.options.database_options, password: fresh[c.environment.name]};
  return retool.update_resource_configuration({
    configurationId: c.id,
    operations: [{op: 'replace', path: '/options', value: {...c.options, database_options}}],
  });
}));
return `${found.length} configurations`;
