package redact

import (
	"cmp"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// values are secrets that were sent with a call and must not come back. A text that
// repeats them may have quoted or encoded them, folded their white space, dropped
// what is invisible, or written a number in another way.
type values struct {
	finder
	plain []string // those of which folding leaves too little; with very many, a long text is replaced whole
}

// minValue is the length from which a value is removed: a shorter one is any word.
const minValue = 4

// maxPlain is with how many of the plain values a text of any length is searched.
const maxPlain = 16

// minDigits is the length from which a number is also removed from among digits.
const minDigits = 8

// newValues returns the values to remove, nil for none.
func newValues(secrets []string) *values {
	k := &values{finder: finder{marker: Marker(argument), minCut: minValue}}
	var needles []needle
	for _, secret := range secrets {
		for _, form := range spellings(secret) {
			if folded := fold(form); len(folded) >= minValue {
				needles = append(needles, needle{folded, len(form) < minDigits && isNumber(form)})
			} else if len(form) >= minValue {
				k.plain = append(k.plain, form)
			}
		}
		for _, form := range spellingsOfNumber(secret) {
			needles = append(needles, needle{form, true})
		}
	}
	if len(needles)+len(k.plain) == 0 {
		return nil
	}
	k.seek(needles)
	slices.SortFunc(k.plain, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	k.plain = slices.Compact(k.plain)
	return k
}

// remove replaces the values in a text by markers.
func (k *values) remove(s string) string { return k.without(s, false) }

// removeCut is remove for a text that may have been cut: its end may be the
// beginning of a value.
func (k *values) removeCut(s string) string { return k.without(s, true) }

func (k *values) without(s string, cut bool) string {
	if k == nil || len(s) < minValue {
		return s
	}
	if len(k.plain) > maxPlain && len(k.plain)*len(s) > maxPlain<<20 {
		return k.marker
	}
	for _, plain := range k.plain {
		s = strings.ReplaceAll(s, plain, Marker(argument))
	}
	return k.replace(s, cut, inOwnMarker)
}

func isNumber(s string) bool {
	return s != "" && (s[0] == '-' || isDigit(rune(s[0]))) && jsontext.Value(s).IsValid()
}

// maxDigits bounds the numbers that are written out.
const maxDigits = 400

// spellingsOfNumber are the ways in which programs write a number: whole, as the
// nearest float, with an exponent, and with separators between thousands.
func spellingsOfNumber(s string) (all []string) {
	if !isNumber(s) || len(s) > maxDigits {
		return nil
	}
	float, err := strconv.ParseFloat(s, 64)
	if err != nil || float == 0 {
		return nil
	}
	all = append(all, strconv.FormatFloat(float, 'f', -1, 64))
	if exact, ok := new(big.Rat).SetString(s); ok && exact.IsInt() {
		all = append(all, exact.Num().String())
	}
	for _, written := range all {
		whole, _, _ := strings.Cut(strings.TrimPrefix(written, "-"), ".")
		for _, separator := range []string{",", ".", "_"} {
			all = append(all, grouped(whole, separator))
		}
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(float, 'e', -1, 64), "e") // such as 4.8 and +09
	power := exponent[:1] + strings.TrimLeft(exponent[1:], "0")
	for _, e := range []string{"e", "E"} {
		all = append(all, mantissa+e+exponent, mantissa+e+power, mantissa+e+strings.TrimPrefix(power, "+"))
	}
	return slices.DeleteFunc(all, func(form string) bool { return len(form) < minValue })
}

// grouped puts separators between the thousands of a number.
func grouped(digits, separator string) string {
	first := (len(digits)-1)%3 + 1
	groups := []string{digits[:first]}
	for rest := digits[first:]; rest != ""; rest = rest[3:] {
		groups = append(groups, rest[:3])
	}
	return strings.Join(groups, separator)
}
