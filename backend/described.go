package backend

import "strings"

// describedFields are what DescribeServices adds to what a service was created
// from ("Service" in the API reference).
var describedFields = [...]string{
	"serviceArn", "clusterArn", "status", "runningCount", "pendingCount", "deployments", "events", "taskSets",
	"createdAt", "createdBy", "currentServiceDeployment", "currentServiceRevisions", "roleArn", "platformFamily",
	"resourceManagementType",
}

// deploymentFields are what CreateService takes and DescribeServices tells of
// each deployment, not of the service ("Deployment" in the API reference).
var deploymentFields = [...]string{"serviceConnectConfiguration", "volumeConfigurations", "vpcLatticeConfigurations"}

// DeploymentFields are the fields of CreateService that DescribeServices tells
// of each deployment, and not of the service itself.
func DeploymentFields() []string { return deploymentFields[:] }

// CreatableService is a service's document in CreateService's shape: without
// the fields that ECS sets by itself, and with those that it tells of the
// PRIMARY deployment alone. A document that has that shape already stays.
func CreatableService(doc Document) (Document, error) {
	return doc.Edit(func(tree map[string]any) {
		deployments, _ := tree["deployments"].([]any)
		for _, d := range deployments {
			d, _ := d.(map[string]any)
			if d["status"] != DeploymentPrimary {
				continue
			}
			for _, f := range deploymentFields {
				if tree[f] == nil && d[f] != nil {
					tree[f] = d[f]
				}
			}
		}
		if role, _ := tree["roleArn"].(string); role != "" && tree["role"] == nil && !strings.Contains(role, "/aws-service-role/") {
			tree["role"] = role
		}
		for _, f := range describedFields {
			delete(tree, f)
		}
		if providers, _ := tree["capacityProviderStrategy"].([]any); len(providers) > 0 {
			delete(tree, "launchType") // CreateService takes one of the two
		}
	})
}
