package org

import "maps"

// Operations is what each operation does, by operationId.
func Operations() map[string]Func {
	all := map[string]Func{}
	for _, domain := range []map[string]Func{
		PeopleOperations(),
		ObjectOperations(),
		ResourceOperations(),
		AccessOperations(),
		SourceControlOperations(),
		SettingsOperations(),
		UsageOperations(),
	} {
		maps.Copy(all, domain)
	}
	return all
}
