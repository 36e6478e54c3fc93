// Package engine is the child process that runs one script in QuickJS. A program
// that starts it calls [RunIfChild] before anything else:
//
//	func main() {
//		engine.RunIfChild()
//		...
//	}
//
// and so does TestMain of a package whose tests run scripts.
//
// The child has the functions that package wire's Begin names, asks its parent to
// call them, and hands the answers to the script in the order of the calls, whatever
// the order in which they come. It has no environment, no token, no network, and may
// not open files; its parent enforces every limit as well.
//
//   - child.go: the process; limit_*.go: limits of the operating system
//   - run.go: the loop of a run; vm.go: the virtual machine and the functions
//     that the prelude calls
//   - prelude.js: what a script finds: retool, console, Date, sleep, ...
//   - program.go: how the code becomes a function; hint.go: errors in words
package engine
