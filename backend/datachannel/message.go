package datachannel

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
)

// The types of messages.
const (
	inputStream   = "input_stream_data"  // from the client
	outputStream  = "output_stream_data" // from the agent
	acknowledge   = "acknowledge"
	channelClosed = "channel_closed"
)

// kind is what the payload of a stream's message is.
type kind uint32

const (
	kindOutput            kind = 1 // bytes of the terminal, in both directions
	kindSize              kind = 3
	kindHandshakeRequest  kind = 5
	kindHandshakeResponse kind = 6
	kindHandshakeComplete kind = 7
	kindChallengeRequest  kind = 8
	kindChallengeResponse kind = 9
	kindFlag              kind = 10
	kindStderr            kind = 11
	kindExitCode          kind = 12
	flagTerminate              = 2 // payload of kindFlag: end the session
	synFin                     = 3 // flags of a message that is alone in its stream
	schemaVersion              = 1
	longestMessage             = 1 << 20
	offType                    = 4
	offVersion                 = offType + 32
	offCreated                 = offVersion + 4
	offSequence                = offCreated + 8
	offFlags                   = offSequence + 8
	offID                      = offFlags + 8
	offDigest                  = offID + 16
	offKind                    = offDigest + sha256.Size
	offLength                  = offKind + 4
	headerLength               = offLength // does not count the length itself
	offPayload                 = offLength + 4
)

// message is one message on the wire: a header of fixed length, in big-endian
// order, and a payload.
//
//	length 4 | type 32 | version 4 | created 8 | sequence 8 | flags 8 | id 16 |
//	sha256 32 | kind 4 | payload length 4 | payload
type message struct {
	typ      string
	created  time.Time
	sequence int64
	flags    uint64
	id       [16]byte
	kind     kind
	payload  []byte
}

func newMessage(typ string, sequence int64, flags uint64, k kind, payload []byte) message {
	m := message{typ: typ, created: time.Now(), sequence: sequence, flags: flags, kind: k, payload: payload}
	_, _ = rand.Read(m.id[:]) // never fails
	m.id[6], m.id[8] = m.id[6]&0x0f|0x40, m.id[8]&0x3f|0x80
	return m
}

// uuid is the id of a message as text.
func (m message) uuid() string { return uuidText(m.id) }

func uuidText(b [16]byte) string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func (m message) encode() []byte {
	out := make([]byte, offPayload, offPayload+len(m.payload))
	binary.BigEndian.PutUint32(out, headerLength)
	copy(out[offType:offVersion], m.typ+strings.Repeat(" ", offVersion-offType-len(m.typ)))
	binary.BigEndian.PutUint32(out[offVersion:], schemaVersion)
	binary.BigEndian.PutUint64(out[offCreated:], uint64(m.created.UnixMilli()))
	binary.BigEndian.PutUint64(out[offSequence:], uint64(m.sequence))
	binary.BigEndian.PutUint64(out[offFlags:], m.flags)
	// The halves of the id are the wrong way round on the wire.
	copy(out[offID:], m.id[8:])
	copy(out[offID+8:], m.id[:8])
	sum := sha256.Sum256(m.payload)
	copy(out[offDigest:], sum[:])
	binary.BigEndian.PutUint32(out[offKind:], uint32(m.kind))
	binary.BigEndian.PutUint32(out[offLength:], uint32(len(m.payload)))
	return append(out, m.payload...)
}

var (
	errShort  = errors.New("the message is shorter than its header")
	errLength = errors.New("the lengths in the message are wrong")
	errDigest = errors.New("the message does not have the digest that it says")
)

// decode reads a message. Headers may be longer than this version's.
func decode(raw []byte) (message, error) {
	if len(raw) < offPayload {
		return message{}, errShort
	}
	header := uint64(binary.BigEndian.Uint32(raw))
	if header < headerLength || header+4 > uint64(len(raw)) {
		return message{}, errLength
	}
	m := message{
		typ:      strings.Trim(string(raw[offType:offVersion]), " \x00"),
		created:  time.UnixMilli(int64(binary.BigEndian.Uint64(raw[offCreated:]))),
		sequence: int64(binary.BigEndian.Uint64(raw[offSequence:])),
		flags:    binary.BigEndian.Uint64(raw[offFlags:]),
		kind:     kind(binary.BigEndian.Uint32(raw[offKind:])),
		payload:  raw[header+4:],
	}
	copy(m.id[8:], raw[offID:])
	copy(m.id[:8], raw[offID+8:])
	if uint64(binary.BigEndian.Uint32(raw[header:])) != uint64(len(m.payload)) {
		return message{}, errLength
	}
	sum := sha256.Sum256(m.payload)
	if len(m.payload) > 0 && !bytes.Equal(sum[:], raw[offDigest:offKind]) {
		return message{}, errDigest
	}
	return m, nil
}
