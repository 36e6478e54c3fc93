const [pending, users] = await Promise.all([retool.list_access_requests({status: 'PENDING'}), retool.list_users()]);
const known = new Set(users.map(u => u.email));
const decided = await Promise.all(pending.map(async r => {
  const email = r.requesting_email;
  const reason = !email.endsWith('@northwind.example') ? 'foreign address' : known.has(email) ? 'has an account' : '';
  const value = reason ? 'DENIED' : 'APPROVED';
  await retool.update_access_request({accessRequestId: r.id, operations: [{op: 'replace', path: '/status', value}]});
  return {email, value, reason};
}));
return retool.planning ? decided : `${decided.length} decided`;
