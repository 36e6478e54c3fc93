package tools

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// maxDigits bounds the digits of a number and its exponent. Checking a number
// takes time that grows with both, far beyond the bytes that it was sent in.
const maxDigits = 400

// isInteger accepts 5, 5.0 and 1e2, as JSON Schema does.
func isInteger(n json.Number) bool {
	_, ok := digits(n)
	return ok
}

// decimal writes a number as text: a whole one without fraction and exponent,
// exactly, and every other one as it was given.
func decimal(n json.Number) string {
	if whole, ok := digits(n); ok {
		return whole
	}
	return n.String()
}

// digits writes a whole number with digits alone.
func digits(n json.Number) (whole string, ok bool) {
	mantissa, exponent, ok := parts(n)
	if !ok {
		return "", false
	}
	sign := ""
	if rest, negative := strings.CutPrefix(mantissa, "-"); negative {
		sign, mantissa = "-", rest
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	all := whole + strings.TrimRight(fraction, "0")
	point := len(whole) + exponent // where the decimal point is in all
	if strings.Trim(all, "0") == "" {
		return "0", true
	}
	if point < len(all) {
		if point < 0 || strings.Trim(all[point:], "0") != "" {
			return "", false
		}
		all = all[:point]
	}
	all += strings.Repeat("0", point-len(all))
	return sign + strings.TrimLeft(all, "0"), true
}

// parts splits a number at its exponent. It fails if the number is out of range.
func parts(n json.Number) (mantissa string, exponent int, ok bool) {
	mantissa = n.String()
	if i := strings.IndexAny(mantissa, "eE"); i >= 0 {
		e, err := strconv.Atoi(mantissa[i+1:])
		if err != nil {
			return "", 0, false
		}
		mantissa, exponent = mantissa[:i], e
	}
	return mantissa, exponent, len(mantissa) <= maxDigits && exponent <= maxDigits && exponent >= -maxDigits
}

// numbersInRange reports whether all numbers in a value can be checked.
func numbersInRange(data any) bool {
	switch data := data.(type) {
	case json.Number:
		_, _, ok := parts(data)
		return ok
	case []any:
		for _, item := range data {
			if !numbersInRange(item) {
				return false
			}
		}
	case map[string]any:
		for _, item := range data {
			if !numbersInRange(item) {
				return false
			}
		}
	}
	return true
}

// plainNumber matches a whole text that is a number and nothing else: "1st Line" is a
// name, and neither 05 nor 5e3 is how an id is written.
var plainNumber = text.Pattern(`^-?(0|[1-9]\d*)(\.\d+)?$`)
