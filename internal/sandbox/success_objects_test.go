package sandbox_test

func successObjects() map[string]row {
	return map[string]row{}
}
