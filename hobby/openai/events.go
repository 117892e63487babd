package openai

import (
	"bufio"
	"bytes"
	"io"
)

// events reads server-sent events and calls yield for each, until yield fails or
// the stream ends. io.EOF from yield ends it without an error. An event that the
// end of the stream cuts short is dropped, as the standard says. A field called
// error, which older llama-servers send, is an event of that name.
func events(r io.Reader, yield func(name string, data []byte) error) error {
	var (
		name string
		data []byte
		some bool
	)
	in := bufio.NewReader(r)
	for {
		line, err := in.ReadBytes('\n') // r is bounded, and so are lines
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			if some {
				if err := yield(name, data); err == io.EOF {
					return nil
				} else if err != nil {
					return err
				}
			}
			name, data, some = "", nil, false
			continue
		}
		field, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		switch string(field) {
		case "event":
			name = string(value)
		case "error":
			name, data, some = "error", value, true
		case "data":
			if some {
				data = append(data, '\n')
			}
			data, some = append(data, value...), true
		}
	}
}
