// Package order sorts lists of structs. The functions of package slices are compiled
// for each type, which takes some 25 KB of the program each; these are not.
package order

import "sort"

// By sorts a list stably, as slices.SortStableFunc does.
func By[T any](list []T, compare func(a, b T) int) {
	sort.SliceStable(list, func(i, j int) bool { return compare(list[i], list[j]) < 0 })
}
