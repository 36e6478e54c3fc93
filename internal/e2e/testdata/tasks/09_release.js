const version = '1.4.0';
const app = (await retool.list_apps({name_contains: 'Orders'})).find(a => a.name === 'Orders');
const element = {elementUuid: app.id, elementType: 'PAGE'};
const releases = await retool.list_source_control_releases(element);
if (!releases.some(r => r.release_version === version)) {
  await retool.create_source_control_release({...element, release_version: version});
}
await retool.replace_source_control_manifest_element({...element, manifestName: 'production', release: version});
const deployment = await retool.deploy_source_control();
if (retool.planning) return `release ${version} of ${app.name}`;
let {status} = deployment;
for (let i = 0; i < 30 && (status === 'PENDING_START' || status === 'RUNNING'); i++) {
  await sleep(100);
  ({status} = await retool.get_source_control_deployment({id: deployment.id}));
}
return status;
