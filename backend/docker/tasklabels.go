package docker

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/scheduler"
)

// Labels from which everything can be made again when the state file is lost.
const (
	// labelState tells whose containers these are, where several state files
	// (of several users, or of tests) meet on one engine.
	labelState = "com.ecs-tui.state"
	// labelStartedBy is the deployment, or who ran the task.
	labelStartedBy = "com.ecs-tui.started-by"
	// labelMemory is on a task's first container: a [memory].
	labelMemory = "com.ecs-tui.memory"
	// labelSum is a checksum of a shared volume's or network's owner.
	maxMemory = 1 << 20
)

// memory is what a task carries with it, so that it and its service can be
// adopted after the state file was lost. It holds no values of secrets, and none
// of overridden variables.
type memory struct {
	Definition backend.Document            `json:"definition"`
	Origin     origin                      `json:"origin"`
	CreatedAt  int64                       `json:"createdAt"` // unix milliseconds
	Overrides  []backend.ContainerOverride `json:"overrides,omitempty"`
	Spec       *backend.ServiceSpec        `json:"spec,omitempty"`
	Timing     string                      `json:"timing,omitempty"`
}

// stateName is a short name of a state folder.
func stateName(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	sum := sha256.Sum256([]byte(dir))
	return hex.EncodeToString(sum[:6])
}

// pack writes a memory as a label.
func (m memory) pack() (string, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if err := json.NewEncoder(z).Encode(m); err != nil {
		return "", err
	}
	if err := z.Close(); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(b.Bytes()), nil
}

func unpackMemory(label string) (memory, error) {
	var m memory
	raw, err := base64.RawURLEncoding.DecodeString(label)
	if err != nil {
		return m, err
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return m, err
	}
	return m, json.NewDecoder(io.LimitReader(z, maxMemory)).Decode(&m)
}

// labels are those of every container of a task.
func (p *taskPlan) labels(container string) map[string]string {
	v := p.row.View
	out := map[string]string{
		LabelTaskARN: v.ARN, LabelContainerName: container, LabelFamily: p.td.Family,
		LabelRevision: strconv.Itoa(p.td.Revision), LabelCluster: v.Cluster,
		labelState: p.state, labelStartedBy: v.StartedBy,
	}
	if v.Service != "" {
		out[LabelService] = v.Service
	}
	return out
}

// reserved says that a label is for the agent only: it would take a container for
// what it is not.
func reserved(label string) bool {
	return strings.HasPrefix(label, "com.amazonaws.ecs.") || strings.HasPrefix(label, "com.ecs-tui.")
}

// remember adds what the task's first container carries.
func (p *taskPlan) remember(labels map[string]string) error {
	m := memory{Definition: p.td.Document, Origin: p.origin, CreatedAt: p.row.View.CreatedAt.UnixMilli(), Overrides: valueless(p.row.Overrides), Timing: p.timing}
	if p.rec != nil {
		spec := p.rec.Spec
		spec.Desired = p.rec.Desired
		m.Spec = &spec
	}
	packed, err := m.pack()
	if err != nil {
		return err
	}
	labels[labelMemory] = packed
	return nil
}

// timingOf is the scheduler's timing by its name in the app file.
func timingOf(name string) scheduler.Timing {
	if name == "ecs" {
		return scheduler.ECSTiming()
	}
	return scheduler.LocalTiming()
}
