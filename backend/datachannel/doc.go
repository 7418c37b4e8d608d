// Package datachannel speaks the protocol by which ECS Exec reaches into a
// container: the data channel of AWS Systems Manager's sessions, a websocket
// that carries a terminal.
//
// You are between aws, which attaches a terminal to a session that
// ExecuteCommand has opened ([Client]), and ecsapi, which stands where the
// agent in the container stands ([Accept], [Agent]). Neither knows the other;
// what they have in common is here: how a message is written down (message.go),
// how messages stay in order and none is lost (channel.go), and what is agreed
// on before the terminal begins (handshake.go). This package knows no SDK and
// touches no terminal of its own: streams are handed in.
//
// The protocol is the one of amazon-ssm-agent and session-manager-plugin, which
// are public. Three things are worth knowing:
//
//   - The side that can't take a message does not acknowledge it, and the other
//     side sends it again. An agent whose shell is not there yet does so.
//   - A connection that breaks is not the end: both sides keep what was not
//     acknowledged, and go on over a new one, for which Systems Manager gives
//     another token (resume.go).
//   - ECS Exec tells no exit code. Agents of this package offer it in the
//     handshake, under a name of their own, to clients that know it.
package datachannel
