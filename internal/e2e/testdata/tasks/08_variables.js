const [environments, all] = await Promise.all([retool.list_environments(), retool.list_configuration_variables()]);
const production = environments.find(e => e.name === 'production');
const made = environments.find(e => e.name === 'staging-eu')
  ?? await retool.create_environment({name: 'staging-eu', color: '#AA5500'});
const secret = 'from the administrator'; // values of secrets cannot be read
const variables = all.filter(v => v.values.some(x => x.environment_id === production.id));
await Promise.all(variables.map(v => {
  const values = v.values.map(x => v.secret ? {...x, value: secret} : x);
  return retool.replace_configuration_variable({...v, values: [...values, {environment_id: made.id, value: 'CHANGE-ME'}]});
}));
return `${variables.length} variables`;
