package backend

// VerifyRequest is what a deployment is about to use.
type VerifyRequest struct {
	Cluster        string
	TaskDefinition TaskDefinition
	Service        *ServiceSpec // nil for a task of its own
	Repositories   []string     // that images are about to be pushed to
	Built          []string     // containers whose images are built first, and need not be there yet
}

// Severity orders findings.
type Severity int

// The severities, from "good to know" to "this cannot work".
const (
	Note Severity = iota
	Warning
	Problem // stops a deploy before anything is touched
)

func (s Severity) String() string { return [...]string{"note", "warning", "problem"}[s] }

// Finding is one thing that is wrong, or that this backend does differently.
type Finding struct {
	Severity Severity
	Path     string // field, e.g. "containerDefinitions[0].healthCheck"; "" for the whole
	Message  string
	Remedy   string
}
