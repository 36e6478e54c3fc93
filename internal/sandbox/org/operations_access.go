package org

func accessOperations() map[string]Operation {
	return map[string]Operation{}
}
