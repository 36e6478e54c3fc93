const [jane] = await retool.list_users({email: 'jane@northwind.example'});
const {groups, legacy_id} = await retool.get_user({userId: jane.id, includeGroups: true});

const granted = Promise.all(['folder', 'app', 'resource'].map(object_type =>
  retool.list_subject_access({subject: {type: 'user', id: jane.id}, object_type, resolve: true})));
const [grants, workflows, folders, apps] = await Promise.all([granted, retool.list_workflows(), retool.list_folders(), retool.list_apps()]);
const drafts = folders.find(f => f.name.startsWith(`(${legacy_id}) `) && f.name.endsWith(' Drafts'));
const owned = [
  ...grants.flat().map(g => `${g.access_level} ${g.type} ${g.name}`),
  ...workflows.filter(w => w.created_by === legacy_id).map(w => 'workflow ' + w.name),
  ...apps.filter(a => a.folder_id === drafts?.id).map(a => 'draft ' + a.name),
];

await retool.logout_user({userId: jane.id});
await Promise.all(groups.filter(g => g.name !== 'All Users').map(g => retool.remove_group_member({groupId: g.id, userId: jane.id})));
await retool.disable_user({userId: jane.id});
if (retool.planning) return {owned};
const after = await retool.get_user({userId: jane.id});
return `active: ${after.active}`;
