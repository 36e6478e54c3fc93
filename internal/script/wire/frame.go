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
	size, err := ReadSize(r, MaxFrame)
	if err != nil {
		return reply, err
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(r, body); err != nil {
		return reply, fmt.Errorf("message cut: %w", io.ErrUnexpectedEOF)
	}
	head, value, ok := bytes.Cut(body, valueKey)
	if ok {
		head = append(bytes.Clone(head), '}')
		reply.Value = bytes.TrimSuffix(value, []byte("}"))
	}
	err = json.Unmarshal(head, &reply)
	return reply, err
}

func write(w io.Writer, parts ...[]byte) error {
	size := 0
	for _, part := range parts {
		size += len(part)
	}
	if size > MaxFrame {
		return fmt.Errorf("%w: %d bytes", ErrTooLarge, size)
	}
	frame := binary.BigEndian.AppendUint32(nil, uint32(size))
	for _, part := range parts {
		if len(frame)+len(part) > maxCopied { // it is written as it is
			if _, err := w.Write(frame); err != nil {
				return err
			}
			frame = nil
			if len(part) > maxCopied {
				if _, err := w.Write(part); err != nil {
					return err
				}
				continue
			}
		}
		frame = append(frame, part...)
	}
	_, err := w.Write(frame)
	return err
}

// maxCopied is up to how many bytes the parts of a frame are copied together.
const maxCopied = 64 << 10

// Read reads one message. It returns io.EOF at the end between two of them.
func Read(r *bufio.Reader, message any) error {
	body, err := ReadFrame(r, MaxFrame)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, message)
}

// ReadFrame reads the body of one message of at most limit bytes.
func ReadFrame(r io.Reader, limit int) ([]byte, error) {
	size, err := ReadSize(r, limit)
	if err != nil {
		return nil, err
	}
	return ReadBody(r, size)
}

// ReadSize reads how large the next message is, of at most limit bytes.
func ReadSize(r io.Reader, limit int) (int, error) {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return 0, err
	}
	size := int64(binary.BigEndian.Uint32(length[:]))
	if size > int64(limit) {
		return 0, fmt.Errorf("%w: %d bytes", ErrTooLarge, size)
	}
	return int(size), nil
}

// ReadBody reads a message of a size, which alone takes no memory.
func ReadBody(r io.Reader, size int) ([]byte, error) {
	body := make([]byte, min(size, maxCopied))
	_, err := io.ReadFull(r, body)
	if err == nil && size > maxCopied {
		body = append(make([]byte, 0, size), body...)[:size]
		_, err = io.ReadFull(r, body[maxCopied:])
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("message cut: %w", io.ErrUnexpectedEOF)
	}
	return body, err
}
