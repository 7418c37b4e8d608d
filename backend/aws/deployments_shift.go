package aws

import "github.com/ecs-tui/ecs-tui/backend"

// wireAlarms are the alarms of a service deployment.
type wireAlarms struct {
	Names     []text `json:"alarmNames"`
	Triggered []text `json:"triggeredAlarmNames"`
	Status    text   `json:"status"`
}

// alarms are nil where none are named.
func (w *wireAlarms) alarms() *backend.Alarms {
	if w == nil || len(w.Names)+len(w.Triggered) == 0 {
		return nil
	}
	return &backend.Alarms{Names: cleanAll(w.Names), Triggered: cleanAll(w.Triggered), Status: string(w.Status)}
}

// wireHook is a lifecycle hook that a service deployment came to.
type wireHook struct {
	ID      text   `json:"hookId"`
	Type    text   `json:"targetType"`
	Status  text   `json:"status"`
	Target  text   `json:"targetArn"`
	Expires moment `json:"expiresAt"`
	Action  text   `json:"timeoutAction"`
}

func hooksOf(all []wireHook) []backend.Hook {
	var out []backend.Hook
	for _, h := range all {
		out = append(out, backend.Hook{
			ID: string(h.ID), Type: string(h.Type), Status: string(h.Status), Target: string(h.Target),
			ExpiresAt: h.Expires.Time, TimeoutAction: backend.HookAction(h.Action),
		})
	}
	return out
}

// traffic is nil where ECS says nothing of it.
func (s wireSummary) traffic() *backend.Traffic {
	if s.Production == nil && s.Test == nil {
		return nil
	}
	t := &backend.Traffic{}
	if s.Production != nil {
		t.Production = *s.Production
	}
	if s.Test != nil {
		t.Test = *s.Test
	}
	return t
}
