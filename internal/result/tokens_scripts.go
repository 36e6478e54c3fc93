package result

import "sync"

// Letters that are part of a word like those of ASCII: the Latin ones with
// accents, those of phonetics, and accents that stand by themselves.
const accentedFrom, accentedTo = 0xc0, 0x36f

// scripts has what a letter or sign costs, from a rune on until the next one, in
// twentieths of a token. Where a script is missing in the vocabularies, that is a
// token for each of its bytes.
var scripts = [...]struct {
	from rune
	cost uint8
}{
	{0x80, 25},    // signs of Latin-1
	{0xc0, 30},    // accented Latin
	{0x250, 40},   // phonetic
	{0x300, 24},   // accents by themselves
	{0x370, 20},   // Greek
	{0x400, 12},   // Cyrillic
	{0x450, 30},   // Cyrillic of Ukrainian, Belarusian and Serbian
	{0x460, 42},   // more Cyrillic, Armenian
	{0x590, 42},   // vowels of Hebrew
	{0x5d0, 20},   // Hebrew
	{0x600, 18},   // Arabic
	{0x680, 26},   // Arabic of Persian
	{0x6d0, 42},   // Arabic of Uyghur and Kurdish
	{0x700, 42},   // Syriac and others
	{0x800, 60},   //
	{0x900, 24},   // Devanagari
	{0x980, 32},   // Bengali
	{0xa00, 38},   // Gurmukhi, Gujarati
	{0xb00, 58},   // Odia
	{0xb80, 31},   // Tamil
	{0xc00, 40},   // Telugu, Kannada
	{0xd00, 37},   // Malayalam
	{0xd80, 42},   // Sinhala
	{0xe00, 21},   // Thai
	{0xe80, 54},   // Lao
	{0xf00, 46},   // Tibetan
	{0x1000, 42},  // Burmese, Georgian
	{0x1100, 60},  //
	{0x1780, 36},  // Khmer
	{0x1800, 60},  //
	{0x1e00, 10},  // accented Latin of Vietnamese
	{0x1f00, 60},  //
	{0x2000, 28},  // dashes, quotes and spaces
	{0x2080, 40},  // letter-like signs, arrows, mathematics
	{0x2500, 30},  // lines and shapes
	{0x2600, 50},  // pictures
	{0x27c0, 60},  //
	{0x3000, 19},  // marks of Chinese and Japanese, kana
	{0x3100, 60},  //
	{0x4e00, 32},  // Chinese
	{0xa000, 60},  //
	{0xac00, 24},  // Korean
	{0xd7c0, 60},  //
	{0xfe00, 40},  // variants of a picture
	{0xfe40, 60},  //
	{0xff00, 24},  // full width
	{0xffc0, 40},  // also what is no UTF-8
	{0x10000, 80}, //
	{0x1d000, 60}, // letters of mathematics
	{0x1e000, 80}, //
	{0x1f000, 60}, // emoji
	{0x1fb00, 80}, //
}

// byRune is scripts for looking up, in blocks of 16.
var byRune = sync.OnceValue(func() *[0x20000 >> 4]uint8 {
	var c [0x20000 >> 4]uint8
	at := -1
	for block := range c {
		for at+1 < len(scripts) && scripts[at+1].from>>4 <= rune(block) {
			at++
		}
		if at >= 0 {
			c[block] = scripts[at].cost
		}
	}
	return &c
})

func costOf(r rune) int {
	if block := uint32(r) >> 4; block < uint32(len(byRune())) { //nolint:gosec // a rune is not negative
		return int(byRune()[block])
	}
	return 4 * token
}
