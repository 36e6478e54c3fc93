package org

func objectOperations() map[string]Operation {
	return map[string]Operation{}
}
