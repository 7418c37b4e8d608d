package demo

import (
	"strconv"
	"strings"
	"time"
)

// stage is how far a task comes before its fate meets it.
type stage int

const (
	never     stage = iota // it lives until it is stopped
	pending                // it does not start
	running                // it exits by itself
	sick                   // its health check fails
	unreached              // its load balancer finds it unhealthy; without one, it lives
)

// fate is what will become of a task. Texts are those that ECS gives, so that
// the failure table of the deploy screen has something to recognise.
type fate struct {
	stage    stage
	after    time.Duration // once RUNNING
	exit     int
	reason   string // the container's
	stopped  string // the task's stoppedReason
	code     string // the task's stopCode
	lastWord string // what it logs in the end
}

const (
	essential    = "Essential container in task exited"
	failedStart  = "TaskFailedToStart"
	exited       = "EssentialContainerExited"
	cannotPull   = "CannotPullContainerError: "
	initializing = "ResourceInitializationError: "
)

func refuses(reason string) fate {
	return fate{stage: pending, reason: reason, stopped: reason, code: failedStart}
}

func exits(after time.Duration, code int, reason, lastWord string) fate {
	return fate{stage: running, after: after, exit: code, reason: reason, stopped: essential, code: exited, lastWord: lastWord}
}

// fates are the failures on demand, by the word that asks for them.
func fates() map[string]fate {
	return map[string]fate{
		"pullfail":    refuses(cannotPull + "pull image manifest has been retried 1 time(s): failed to resolve ref: not found"),
		"badplatform": refuses(cannotPull + "image Manifest does not contain descriptor matching platform 'linux/amd64'"),
		"badarch":     exits(time.Second, 255, "", "exec /usr/local/bin/app: exec format error"),
		"pulltimeout": refuses(cannotPull + "dial tcp 10.0.0.7:443: i/o timeout"),
		"pulldenied":  refuses(cannotPull + "pull access denied, repository does not exist or may require authorization"),
		"ratelimit":   refuses(cannotPull + "toomanyrequests: You have reached your unauthenticated pull rate limit"),
		"nospace":     refuses(cannotPull + "failed to register layer: write /usr/lib/libc.so: no space left on device"),
		"nosecret":    refuses(initializing + "unable to pull secrets or registry auth: execution resource retrieval failed: AccessDeniedException"),
		"nologs":      refuses(initializing + "failed to validate logger args: create stream has been retried 1 times: the specified log group does not exist"),
		"crash":       exits(1500*time.Millisecond, 1, "", "panic: runtime error: invalid memory address or nil pointer dereference"),
		"oom":         exits(2500*time.Millisecond, 137, "OutOfMemoryError: Container killed due to memory usage", "loading model … 212 MiB"),
		"segfault":    exits(2*time.Second, 139, "", "signal: segmentation fault (core dumped)"),
		"sigterm":     exits(2*time.Second, 143, "", "received SIGTERM, shutting down"),
		"nocommand":   exits(500*time.Millisecond, 127, "", "/bin/sh: 1: serve: not found"),
		"notexec":     exits(500*time.Millisecond, 126, "", "/bin/sh: 1: ./run.sh: Permission denied"),
		"unhealthy":   {stage: sick},
		"badgateway":  {stage: unreached},
		"nomemory":    refuses("RESOURCE:MEMORY: the closest matching container instance has insufficient memory available"),
		"porttaken":   refuses("CannotStartContainerError: failed to bind host port 0.0.0.0:8080: already using a port required by this task"),
		"noeni":       refuses("Timeout waiting for network interface provisioning to complete."),
		"noattribute": refuses("No container instance met all of its requirements: the closest is missing an attribute required by your task"),
		"quota":       refuses("You've reached the limit on the number of tasks you can run concurrently"),
		"cannotstart": refuses("CannotStartContainerError: Error response from daemon: OCI runtime create failed: exec: \"serve\": executable file not found in $PATH"),
		"spot":        {stage: running, after: 20 * time.Second, exit: 143, stopped: "Your Spot Task was interrupted.", code: "SpotInterruption"},
		"job":         exits(8*time.Second, 0, "", "done: 1204 rows, 0 errors"),
	}
}

// foretell reads a task's fate from the words in its definition. "exit N"
// comes first, so that one run can be told how to end.
func foretell(words []string) fate {
	for i, w := range words {
		if w == "exit" && i+1 < len(words) {
			if code, err := strconv.Atoi(words[i+1]); err == nil {
				return exits(time.Second, code, "", "exiting with "+words[i+1])
			}
		}
	}
	known := fates()
	for _, w := range words {
		if f, ok := known[w]; ok {
			return f
		}
	}
	return fate{}
}

// words splits text into lower-case words of letters and digits.
func words(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
}
