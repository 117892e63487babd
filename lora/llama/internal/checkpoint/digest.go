package checkpoint

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// digest hashes the names, the lengths and the bytes of a model's content.
func digest(ctx context.Context, m model) (string, error) {
	const piece = 4 << 20
	h := sha256.New()
	err := m.content(func(name string, data []byte) error {
		h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(name))))
		h.Write([]byte(name))
		h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(data))))
		for len(data) > 0 {
			if err := ctx.Err(); err != nil {
				return context.Cause(ctx)
			}
			n := min(piece, len(data))
			h.Write(data[:n])
			m.release(data[:n])
			data = data[n:]
		}
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("hashing: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
