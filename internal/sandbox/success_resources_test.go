package sandbox_test

func successResources() map[string]row {
	return map[string]row{}
}
