package ecsapi

import (
	"context"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// shiftShape adds what a service deployment has where it goes through stages.
func shiftShape(o obj, d backend.ServiceDeployment) {
	o.put("lifecycleStage", d.Stage)
	if len(d.Hooks) > 0 {
		o["lifecycleHookDetails"] = each(d.Hooks, hookShape)
	}
	if a := d.Alarms; a != nil {
		o["alarms"] = obj{"alarmNames": listed(a.Names), "triggeredAlarmNames": listed(a.Triggered)}.put("status", a.Status)
	}
}

func hookShape(h backend.Hook) obj {
	return obj{"hookId": h.ID, "status": h.Status, "targetType": h.Type}.
		put("targetArn", h.Target).put("timeoutAction", string(h.TimeoutAction)).put("expiresAt", h.ExpiresAt)
}

func (h *Handler) stopServiceDeployment(ctx context.Context, in *struct {
	ARN      string `json:"serviceDeploymentArn"`
	StopType string `json:"stopType"`
},
) (any, error) {
	switch in.StopType {
	case "", "ROLLBACK":
	default:
		return nil, unsupportedf("stopType: this endpoint knows ROLLBACK only.")
	}
	d, err := h.b.StopServiceDeployment(ctx, in.ARN)
	if err != nil {
		return nil, err
	}
	return obj{"serviceDeploymentArn": d.ARN}, nil
}

func (h *Handler) continueServiceDeployment(ctx context.Context, in *struct {
	ARN    string `json:"serviceDeploymentArn"`
	Hook   string `json:"hookId"`
	Action string `json:"action"`
},
) (any, error) {
	switch {
	case in.ARN == "":
		return nil, invalidf("serviceDeploymentArn cannot be empty.")
	case in.Hook == "":
		return nil, invalidf("hookId cannot be empty.")
	case in.Action == "":
		in.Action = string(backend.HookContinue)
	}
	d, err := h.b.ContinueServiceDeployment(ctx, in.ARN, in.Hook, backend.HookAction(in.Action))
	if err != nil {
		return nil, err
	}
	return obj{"serviceDeploymentArn": d.ARN}, nil
}

// taskSetShape is a deployment of a service that another controller deploys.
func taskSetShape(s backend.Service, d backend.Deployment) obj {
	id := d.ID[strings.LastIndexByte(d.ID, '/')+1:]
	stability := "STABILIZING"
	if d.Running == d.Desired && d.Pending == 0 {
		stability = "STEADY_STATE"
	}
	o := obj{
		"id": d.ID, "taskSetArn": sibling(s.ARN, "task-set", s.Cluster, s.Name, id), "serviceArn": s.ARN,
		"clusterArn": sibling(s.ARN, "cluster", s.Cluster), "status": d.Status, "taskDefinition": d.TaskDefinition,
		"computedDesiredCount": d.Desired, "pendingCount": d.Pending, "runningCount": d.Running,
		"stabilityStatus": stability, "scale": obj{"value": 100, "unit": "PERCENT"},
	}
	if s.Config.Controller == backend.ControllerCodeDeploy {
		o["startedBy"] = s.Config.Controller
	}
	return o.put("launchType", s.LaunchType).put("createdAt", d.CreatedAt).put("updatedAt", d.UpdatedAt)
}
