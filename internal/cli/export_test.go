package cli

// Variables are those of all settings, RETOOL_SCHEME aside.
func Variables() (names []string) {
	for _, row := range table() {
		names = append(names, row.env())
		if row.name != "url" {
			names = append(names, row.aliases...)
		}
	}
	return names
}
