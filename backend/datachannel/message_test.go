package datachannel

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"
)

// The header stands as amazon-ssm-agent documents it (agent/session/contracts).
func TestEncode(t *testing.T) {
	m := message{
		typ: inputStream, created: time.UnixMilli(0x0102030405), sequence: 7, flags: 1, kind: kindSize, payload: []byte(`{}`),
		id: [16]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
	}
	sum := sha256.Sum256([]byte(`{}`))
	want := "00000074" + hex.EncodeToString([]byte("input_stream_data               ")) + "00000001" + "0000000102030405" +
		"0000000000000007" + "0000000000000001" + "08090a0b0c0d0e0f0001020304050607" + hex.EncodeToString(sum[:]) + "00000003" + "00000002" + "7b7d"
	if got := hex.EncodeToString(m.encode()); got != want {
		t.Errorf("encoded\n%s, want\n%s", got, want)
	}
	back, err := decode(m.encode())
	if err != nil || back.typ != m.typ || back.id != m.id || back.sequence != 7 || back.kind != kindSize || string(back.payload) != "{}" || !back.created.Equal(m.created) {
		t.Errorf("decoded %+v, %v", back, err)
	}
	if got := back.uuid(); got != "00010203-0405-0607-0809-0a0b0c0d0e0f" {
		t.Errorf("the id reads %s", got)
	}
}

func TestDecodeRefuses(t *testing.T) {
	whole := newMessage(outputStream, 1, 0, kindOutput, []byte("hello")).encode()
	change := func(at int, b byte) []byte {
		raw := bytes.Clone(whole)
		raw[at] ^= b
		return raw
	}
	for name, c := range map[string]struct {
		raw  []byte
		want error
	}{
		"nothing":             {nil, errShort},
		"half a header":       {whole[:60], errShort},
		"a header too long":   {change(0, 0x7f), errLength},
		"a header too short":  {change(3, 0x40), errLength},
		"half a payload":      {whole[:len(whole)-1], errLength},
		"more than it says":   {append(bytes.Clone(whole), 'x'), errLength},
		"a payload that lies": {change(len(whole)-1, 1), errDigest},
	} {
		if _, err := decode(c.raw); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(newMessage(outputStream, 1, 0, kindOutput, []byte("hello")).encode())
	f.Add([]byte(strings.Repeat("\x00", 120)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := decode(raw)
		if err != nil || len(m.typ) > 32 {
			return
		}
		again, err := decode(m.encode())
		if err != nil || again.sequence != m.sequence || !bytes.Equal(again.payload, m.payload) {
			t.Errorf("%+v became %+v, %v", m, again, err)
		}
	})
}
