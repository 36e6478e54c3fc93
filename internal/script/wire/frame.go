package wire

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// ErrTooLarge is the error of a frame beyond a limit, of either side.
var ErrTooLarge = errors.New("message too large")

// Write sends one message.
func Write(w io.Writer, message any) error {
	var frame bytes.Buffer
	frame.Write(make([]byte, lengthSize))
	e := json.NewEncoder(&frame)
	e.SetEscapeHTML(false)
	if err := e.Encode(message); err != nil {
		return err
	}
	body := frame.Len() - lengthSize
	if body > MaxFrame {
		return fmt.Errorf("%w: %d bytes", ErrTooLarge, body)
	}
	binary.BigEndian.PutUint32(frame.Bytes(), uint32(body)) //nolint:gosec // at most MaxFrame
	_, err := w.Write(frame.Bytes())
	return err
}

const lengthSize = 4 // bytes

// Read reads one message. It returns io.EOF at the end between two of them.
func Read(r *bufio.Reader, message any) error {
	body, err := ReadFrame(r, MaxFrame)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, message)
}

// ReadFrame reads the body of one message of at most limit bytes. Memory is taken as
// the body arrives: a length alone takes none.
func ReadFrame(r io.Reader, limit int) ([]byte, error) {
	var length [lengthSize]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, err
	}
	size := int64(binary.BigEndian.Uint32(length[:]))
	if size > int64(limit) {
		return nil, fmt.Errorf("%w: %d bytes", ErrTooLarge, size)
	}
	var body bytes.Buffer
	switch _, err := io.CopyN(&body, r, size); {
	case errors.Is(err, io.EOF):
		return nil, fmt.Errorf("message cut: %w", io.ErrUnexpectedEOF)
	case err != nil:
		return nil, err
	}
	return body.Bytes(), nil
}
