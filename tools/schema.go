package tools

// Schema is a JSON Schema (draft 2020-12) of an object, as compact JSON. It is a
// string so that generated catalogs are constant data; in JSON it is the object
// itself.
type Schema string

// MarshalJSON returns the schema.
func (s Schema) MarshalJSON() ([]byte, error) {
	if s == "" {
		return []byte("null"), nil
	}
	return []byte(s), nil
}

// UnmarshalJSON keeps the text of the schema.
func (s *Schema) UnmarshalJSON(data []byte) error {
	*s = Schema(data)
	return nil
}
