package wire

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// ErrTooLarge is the error of a frame beyond MaxFrame, of either side.
var ErrTooLarge = errors.New("message too large")

// Write sends one message.
func Write(w io.Writer, message any) error {
	body, err := json.Marshal(message)
	if err != nil {
		return err
	}
	if len(body) > MaxFrame {
		return fmt.Errorf("%w: %d bytes", ErrTooLarge, len(body))
	}
	frame := binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(body)), uint32(len(body))) //nolint:gosec // at most MaxFrame
	_, err = w.Write(append(frame, body...))
	return err
}

// Read reads one message. It returns io.EOF at the end between two of them.
func Read(r *bufio.Reader, message any) error {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return err
	}
	size := binary.BigEndian.Uint32(length[:])
	if size > MaxFrame {
		return fmt.Errorf("%w: %d bytes", ErrTooLarge, size)
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(r, body); err != nil {
		return fmt.Errorf("message cut: %w", err)
	}
	return json.Unmarshal(body, message)
}
