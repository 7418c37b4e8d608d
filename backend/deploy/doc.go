// Package deploy plans a deploy, runs it, follows its rollout and says why it
// failed.
//
// You are above the backends and below whoever shows them: the deploy screen
// and the headless commands range over the same events. [NewPlan] touches
// nothing, [Run] yields what happens and ends with exactly one [Ended], and
// only [Stable] is a success: a rollback that went well is [RolledBack].
//
// Nothing here knows a terminal, an app file or which backend it works on, and
// no value of a secret may leave this package: a diff shows where it comes
// from, and environment values whose names look like secrets are hidden.
package deploy
