// Package seed fills an organization with data like a real company's: people
// who left, folders in folders, apps that nobody opens, and names that strain a
// reader. It is what the sandbox shows before the first change.
//
// Everything follows from a seed and a time: the same ones make the same bytes.
// Each part draws from a stream of its own, so that one more workflow does not
// rename the users.
package seed
