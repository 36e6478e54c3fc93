package sandbox_test

func successSettings() map[string]row {
	return map[string]row{}
}
