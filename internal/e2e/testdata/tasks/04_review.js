const [groups, apps, folders, resources, configurations] = await Promise.all([
  retool.list_groups(), retool.list_apps(), retool.list_folders(), retool.list_resources(), retool.list_resource_configurations(),
]);
const names = new Map([...apps, ...folders].map(x => [x.id, x.name]));
resources.forEach(r => names.set(r.id, r.display_name));
configurations.forEach(c => names.set(c.id, `${c.resource.display_name} in ${c.environment.name}`));

const rows = (await Promise.all(groups.map(async g => {
  const found = g.members.map(m => ({group: g.name, kind: 'member', name: m.email, access: ''}));
  for (const object_type of ['folder', 'app', 'resource', 'resource_configuration']) {
    const reach = await retool.list_subject_access({subject: {type: 'group', id: g.id}, object_type, include_inherited_access: true});
    found.push(...reach.map(r => ({group: g.name, kind: object_type, name: names.get(r.id) ?? r.id, access: r.access_level})));
  }
  return found;
}))).flat();
return save('access-review.csv', rows);
