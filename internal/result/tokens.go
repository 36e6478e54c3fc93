package result

import "unicode/utf8"

// Tokens estimates what a text costs a model, without the megabytes of a
// tokenizer. On JSON, CSV and text of eight scripts as results have it, it is never
// more than 5 % below the encoding o200k_base, and on JSON and CSV mostly within
// 15 % above it. Languages of long Latin words, such as Finnish, are up to 15 %
// below, and letters at random, which no vocabulary has, up to a third.
//
// It counts what begins a token: a word, a change to capitals, three
// digits, a run of marks; and a part of a token for what makes words longer than
// those of a vocabulary. A text never costs less than its beginning, and lines
// that are counted one by one cost at least as much as all together.
func Tokens(text string) int {
	const token = 20
	sum, run, before := 0, 0, 0 // of one kind: how many in a row, and in the row before
	for i, last := 0, byte(newline); i < len(text); i++ {
		kind := kinds[text[i]]
		if kind != last && (kind != small || last != capital) {
			before, run = run, 0
		}
		run++
		afterOneMark := last == mark && run == 1 && before == 1
		switch {
		case kind == other:
			r, size := utf8.DecodeRuneInString(text[i:])
			i += size - 1
			sum += costOfRune(r)
		case kind == digit && run == 1 && last == blank: // which else belongs to the word behind it
			sum += 2 * token
		case kind == digit && afterOneMark:
			sum += token + token/2
		case kind <= digit && run == 1, kind == digit && run%3 == 1, kind == blank && run == 2, kind == newline && run == 1 && last != mark:
			sum += token
		case kind == capital:
			sum += 13
		case kind == small && run > 12: // hardly a word
			sum += 11
		case kind == small && run > 4:
			sum += 3
		case kind == mark, kind == blank && afterOneMark:
			sum += token / 2
		case kind == blank && run == 1 && last == newline:
			sum += 14
		}
		last = kind
	}
	return (sum + token - 1) / token
}

// costs are what a character beyond ASCII costs, in twentieths of a token, up to
// and without the first rune. The scripts that a vocabulary has words of cost less
// than the bytes of their characters, all others as much as those.
var costs = []struct {
	below rune
	cost  int
}{
	{0x180, 20},    // accented Latin letters
	{0x370, 42},    // rare Latin letters, accents that combine
	{0x530, 9},     // Greek, Cyrillic
	{0x590, 20},    // Armenian
	{0x700, 10},    // Hebrew, Arabic
	{0x900, 60},    //
	{0xD80, 10},    // the scripts of India
	{0xE00, 16},    // Sinhala
	{0xE80, 10},    // Thai
	{0x1000, 48},   // Lao, Tibetan
	{0x10A0, 20},   // Burmese
	{0x1100, 10},   // Georgian
	{0x1200, 63},   //
	{0x1380, 44},   // Ethiopic
	{0x1780, 63},   //
	{0x1800, 13},   // Khmer
	{0x1E00, 63},   //
	{0x1F00, 20},   // Vietnamese letters
	{0x2000, 55},   //
	{0x2070, 20},   // dashes, quotes, the ellipsis
	{0x2800, 50},   // symbols
	{0x3000, 60},   //
	{0x3100, 20},   // Japanese syllables
	{0x4E00, 63},   // rare Chinese characters
	{0xA000, 20},   // Chinese characters
	{0xAC00, 60},   //
	{0xD7B0, 20},   // Korean syllables
	{0x10000, 60},  //
	{0x1F000, 84},  //
	{0x20000, 52},  // emoji
	{0x110000, 84}, //
}

func costOfRune(r rune) int {
	for _, c := range costs {
		if r < c.below {
			return c.cost
		}
	}
	return 0
}

// Kinds of bytes. The first three begin a token of their own.
const (
	small = iota
	capital
	digit
	blank
	newline
	mark
	other
)

var kinds = func() (kinds [256]byte) {
	for c := range kinds {
		switch {
		case c >= utf8.RuneSelf:
			kinds[c] = other
		case 'a' <= c && c <= 'z':
			kinds[c] = small
		case 'A' <= c && c <= 'Z':
			kinds[c] = capital
		case '0' <= c && c <= '9':
			kinds[c] = digit
		case c == ' ' || c == '\t':
			kinds[c] = blank
		case c == '\n' || c == '\r':
			kinds[c] = newline
		default:
			kinds[c] = mark
		}
	}
	return kinds
}()
