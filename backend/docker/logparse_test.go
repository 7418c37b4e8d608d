package docker

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// frameOf is a frame as the engine sends it.
func frameOf(stream byte, payload string) string {
	head := make([]byte, 8)
	head[0] = stream
	binary.BigEndian.PutUint32(head[4:], uint32(len(payload)))
	return string(head) + payload
}

func decodeAll(t testing.TB, r io.Reader) ([]decodedLine, error) {
	t.Helper()
	d := newLogDecoder(r)
	var out []decodedLine
	for {
		l, err := d.next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		l.text = bytes.Clone(l.text)
		out = append(out, l)
	}
}

const (
	stamp1 = "2026-11-24T02:32:10.123456789Z "
	stamp2 = "2026-11-24T02:32:11.000000001Z "
)

func TestLogDecoder(t *testing.T) {
	long := strings.Repeat("z", 3*maxLogLine)
	stream := frameOf(1, stamp1+"plain\n") +
		frameOf(1, stamp1+"first half ") + frameOf(2, stamp2+"error\n") + frameOf(1, stamp2+"second half\n") + // streams mixed
		frameOf(1, stamp2+long+"\n") + // larger than the buffer
		frameOf(1, "2026-11-24T03:32:12.5+01:00 other zone\n") +
		frameOf(1, "no time\n") + frameOf(1, stamp2+"\n") + frameOf(2, stamp2+"unfinished")
	for name, r := range map[string]io.Reader{"at once": strings.NewReader(stream), "byte by byte": iotest.OneByteReader(strings.NewReader(stream))} {
		lines, err := decodeAll(t, r)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want := []string{"plain", "error", "first half second half", long[:maxLogLine-stampSize], "other zone", "no time", "", "unfinished"}
		if len(lines) != len(want) {
			t.Fatalf("%s: %d lines", name, len(lines))
		}
		for i, w := range want {
			if got := string(lines[i].text); i != 3 && got != w {
				t.Errorf("%s: line %d is %q, want %q", name, i, got, w)
			}
		}
		if l := lines[3]; len(l.text) != maxLogLine || l.cut != 2*maxLogLine {
			t.Errorf("%s: the long line has %d bytes, %d cut", name, len(l.text), l.cut)
		}
		if !lines[1].stderr || !lines[7].stderr || lines[0].stderr || lines[2].stderr {
			t.Errorf("%s: stderr is mixed up", name)
		}
		at := time.Date(2026, 11, 24, 2, 32, 10, 123456789, time.UTC)
		if !lines[0].at.Equal(at) || !lines[2].at.Equal(at) || !lines[4].at.Equal(at.Truncate(time.Second).Add(2500*time.Millisecond)) || !lines[5].at.Equal(lines[4].at) {
			t.Errorf("%s: times %v %v %v %v", name, lines[0].at, lines[2].at, lines[4].at, lines[5].at)
		}
	}
}

func TestLogDecoderBroken(t *testing.T) {
	for name, stream := range map[string]string{
		"half a header":   frameOf(1, stamp1+"x\n") + "\x01\x00\x00",
		"half a frame":    frameOf(1, stamp1+"x\n")[:20],
		"damaged":         frameOf(1, stamp1+"x\n") + "\x01garbage.........",
		"engine's report": frameOf(3, "disk \x1b[2Jon fire"),
	} {
		_, err := decodeAll(t, strings.NewReader(stream))
		if err == nil || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// FuzzLogDecoder: no stream makes the decoder panic, hang or give out more
// than a line may have.
func FuzzLogDecoder(f *testing.F) {
	f.Add([]byte(frameOf(1, stamp1+"plain\n") + frameOf(2, stamp2+"half") + frameOf(2, stamp2+"\n")))
	f.Add([]byte(stamp1 + "terminal\r\n" + stamp2 + "no end"))
	f.Add([]byte(stamp1 + strings.Repeat("a", engineChunk) + stamp2 + "b\n"))
	f.Add([]byte{1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, data []byte) {
		d := newLogDecoder(bytes.NewReader(data))
		total := 0
		for range len(data) + 4 {
			l, err := d.next()
			if err != nil {
				if total > len(data) {
					t.Errorf("%d bytes of text from %d", total, len(data))
				}
				return
			}
			if len(l.text) > maxLogLine {
				t.Fatalf("a line of %d bytes", len(l.text))
			}
			total += len(l.text)
		}
		t.Fatal("more lines than bytes")
	})
}

func BenchmarkLogDecoder(b *testing.B) {
	line := frameOf(1, stamp1+"GET /cart 500 41ms user=1234567890 trace=abcdefabcdef\n")
	data := []byte(strings.Repeat(line, 1000))
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		d := newLogDecoder(bytes.NewReader(data))
		for {
			if _, err := d.next(); err != nil {
				break
			}
		}
	}
}
