package org

func resourceOperations() map[string]Operation {
	return map[string]Operation{}
}
