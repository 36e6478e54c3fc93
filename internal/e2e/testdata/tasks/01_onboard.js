const name = 'Field Support';
const people = ['ada', 'bo', 'cy', 'di', 'eli', 'flo', 'gus', 'hal', 'ivy', 'jo'].map(p => p + '@fs.example')
  .concat('mia.chen@northwind.example', 'samira.khalil@northwind.example');

const [groups, folders, users, invites] = await Promise.all([
  retool.list_groups({name_contains: name}), retool.list_folders(), retool.list_users(), retool.list_user_invites(),
]);
const team = groups.find(g => g.name === name) ?? await retool.create_group({name});
const colleagues = users.filter(u => people.includes(u.email));
const open = invites.filter(i => people.includes(i.invited_email) && !i.claimed_at);
const known = [...colleagues.map(u => u.email), ...open.map(i => i.invited_email)];
const fresh = people.filter(email => !known.includes(email));
await Promise.all([
  ...['app', 'resource'].map(async folder_type => {
    const of_type = folders.filter(f => f.folder_type === folder_type);
    const root = of_type.find(f => f.name === 'root' && !f.parent_folder_id);
    const folder = of_type.find(f => f.name === name) ?? await retool.create_folder({name, folder_type, parent_folder_id: root.id});
    await retool.grant_permissions({subject: {type: 'group', id: team.id}, object: {type: 'folder', id: folder.id}, access_level: 'edit'});
  }),
  retool.add_group_members({groupId: team.id, members: colleagues.map(u => ({id: u.id, is_group_admin: false}))}),
  retool.add_group_user_invites({groupId: team.id, userInviteIds: open.map(i => i.id)}),
  ...fresh.map(email => retool.create_user_invite({email, defaultGroupIds: [team.id]})),
]);
return `${colleagues.length} colleague, ${open.length} with an open invite, ${fresh.length} invited`;
