package org

func settingsOperations() map[string]Operation {
	return map[string]Operation{}
}
