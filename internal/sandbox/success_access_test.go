package sandbox_test

func successAccess() map[string]row {
	return map[string]row{}
}
