// Package script runs a JavaScript program in which the tools of a catalog are
// functions: the parent's side. The program runs in a child process, the program
// itself under the argument [ChildArgument], without environment, token or network;
// see package engine. Here are its limits, the order of its calls, and what becomes
// of its writes: none in a query, recorded in a plan, made in an apply if they are
// in the plan.
//
//	r := script.NewRunner(script.Options{...})
//	outcome := r.Query(ctx, script.Program{Code: code}, host)
//
// The package must not know MCP, HTTP or Retool: a [Host] calls the tools.
package script
