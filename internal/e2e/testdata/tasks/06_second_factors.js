const lost = ['jane@northwind.example', 'mia.chen@northwind.example', 'yuki.tanaka@northwind.example'];
const users = await retool.list_users();
await Promise.all(users.filter(u => lost.includes(u.email)).map(u => retool.reset_user_2fa({userId: u.id})));
return retool.planning
  ? users.filter(u => !u.two_factor_auth_enabled).map(u => u.email).join(' ')
  : 'The three have to enroll again.';
