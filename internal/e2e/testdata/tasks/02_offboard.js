const [jane] = await retool.list_users({email: 'jane@northwind.example'});
const {groups, legacy_id} = await retool.get_user({userId: jane.id, includeGroups: true});

const granted = Promise.all(['folder', 'app', 'resource'].map(object_type =>
  retool.list_subject_access({subject: {type: 'user', id: jane.id}, object_type})));
const [grants, workflows, folders, apps, resources] = await Promise.all([
  granted, retool.list_workflows(), retool.list_folders(), retool.list_apps(), retool.list_resources(),
]);
const names = new Map([...folders, ...apps, ...resources].map(x => [x.id, x.name ?? x.display_name]));
const drafts = folders.find(f => f.name.startsWith(`(${legacy_id}) `) && f.name.endsWith(' Drafts'));
const owned = [
  ...grants.flat().map(g => `${g.access_level} ${g.type} ${names.get(g.id)}`),
  ...workflows.filter(w => w.created_by === legacy_id).map(w => 'workflow ' + w.name),
  ...apps.filter(a => a.folder_id === drafts?.id).map(a => 'draft ' + a.name),
];

await Promise.all([
  retool.logout_user({userId: jane.id}),
  ...groups.filter(g => g.name !== 'All Users').map(g => retool.remove_group_member({groupId: g.id, userId: jane.id})),
]);
await retool.disable_user({userId: jane.id});
if (retool.planning) return {owned};
const after = await retool.get_user({userId: jane.id});
return `active: ${after.active}`;
