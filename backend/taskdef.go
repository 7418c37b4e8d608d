package backend

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Statuses of a task definition's revision, and of a family in
// [TaskDefinitionReader.ListFamilies].
const (
	ActiveDefinition   = "ACTIVE"
	InactiveDefinition = "INACTIVE"
	DeletingDefinition = "DELETE_IN_PROGRESS"
	AnyDefinition      = "ALL" // of families only
)

// TaskDefinition is a registered revision, or one about to be: the document
// and a typed view of the parts that this program works with. Field names and
// units are ECS's (RegisterTaskDefinition in the API reference): memory in
// MiB, cpu in units of 1/1024 core, times in seconds.
type TaskDefinition struct {
	Document     Document  `json:"-"`
	ARN          string    `json:"taskDefinitionArn"`
	Family       string    `json:"family"`
	Revision     int       `json:"revision"`
	Status       string    `json:"status"` // ACTIVE, INACTIVE, DELETE_IN_PROGRESS
	RegisteredAt time.Time `json:"-"`

	NetworkMode      string                `json:"networkMode"` // awsvpc, bridge, host, none; "" is bridge
	CPU              string                `json:"cpu"`
	Memory           string                `json:"memory"`
	ExecutionRoleARN string                `json:"executionRoleArn"`
	TaskRoleARN      string                `json:"taskRoleArn"`
	Requires         []string              `json:"requiresCompatibilities"`
	Containers       []ContainerDefinition `json:"containerDefinitions"`
	Volumes          []Volume              `json:"volumes"`
	Platform         *RuntimePlatform      `json:"runtimePlatform"`
	PIDMode          string                `json:"pidMode"`
	IPCMode          string                `json:"ipcMode"`
}

// Ref is "family:revision".
func (t TaskDefinition) Ref() string { return t.Family + ":" + strconv.Itoa(t.Revision) }

// Container finds a container definition by name.
func (t TaskDefinition) Container(name string) (ContainerDefinition, bool) {
	for _, c := range t.Containers {
		if c.Name == name {
			return c, true
		}
	}
	return ContainerDefinition{}, false
}

// Reserves is what a task of it reserves: CPU in units of 1/1024 core and memory
// in MiB, by its own size, else by what its containers ask for together. 0 is
// where nothing says.
func (t TaskDefinition) Reserves() (cpu, memory int) {
	cpu, _ = ParseCPU(t.CPU)
	memory, _ = ParseMemory(t.Memory)
	fromCPU, fromMemory := 0, 0
	for _, c := range t.Containers {
		fromCPU += c.CPU
		if c.MemoryReservation > 0 {
			fromMemory += c.MemoryReservation
		} else {
			fromMemory += c.Memory
		}
	}
	if cpu == 0 {
		cpu = fromCPU
	}
	if memory == 0 {
		memory = fromMemory
	}
	return cpu, memory
}

// ContainerDefinition is one entry of containerDefinitions.
type ContainerDefinition struct {
	Name              string            `json:"name"`
	Image             string            `json:"image"`
	CPU               int               `json:"cpu"`
	Memory            int               `json:"memory"`
	MemoryReservation int               `json:"memoryReservation"`
	Essential         *bool             `json:"essential"` // nil is true
	EntryPoint        []string          `json:"entryPoint"`
	Command           []string          `json:"command"`
	WorkingDirectory  string            `json:"workingDirectory"`
	User              string            `json:"user"`
	Environment       []KeyValue        `json:"environment"`
	EnvironmentFiles  []EnvironmentFile `json:"environmentFiles"`
	Secrets           []Secret          `json:"secrets"`
	PortMappings      []PortMapping     `json:"portMappings"`
	MountPoints       []MountPoint      `json:"mountPoints"`
	VolumesFrom       []VolumeFrom      `json:"volumesFrom"`
	DependsOn         []Dependency      `json:"dependsOn"`
	HealthCheck       *HealthCheck      `json:"healthCheck"`
	RestartPolicy     *RestartPolicy    `json:"restartPolicy"`
	StartTimeout      int               `json:"startTimeout"`
	StopTimeout       int               `json:"stopTimeout"`
	Ulimits           []Ulimit          `json:"ulimits"`
	Links             []string          `json:"links"`
	Hostname          string            `json:"hostname"`
	ExtraHosts        []ExtraHost       `json:"extraHosts"`
	DNSServers        []string          `json:"dnsServers"`
	DNSSearchDomains  []string          `json:"dnsSearchDomains"`
	Privileged        bool              `json:"privileged"`
	ReadonlyRoot      bool              `json:"readonlyRootFilesystem"`
	Interactive       bool              `json:"interactive"`
	PseudoTerminal    bool              `json:"pseudoTerminal"`
	DockerLabels      map[string]string `json:"dockerLabels"`
	DisableNetworking bool              `json:"disableNetworking"`
	LogConfiguration  *LogConfiguration `json:"logConfiguration"`
	LinuxParameters   *LinuxParameters  `json:"linuxParameters"`
	SystemControls    []SystemControl   `json:"systemControls"`
}

// IsEssential is ECS's default: a container is essential unless it says no.
func (c ContainerDefinition) IsEssential() bool { return c.Essential == nil || *c.Essential }

// The small parts of a container definition, as ECS names them.
type (
	KeyValue        struct{ Name, Value string }
	EnvironmentFile struct{ Value, Type string }
	Secret          struct {
		Name      string `json:"name"`
		ValueFrom string `json:"valueFrom"`
	}
	PortMapping struct {
		Name          string `json:"name"`
		ContainerPort int    `json:"containerPort"`
		HostPort      int    `json:"hostPort"`
		Protocol      string `json:"protocol"`
		Range         string `json:"containerPortRange"` // "8000-8010", instead of containerPort
	}
	MountPoint struct {
		SourceVolume  string `json:"sourceVolume"`
		ContainerPath string `json:"containerPath"`
		ReadOnly      bool   `json:"readOnly"`
	}
	VolumeFrom struct {
		SourceContainer string `json:"sourceContainer"`
		ReadOnly        bool   `json:"readOnly"`
	}
	Dependency struct {
		ContainerName string `json:"containerName"`
		Condition     string `json:"condition"` // START, COMPLETE, SUCCESS, HEALTHY
	}
	HealthCheck struct {
		Command     []string `json:"command"`
		Interval    int      `json:"interval"`    // seconds, 30
		Timeout     int      `json:"timeout"`     // seconds, 5
		Retries     int      `json:"retries"`     // 3
		StartPeriod int      `json:"startPeriod"` // seconds, 0
	}
	RestartPolicy struct {
		Enabled              bool  `json:"enabled"`
		IgnoredExitCodes     []int `json:"ignoredExitCodes"`
		RestartAttemptPeriod int   `json:"restartAttemptPeriod"` // seconds, 300
	}
	Ulimit struct {
		Name      string `json:"name"`
		SoftLimit int64  `json:"softLimit"`
		HardLimit int64  `json:"hardLimit"`
	}
	ExtraHost struct {
		Hostname  string `json:"hostname"`
		IPAddress string `json:"ipAddress"`
	}
	LogConfiguration struct {
		LogDriver string            `json:"logDriver"`
		Options   map[string]string `json:"options"`
	}
	LinuxParameters struct {
		InitProcessEnabled bool           `json:"initProcessEnabled"`
		SharedMemorySize   int            `json:"sharedMemorySize"` // MiB
		MaxSwap            *int           `json:"maxSwap"`          // MiB
		Swappiness         *int           `json:"swappiness"`
		Tmpfs              []Tmpfs        `json:"tmpfs"`
		Capabilities       *KernelCaps    `json:"capabilities"`
		Devices            []DeviceMapper `json:"devices"`
	}
	Tmpfs struct {
		ContainerPath string   `json:"containerPath"`
		Size          int      `json:"size"` // MiB
		MountOptions  []string `json:"mountOptions"`
	}
	KernelCaps struct {
		Add  []string `json:"add"`
		Drop []string `json:"drop"`
	}
	DeviceMapper struct {
		HostPath      string   `json:"hostPath"`
		ContainerPath string   `json:"containerPath"`
		Permissions   []string `json:"permissions"`
	}
	SystemControl struct {
		Namespace string `json:"namespace"`
		Value     string `json:"value"`
	}
	Volume struct {
		Name string `json:"name"`
		Host *struct {
			SourcePath string `json:"sourcePath"`
		} `json:"host"`
		Docker *struct {
			Scope         string            `json:"scope"` // task, shared
			Autoprovision bool              `json:"autoprovision"`
			Driver        string            `json:"driver"`
			DriverOpts    map[string]string `json:"driverOpts"`
			Labels        map[string]string `json:"labels"`
		} `json:"dockerVolumeConfiguration"`
		EFS json.RawMessage `json:"efsVolumeConfiguration"`
		FSx json.RawMessage `json:"fsxWindowsFileServerVolumeConfiguration"`
	}
	RuntimePlatform struct {
		CPUArchitecture string `json:"cpuArchitecture"` // X86_64, ARM64
		OSFamily        string `json:"operatingSystemFamily"`
	}
)

// readOnlyFields are set by ECS on registering; a document that carries them
// (the output of describe, say) is accepted and they are left out.
var readOnlyFields = [...]string{
	"taskDefinitionArn", "revision", "status", "requiresAttributes",
	"compatibilities", "registeredAt", "registeredBy", "deregisteredAt",
}

// ParseTaskDefinition reads a document in RegisterTaskDefinition's shape or in
// DescribeTaskDefinition's (a "taskDefinition" wrapper is taken off). It checks
// form only; rules are checked by [CheckTaskDefinition]. Errors are [*FieldError].
func ParseTaskDefinition(doc Document) (TaskDefinition, error) {
	var wrap struct {
		TaskDefinition json.RawMessage `json:"taskDefinition"`
		Tags           []any           `json:"tags"` // beside it; they belong to the document that is registered
	}
	if err := doc.Decode(&wrap); err != nil {
		return TaskDefinition{}, err
	}
	if len(wrap.TaskDefinition) > 0 {
		doc = Document(wrap.TaskDefinition)
		if len(wrap.Tags) > 0 {
			var err error
			if doc, err = doc.Edit(func(tree map[string]any) { tree["tags"] = wrap.Tags }); err != nil {
				return TaskDefinition{}, err
			}
		}
	}
	var td TaskDefinition
	if err := doc.Decode(&td); err != nil {
		return TaskDefinition{}, err
	}
	if td.Family == "" {
		return TaskDefinition{}, &FieldError{Path: "family", Offset: -1, Err: fmt.Errorf("is missing")}
	}
	if len(td.Containers) == 0 {
		return TaskDefinition{}, &FieldError{Path: "containerDefinitions", Offset: -1, Err: fmt.Errorf("names no container")}
	}
	if err := spelled(doc); err != nil {
		return TaskDefinition{}, err
	}
	td.Document = doc
	return td, nil
}

// spelled refuses the fields that this program edits where they are written in
// another case, as CloudFormation does: Go's decoder would read them, and an
// edit of the document would miss them.
func spelled(doc Document) error {
	tree, err := doc.Tree()
	if err != nil {
		return err
	}
	wrong := func(path string, m map[string]any, fields ...string) error {
		for key := range m {
			for _, f := range fields {
				if key != f && strings.EqualFold(key, f) {
					return &FieldError{Path: path + Clean(key), Offset: -1, Err: fmt.Errorf("is written %s in ECS's documents", f)}
				}
			}
		}
		return nil
	}
	if err := wrong("", tree, "family", "containerDefinitions"); err != nil {
		return err
	}
	defs, _ := tree["containerDefinitions"].([]any)
	for i, d := range defs {
		c, _ := d.(map[string]any)
		if err := wrong(fmt.Sprintf("containerDefinitions[%d].", i), c, "name", "image"); err != nil {
			return err
		}
	}
	return nil
}

// Registrable is the document without the fields that ECS sets by itself.
func (t TaskDefinition) Registrable() (Document, error) {
	return t.Document.Edit(dropReadOnly)
}

func dropReadOnly(tree map[string]any) {
	for _, f := range readOnlyFields {
		delete(tree, f)
	}
}

// Registered is the definition as ECS describes it once it is a revision: for
// backends that keep definitions themselves.
func (t TaskDefinition) Registered(arn string, revision int, at time.Time) (TaskDefinition, error) {
	doc, err := t.Document.Edit(func(tree map[string]any) {
		dropReadOnly(tree)
		tree["taskDefinitionArn"], tree["revision"], tree["status"] = arn, revision, ActiveDefinition
		tree["registeredAt"] = Stamp(at)
	})
	t.ARN, t.Revision, t.Status, t.RegisteredAt, t.Document = arn, revision, ActiveDefinition, at, doc
	return t, err
}

// WithImages returns the definition with the images of the named containers
// replaced; every other field stays.
func (t TaskDefinition) WithImages(images map[string]string) (TaskDefinition, error) {
	doc, err := t.Document.Edit(func(tree map[string]any) {
		defs, _ := tree["containerDefinitions"].([]any)
		for _, d := range defs {
			c, _ := d.(map[string]any)
			if name, _ := c["name"].(string); c != nil && images[name] != "" {
				c["image"] = images[name]
			}
		}
	})
	if err != nil {
		return TaskDefinition{}, err
	}
	return ParseTaskDefinition(doc)
}

// Startable refuses a revision that nothing new may start from: only ACTIVE
// ones may be given to RunTask, CreateService and UpdateService
// ("DeregisterTaskDefinition" in the API reference). Kind Conflict.
func Startable(op string, td TaskDefinition) error {
	if td.Status == ActiveDefinition {
		return nil
	}
	e := Errorf(op, Conflict, td.Ref(), "the task definition is %s", td.Status)
	e.Remedy = "name a revision that is ACTIVE, or register this one again"
	return e
}

// StillActive is the error of deleting a revision that was not deregistered.
func StillActive(op string, td TaskDefinition) error {
	e := Errorf(op, Conflict, td.Ref(), "the task definition is ACTIVE")
	e.Remedy = "deregister it first; what is INACTIVE can be deleted"
	return e
}
