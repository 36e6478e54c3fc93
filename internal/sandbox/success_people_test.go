package sandbox_test

func successPeople() map[string]row {
	return map[string]row{}
}
