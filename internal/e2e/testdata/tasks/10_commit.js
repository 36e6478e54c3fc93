const [test, deployments] = await Promise.all([
  retool.test_source_control_deploy({deploy_params: {commit_sha: 'abc123'}}), retool.list_source_control_deployments(),
]);
const failed = await Promise.all(deployments.filter(d => d.status !== 'SUCCESS').map(d => retool.get_source_control_deployment({id: d.id})));
return {
  commit: [{success: test.success, message: test.message}],
  failed: failed.map(d => ({id: d.id, status: d.status, commit: d.commit_sha, at: d.created_at})),
};
