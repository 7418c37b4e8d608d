package docker

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

const (
	// maxLogLine is where a line is cut: longer ones are data, not text.
	maxLogLine = 64 << 10
	// engineChunk is the size of the pieces that the engine cuts lines into.
	engineChunk = 16 << 10
	// stampSize is the length of "2026-11-24T02:32:10.123456789Z ".
	stampSize = 31
)

// logDecoder takes a container's log stream apart. The engine sends it in one
// of two shapes: frames of eight bytes of header and one line, or part of one,
// each; or, from a container with a terminal, the bare lines. In both, each
// piece begins with its time, since we always ask for it.
type logDecoder struct {
	r       *bufio.Reader
	raw     bool
	sniffed bool
	discard int // bytes of r that the last line still stands in
	left    int // bytes of a frame larger than the buffer still to come
	stream  byte
	partial [3]partialLine // by stream; raw streams use the first
	last    time.Time
	// The time of day of the last line, in bytes and in seconds: lines come in
	// order, so that most of the time only the fraction has to be read.
	second     [19]byte
	secondUnix int64
}

// partialLine is a line of which the end has not come yet.
type partialLine struct {
	at   time.Time
	text []byte
	cut  int // bytes left out
	open bool
}

// decodedLine is one line; text is good until the next call.
type decodedLine struct {
	at     time.Time
	stderr bool
	text   []byte
	cut    int
}

func newLogDecoder(r io.Reader) *logDecoder {
	return &logDecoder{r: bufio.NewReaderSize(r, maxLogLine+stampSize+8)}
}

// buffered says whether another line can probably be had without waiting.
func (d *logDecoder) buffered() bool { return d.r.Buffered()-d.discard >= 8 }

// next returns the next line, or io.EOF after the last.
func (d *logDecoder) next() (decodedLine, error) {
	for {
		if d.discard > 0 {
			_, _ = d.r.Discard(d.discard)
			d.discard = 0
		}
		if !d.sniffed {
			head, err := d.r.Peek(1)
			if err != nil {
				return decodedLine{}, err
			}
			d.sniffed, d.raw = true, head[0] >= '0' // a frame begins with 0 to 3, a time with a digit
		}
		read := d.frame
		if d.raw {
			read = d.bare
		}
		line, ok, err := read()
		if errors.Is(err, io.EOF) {
			return d.rest()
		}
		if ok || err != nil {
			return line, err
		}
	}
}

// rest gives out what has begun and will not end.
func (d *logDecoder) rest() (decodedLine, error) {
	for i := range d.partial {
		if p := &d.partial[i]; p.open {
			p.open = false
			return decodedLine{at: p.at, stderr: i == 2, text: p.text, cut: p.cut}, nil
		}
	}
	return decodedLine{}, io.EOF
}

// frame reads one frame, or as much of it as the buffer holds.
func (d *logDecoder) frame() (decodedLine, bool, error) {
	if d.left > 0 {
		n := min(d.left, d.r.Size())
		payload, err := d.r.Peek(n)
		if err != nil {
			return decodedLine{}, false, unexpected(err)
		}
		d.discard, d.left = n, d.left-n
		return d.piece(payload, time.Time{}, d.left == 0)
	}
	head, err := d.r.Peek(8)
	if err != nil {
		if len(head) > 0 {
			err = unexpected(err)
		}
		return decodedLine{}, false, err
	}
	if head[0] > 3 || head[1]|head[2]|head[3] != 0 {
		return decodedLine{}, false, errors.New("the engine's log stream is damaged")
	}
	d.stream = head[0]
	size := int(binary.BigEndian.Uint32(head[4:]))
	n := min(8+size, d.r.Size())
	buf, err := d.r.Peek(n)
	if err != nil {
		return decodedLine{}, false, unexpected(err)
	}
	d.discard, d.left = n, 8+size-n
	payload := buf[8:]
	if d.stream == 3 {
		return decodedLine{}, false, fmt.Errorf("the engine reports: %s", backend.Clean(string(payload)))
	}
	at, payload := d.stamp(payload)
	return d.piece(payload, at, d.left == 0)
}

// bare reads one line of a terminal's stream, or as much as the buffer holds.
func (d *logDecoder) bare() (decodedLine, bool, error) {
	buf, err := d.r.ReadSlice('\n')
	if err != nil && !errors.Is(err, bufio.ErrBufferFull) && len(buf) == 0 {
		return decodedLine{}, false, err
	}
	var at time.Time
	if !d.partial[0].open {
		at, buf = d.stamp(buf)
	}
	// The pieces of a long line each have their time, also in its middle.
	for i := engineChunk; i+stampSize <= len(buf); i += engineChunk {
		if _, ok := d.parseStamp(buf[i:]); ok {
			buf = append(buf[:i], buf[i+stampSize:]...)
		}
	}
	return d.piece(buf, at, true)
}

// piece adds a part of a line; whole says that no more of the frame follows.
func (d *logDecoder) piece(payload []byte, at time.Time, whole bool) (decodedLine, bool, error) {
	p := &d.partial[min(d.stream, 2)]
	ended := whole && bytes.HasSuffix(payload, []byte("\n"))
	if ended {
		payload = payload[:len(payload)-1]
	}
	if ended && !p.open && len(payload) <= maxLogLine {
		return decodedLine{at: at, stderr: d.stream == 2, text: payload}, true, nil
	}
	if !p.open {
		*p = partialLine{at: at, text: p.text[:0], open: true}
	}
	keep := min(len(payload), maxLogLine-len(p.text))
	p.text = append(p.text, payload[:keep]...)
	p.cut += len(payload) - keep
	if !ended {
		return decodedLine{}, false, nil
	}
	p.open = false
	return decodedLine{at: p.at, stderr: d.stream == 2, text: p.text, cut: p.cut}, true, nil
}

// stamp takes the time off the front. What has none gets its predecessor's.
func (d *logDecoder) stamp(b []byte) (time.Time, []byte) {
	at, ok := d.parseStamp(b)
	if ok {
		d.last = at
		return at, b[stampSize:]
	}
	if i := bytes.IndexByte(b, ' '); i > 0 && i < 40 {
		if at, err := time.Parse(time.RFC3339Nano, string(b[:i])); err == nil {
			d.last = at
			return at, b[i+1:]
		}
	}
	return d.last, b
}

// parseStamp reads the engine's fixed form of a time by hand: the standard
// library's parser costs more than all the rest of a line together.
func (d *logDecoder) parseStamp(b []byte) (time.Time, bool) {
	if len(b) < stampSize || b[4] != '-' || b[10] != 'T' || b[19] != '.' || b[29] != 'Z' || b[30] != ' ' {
		return time.Time{}, false
	}
	nanos, ok := digits(b[20:29])
	if !ok {
		return time.Time{}, false
	}
	if d.secondUnix == 0 || !bytes.Equal(d.second[:], b[:19]) {
		t, err := time.Parse("2006-01-02T15:04:05", string(b[:19]))
		if err != nil {
			return time.Time{}, false
		}
		copy(d.second[:], b[:19])
		d.secondUnix = t.Unix()
	}
	return time.Unix(d.secondUnix, int64(nanos)), true
}

func digits(b []byte) (int, bool) {
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// unexpected tells an end in the middle of something from an end.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
