package openapi

// Extension is what a document written for agents says about an operation
// beyond OpenAPI. Of documents that are not trusted it is empty: they could
// declare that nothing in their answers is secret.
type Extension struct {
	// Scope is what the access token must allow (x-scope).
	Scope string
	// Plan is the lowest Retool plan that has the operation (x-plan).
	Plan string
	// Since is the first self-hosted release that has it (x-since), "3.123".
	Since string
	// Trap is what an agent must know before it calls (x-trap), in a few words.
	Trap string
	// Undo is what undoes a destructive operation (x-undo), "create_thing makes a new
	// one", or "cannot be undone" and why.
	Undo string
	// Secrets and Untrusted are paths into the answer, such as
	// "data[].values[].value", of fields that hold secrets (x-secrets) and of
	// free text that users wrote (x-untrusted).
	Secrets, Untrusted []string
	// OneTimeSecret is the path of a secret that no other answer shows
	// (x-secret-once).
	OneTimeSecret string
	// IDs says what the ids of a list identify (x-ids), "user".
	IDs string
}

func (r *reader) extension(op *node) Extension {
	if !r.source.Trusted {
		return Extension{}
	}
	return Extension{
		Scope:         op.get("x-scope").str(),
		Plan:          op.get("x-plan").str(),
		Since:         op.get("x-since").literal(), // 3.123 without quotes is a number
		Trap:          op.get("x-trap").str(),
		Undo:          op.get("x-undo").str(),
		Secrets:       op.get("x-secrets").literals(),
		Untrusted:     op.get("x-untrusted").literals(),
		OneTimeSecret: op.get("x-secret-once").str(),
		IDs:           op.get("x-ids").str(),
	}
}
