package datachannel

import (
	"encoding/json"
	"time"
)

// opening is the first thing on a channel, as text: it shows the token that
// ExecuteCommand gave.
type opening struct {
	MessageSchemaVersion string
	RequestID            string `json:"RequestId"`
	TokenValue           string
	ClientID             string `json:"ClientId"`
	ClientVersion        string
}

// clientVersion is the version of the protocol that this client speaks, in the
// numbers of session-manager-plugin: agents look at it.
const clientVersion = "1.2.707.0"

// acknowledgement is the payload of an acknowledge.
type acknowledgement struct {
	Type         string `json:"AcknowledgedMessageType"`
	ID           string `json:"AcknowledgedMessageId"`
	Sequence     int64  `json:"AcknowledgedMessageSequenceNumber"`
	IsSequential bool   `json:"IsSequentialMessage"`
}

// closed is the payload of a channel_closed. Output says what went wrong, if
// anything did.
type closed struct {
	MessageType   string
	MessageID     string `json:"MessageId"`
	DestinationID string `json:"DestinationId"`
	SessionID     string `json:"SessionId"`
	SchemaVersion int
	CreatedDate   string
	Output        string
}

// The actions that an agent asks for in the handshake.
const (
	actionSession  = "SessionType"
	actionEncrypt  = "KMSEncryption"
	actionExitCode = "ExitCode" // of this package: the client knows kindExitCode
)

// The outcomes of an action.
const (
	actionDone        = 1
	actionFailed      = 2
	actionUnsupported = 3
)

type handshakeRequest struct {
	AgentVersion string
	Actions      []requestedAction `json:"RequestedClientActions"`
}

type requestedAction struct {
	Type       string          `json:"ActionType"`
	Parameters json.RawMessage `json:"ActionParameters"`
}

type handshakeResponse struct {
	ClientVersion string
	Actions       []processedAction `json:"ProcessedClientActions"`
	Errors        []string
}

type processedAction struct {
	Type   string          `json:"ActionType"`
	Status int             `json:"ActionStatus"`
	Result json.RawMessage `json:"ActionResult"`
	Error  string
}

type handshakeComplete struct {
	Took    time.Duration `json:"HandshakeTimeToComplete"`
	Message string        `json:"CustomerMessage"`
}

// sessionType is the parameter of actionSession.
type sessionType struct {
	SessionType string
	Properties  any
}

// encryption is the parameter of actionEncrypt, and encrypted its result.
type (
	encryption struct {
		KeyID string `json:"KMSKeyId"`
	}
	encrypted struct {
		Key []byte `json:"KMSCipherTextKey"`
	}
	challenge struct{ Challenge []byte }
)

// terminalSize is the payload of kindSize.
type terminalSize struct {
	Cols uint32 `json:"cols"`
	Rows uint32 `json:"rows"`
}

// mustJSON writes a value that always can be written.
func mustJSON(v any) []byte {
	out, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return out
}
