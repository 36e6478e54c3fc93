package secret

// Reference is a reference for tests.
type Reference struct{ Kind, Name, Text string }

// Find returns the references in a text, in order.
func Find(text string) (found []Reference) {
	for _, at := range syntax().FindAllStringSubmatchIndex(text, -1) {
		if ref, ok := referenceAt(text, at); ok {
			found = append(found, Reference{ref.kind, ref.name, ref.String()})
		}
	}
	return found
}
