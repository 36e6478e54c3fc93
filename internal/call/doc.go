// Package call runs one tool from its arguments to its result: it binds the
// arguments, asks for confirmation, sends the requests, follows lists over their
// pages, records everything in the audit log and renders the response. The
// server and the command line share it, so both return the same results.
//
//	runner := call.NewRunner(catalog, call.Options{Client: client, Log: log})
//	result, err := runner.CallTool(ctx, "get_user", []byte(`{"userId":"user_1"}`))
//
// The caller's token, whether the user can be asked, and where progress is
// reported are values of the context; see packages caller, confirm and progress.
//
// The package must not know how arguments arrive or where results go.
package call
