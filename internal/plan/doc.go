// Package plan is what a script would write: the writes one by one, with
// placeholders where they need the answers of earlier ones, the id under which
// they can be applied, and how they read to a person.
//
// A script that is planned runs with real reads. Each write becomes a [Step] and
// answers with a placeholder, create_group#1, whose fields are placeholders too.
// When the plan is applied the script runs again, and each write must be the next
// step of its operation that has not been made, with real values in the place of the
// placeholders. What is not in the plan is not sent.
//
// The package is pure. It must not know scripts, HTTP, MCP, files or the clock.
package plan
