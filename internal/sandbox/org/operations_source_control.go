package org

func sourceControlOperations() map[string]Operation {
	return map[string]Operation{}
}
