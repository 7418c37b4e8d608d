package backend

import "time"

// LogQuery asks for the log lines of a service's tasks, or of single tasks.
type LogQuery struct {
	Cluster   string
	Service   string   // all its tasks, also those that start later
	Tasks     []string // ARNs; used when Service is empty
	Container string   // "" for all containers of the task
	Since     time.Time
	Tail      int // at most so many lines from before now, for each container; 0 for all
	Follow    bool
}

// LogLine is one line that a container wrote.
type LogLine struct {
	At        time.Time
	Task      string // task id, not its ARN
	Container string
	Stderr    bool
	Text      string // cleaned: no control sequences but SGR, no line break
}

// LogBatch is what a log stream delivers at a time, in time order.
//
// A reader that cannot keep up must skip rather than fall behind: Skipped
// counts the lines lost just before this batch, and is never silently zero
// when something was lost. A count that is an estimate sets About.
type LogBatch struct {
	Lines   []LogLine
	Skipped int
	About   bool
	Notice  string // e.g. "task 3fa9c1 was replaced by b07d22"; drawn as a rule
}
