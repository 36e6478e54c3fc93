package text

import (
	"bytes"
	"encoding/binary"
	"errors"
	"unicode/utf16"
)

var (
	markUTF8  = []byte("\ufeff")
	markUTF16 = map[[2]byte]binary.ByteOrder{{0xff, 0xfe}: binary.LittleEndian, {0xfe, 0xff}: binary.BigEndian}
)

// TrimMark drops the byte order mark at the start of UTF-8.
func TrimMark(data []byte) []byte {
	for bytes.HasPrefix(data, markUTF8) { // each program that a text passes may add one
		data = data[len(markUTF8):]
	}
	return data
}

// IsUTF16 reports whether a text of ASCII or with a byte order mark is UTF-16.
func IsUTF16(data []byte) bool {
	if len(data) < 4 {
		return false
	}
	_, marked := markUTF16[[2]byte(data)]
	low, high := data[0] == 0 && data[2] == 0, data[1] == 0 && data[3] == 0
	return marked || low != high
}

// Decode returns a text in UTF-8 without byte order mark. It understands UTF-16
// with one, which Windows writes.
func Decode(data []byte) ([]byte, error) {
	if len(data) < 2 {
		return data, nil
	}
	order := markUTF16[[2]byte(data)]
	if order == nil {
		return TrimMark(data), nil
	}
	if data = data[2:]; len(data)%2 != 0 {
		return nil, errors.New("its byte order mark says UTF-16, and it has an odd number of bytes")
	}
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	return TrimMark([]byte(string(utf16.Decode(units)))), nil
}
