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
	var body bytes.Buffer
	e := json.NewEncoder(&body)
	e.SetEscapeHTML(false)
	if err := e.Encode(message); err != nil {
		return err
	}
	return write(w, body.Bytes())
}

// WriteReply is Write for a Reply whose Value is valid: it is not checked again.
func WriteReply(w io.Writer, reply Reply) error {
	value := reply.Value
	reply.Value = nil
	body, err := json.Marshal(reply)
	switch {
	case err != nil:
		return err
	case value == nil:
		return write(w, body)
	}
	return write(w, body[:len(body)-1], valueKey, value, []byte(`}`))
}

// valueKey is what no other part of a Reply contains.
var valueKey = []byte(`,"value":`)

// ReadReply reads what WriteReply wrote. It trusts the parent: it takes the memory at
// once, and does not check the Value either.
func ReadReply(r io.Reader) (reply Reply, err error) {
	size, err := readLength(r, MaxFrame)
	if err != nil {
		return reply, err
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(r, body); err != nil {
		return reply, fmt.Errorf("message cut: %w", io.ErrUnexpectedEOF)
	}
	head, value, ok := bytes.Cut(body, valueKey)
	if !ok {
		return reply, json.Unmarshal(body, &reply)
	}
	if err := json.Unmarshal(append(bytes.Clone(head), '}'), &reply); err != nil {
		return reply, err
	}
	reply.Value = bytes.TrimSuffix(value, []byte("}"))
	return reply, nil
}

func write(w io.Writer, parts ...[]byte) error {
	size := 0
	for _, part := range parts {
		size += len(part)
	}
	if size > MaxFrame {
		return fmt.Errorf("%w: %d bytes", ErrTooLarge, size)
	}
	frame := binary.BigEndian.AppendUint32(make([]byte, 0, 4+size), uint32(size)) //nolint:gosec // at most MaxFrame
	for _, part := range parts {
		frame = append(frame, part...)
	}
	_, err := w.Write(frame)
	return err
}

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
	size, err := readLength(r, limit)
	if err != nil {
		return nil, err
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

func readLength(r io.Reader, limit int) (int64, error) {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return 0, err
	}
	size := int64(binary.BigEndian.Uint32(length[:]))
	if size > int64(limit) {
		return 0, fmt.Errorf("%w: %d bytes", ErrTooLarge, size)
	}
	return size, nil
}
