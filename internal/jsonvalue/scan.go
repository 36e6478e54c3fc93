package jsonvalue

// Size counts what a JSON text becomes when it is decoded, so that what is too
// large is refused before. It is an io.Writer for the text, in parts of any length,
// and allocates nothing. Text that is not JSON counts at least as much as the JSON
// that it begins with.
type Size struct {
	Bytes   int64
	Values  int64 // texts, numbers, literals, lists and objects; not names
	Objects int64 // among the values
	Members int64 // of objects
	Depth   int   // of the deepest value within others

	open int
	last token
}

// token is what a Size has seen last.
type token byte

const (
	mark      token = iota // a bracket, a comma, a colon, or nothing yet
	scalar                 // part of a number or a literal
	gap                    // white space after a scalar
	inText                 // part of a text
	inEscape               // the backslash of an escape
	textEnded              // a whole text, which may be a name
)

// SizeOf returns the size of a whole text.
func SizeOf(text []byte) Size {
	var s Size
	_, _ = s.Write(text) // never fails
	return s
}

// Write never fails.
func (s *Size) Write(text []byte) (int, error) {
	s.Bytes += int64(len(text))
	last := s.last
	for _, c := range text {
		switch {
		case last == inText:
			switch c {
			case '"':
				last = textEnded
			case '\\':
				last = inEscape
			}
		case last == inEscape:
			last = inText
		case c == '"':
			s.Values++
			last = inText
		case c == ':' && last == textEnded:
			s.Values--
			s.Members++
			last = mark
		case c == '{' || c == '[':
			s.Values++
			if c == '{' {
				s.Objects++
			}
			s.open++
			s.Depth = max(s.Depth, s.open)
			last = mark
		case c == '}' || c == ']':
			s.open--
			last = mark
		case c == ',' || c == ':':
			last = mark
		case c == ' ' || c == '\n' || c == '\r' || c == '\t':
			if last == scalar {
				last = gap
			}
		case last != scalar:
			s.Values++
			last = scalar
		}
	}
	s.last = last
	return len(text), nil
}
