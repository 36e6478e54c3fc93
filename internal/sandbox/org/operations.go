package org

import "maps"

// Operations is what each operation does, by operationId.
func Operations() map[string]Operation {
	all := map[string]Operation{}
	for _, domain := range []map[string]Operation{
		peopleOperations(),
		objectOperations(),
		resourceOperations(),
		accessOperations(),
		sourceControlOperations(),
		settingsOperations(),
	} {
		maps.Copy(all, domain)
	}
	return all
}
