package ecsapi

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"
)

// cborProtocol is Smithy RPC v2 with CBOR, which CloudWatch's clients use.
type cborProtocol struct{}

func (cborProtocol) decode(c *call, body []byte) error {
	c.body = []byte("{}")
	if len(body) == 0 {
		return nil
	}
	v, err := cbor.Decode(body)
	if err != nil {
		return failf(http.StatusBadRequest, "SerializationException", "%v", err)
	}
	m, ok := v.(cbor.Map)
	if !ok {
		return failf(http.StatusBadRequest, "SerializationException", "the input is no map")
	}
	c.body, err = json.Marshal(fromCBOR(m))
	return err
}

// fromCBOR gives a value as the JSON protocols would have it.
func fromCBOR(v cbor.Value) any {
	switch v := v.(type) {
	case cbor.Map:
		out := obj{}
		for k, item := range v {
			out[k] = fromCBOR(item)
		}
		return out
	case cbor.List:
		out := make([]any, 0, len(v))
		for _, item := range v {
			out = append(out, fromCBOR(item))
		}
		return out
	case cbor.String:
		return string(v)
	case cbor.Slice:
		return base64.StdEncoding.EncodeToString(v)
	case cbor.Bool:
		return bool(v)
	case cbor.Uint:
		return uint64(v)
	case cbor.NegInt:
		return -int64(v) //nolint:gosec // what does not fit is nonsense anyway
	case cbor.Float32:
		return float64(v)
	case cbor.Float64:
		return float64(v)
	case *cbor.Tag: // 1 is seconds since 1970
		return fromCBOR(v.Value)
	default:
		return nil
	}
}

func (cborProtocol) answer(w http.ResponseWriter, _ *call, out any) {
	writeCBOR(w, http.StatusOK, out)
}

func (cborProtocol) fail(w http.ResponseWriter, e *apiError) {
	writeCBOR(w, e.status, obj{"__type": e.code, "message": e.message})
}

func writeCBOR(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
	writeBody(w, status, "application/cbor", cbor.Encode(toCBOR(v)))
}

func toCBOR(v any) cbor.Value {
	switch v := v.(type) {
	case obj:
		out := cbor.Map{}
		for k, item := range v {
			out[k] = toCBOR(item)
		}
		return out
	case []any:
		out := make(cbor.List, 0, len(v))
		for _, item := range v {
			out = append(out, toCBOR(item))
		}
		return out
	case string:
		return cbor.String(v)
	case bool:
		return cbor.Bool(v)
	case int:
		if v < 0 {
			return cbor.NegInt(uint64(-v)) //nolint:gosec // it is positive now
		}
		return cbor.Uint(uint64(v)) //nolint:gosec // it is not negative
	case float64:
		return cbor.Float64(v)
	case stamp:
		return &cbor.Tag{ID: 1, Value: cbor.Float64(v.seconds())}
	case time.Time:
		return toCBOR(stamp(v))
	default:
		return cbor.String(fmt.Sprint(v))
	}
}
