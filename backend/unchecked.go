package backend

import (
	"slices"
	"strings"
)

// Unchecked is one note that names what the documents stand on and a backend has
// nothing of: only an account can tell whether it is there and fits. There is
// none where they name nothing of the kind, or only what the backend checks in
// its own way: "secrets" for one that has values for them.
func Unchecked(req VerifyRequest, checks ...string) []Finding {
	var named []string
	add := func(what string, is bool) {
		if is && !slices.Contains(checks, what) {
			named = append(named, what)
		}
	}
	td := req.TaskDefinition
	var service struct {
		Role    string `json:"role"`
		Network struct {
			VPC struct {
				Subnets []string `json:"subnets"`
				Groups  []string `json:"securityGroups"`
			} `json:"awsvpcConfiguration"`
		} `json:"networkConfiguration"`
		Balancers []struct {
			Group string `json:"targetGroupArn"`
		} `json:"loadBalancers"`
	}
	if req.Service != nil && len(req.Service.Document) > 0 && req.Service.Document.Decode(&service) != nil {
		return nil // whoever reads the document says what is wrong with it
	}
	any := func(has func(ContainerDefinition) bool) bool { return slices.ContainsFunc(td.Containers, has) }
	add("roles", td.ExecutionRoleARN+td.TaskRoleARN+service.Role != "")
	add("secrets", any(func(c ContainerDefinition) bool { return len(c.Secrets) > 0 }))
	add("log groups", any(func(c ContainerDefinition) bool {
		return c.LogConfiguration != nil && c.LogConfiguration.LogDriver == "awslogs"
	}))
	add("target groups", len(service.Balancers) > 0)
	add("subnets", len(service.Network.VPC.Subnets) > 0)
	add("security groups", len(service.Network.VPC.Groups) > 0)
	if len(named) == 0 {
		return nil
	}
	return []Finding{{
		Severity: Note, Message: "not checked here, since only an account has them: " + strings.Join(named, ", "),
		Remedy: "verify an environment with backend: aws to have them checked",
	}}
}
