package org

func peopleOperations() map[string]Operation {
	return map[string]Operation{}
}
