package ecsapi_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/backend/ecsapi"
)

// cli is the AWS command line on a world: a client that was written without
// this server in mind.
type cli struct {
	*testing.T
	w   *world
	env []string
}

func openCLI(t *testing.T) *cli { return openCLIWith(t, nil) }

func openCLIWith(t *testing.T, account *ecsapi.Account) *cli {
	t.Helper()
	if _, err := exec.LookPath("aws"); err != nil {
		if os.Getenv("ECS_TUI_REQUIRE_DOCKER") == "1" {
			t.Fatal("the AWS command line is not installed: apt-get install awscli")
		}
		t.Skip("the AWS command line is not installed: apt-get install awscli")
	}
	registry := ecsapi.NewRegistry(ecsapi.RegistryOptions{})
	c := &cli{T: t, w: serveWith(t, demo.Options{Empty: true, Services: 12}, ecsapi.Options{Registry: registry, Account: account}, nil)}
	c.env = slices.DeleteFunc(os.Environ(), func(kv string) bool { return strings.HasPrefix(kv, "AWS_") })
	none := filepath.Join(t.TempDir(), "none")
	c.env = append(c.env, "AWS_CONFIG_FILE="+none, "AWS_SHARED_CREDENTIALS_FILE="+none, "AWS_PAGER=", "AWS_MAX_ATTEMPTS=1",
		"AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", "AWS_DEFAULT_REGION=eu-west-1", "AWS_EC2_METADATA_DISABLED=true")
	return c
}

// run runs one command; a failure is its error text.
func (c *cli) run(args ...string) (out []byte, failure string) {
	c.Helper()
	cmd := exec.CommandContext(c.Context(), "aws", append(args, "--endpoint-url", c.w.url, "--output", "json")...)
	cmd.Env = c.env
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return nil, stderr.String() + err.Error()
	}
	return stdout.Bytes(), ""
}

// get runs one command and reads what it printed into v.
func (c *cli) get(v any, args ...string) {
	c.Helper()
	out, failure := c.run(args...)
	if failure != "" {
		c.Fatalf("aws %s: %s", strings.Join(args, " "), failure)
	}
	if err := json.Unmarshal(out, v); err != nil {
		c.Fatalf("aws %s: %v in %s", strings.Join(args, " "), err, out)
	}
}

// cliService is what the command line prints of a service. It prints times
// when it could read them, as text or, the old one, as numbers.
type cliService struct {
	ServiceName, Status, TaskDefinition string
	CreatedAt                           any
	DesiredCount, RunningCount          int
	Deployments                         []struct{ RolloutState string }
}

// TestCLI takes a service through its life with the AWS command line: what its
// author took from the documentation must agree with what we took from it.
func TestCLI(t *testing.T) {
	t.Parallel()
	c := openCLI(t)
	var listed struct{ ServiceArns []string }
	c.get(&listed, "ecs", "list-services", "--cluster", "demo") // two pages, which it joins
	if len(listed.ServiceArns) != 12 {
		c.Errorf("%d services", len(listed.ServiceArns))
	}
	var registered struct {
		TaskDefinition struct {
			TaskDefinitionArn string
			RegisteredAt      any
			Revision          int
		}
	}
	c.get(&registered, "ecs", "register-task-definition", "--family", "cli", "--network-mode", "awsvpc",
		"--container-definitions", `[{"name":"app","image":"cli:v1","memory":64,"portMappings":[{"containerPort":80}]}]`)
	if td := registered.TaskDefinition; td.Revision != 1 || td.RegisteredAt == nil {
		c.Errorf("registered %+v", td)
	}
	var made struct{ Service cliService }
	c.get(&made, "ecs", "create-service", "--cluster", "demo", "--service-name", "cli", "--task-definition", "cli:1", "--desired-count", "1",
		"--deployment-configuration", "deploymentCircuitBreaker={enable=true,rollback=true},maximumPercent=200,minimumHealthyPercent=100",
		"--network-configuration", "awsvpcConfiguration={subnets=[subnet-1],securityGroups=[sg-1]}")
	if s := made.Service; s.Status != "ACTIVE" || s.CreatedAt == nil || len(s.Deployments) != 1 {
		c.Errorf("created %+v", s)
	}
	c.get(&made, "ecs", "update-service", "--cluster", "demo", "--service", "cli", "--desired-count", "2", "--force-new-deployment")
	if s := made.Service; s.DesiredCount != 2 || len(s.Deployments) != 2 {
		c.Errorf("updated %+v", s)
	}
	steady(t, c.w.ecs(), "demo", "cli")
	var described struct {
		Services []cliService
		Failures []struct{ Arn, Reason string }
	}
	c.get(&described, "ecs", "describe-services", "--cluster", "demo", "--services", "cli", "nobody")
	if len(described.Services) != 1 || described.Services[0].RunningCount != 2 || len(described.Failures) != 1 {
		c.Errorf("described %+v", described)
	}
	_, failure := c.run("ecs", "update-service", "--cluster", "demo", "--service", "nobody", "--desired-count", "1")
	if !strings.Contains(failure, "ServiceNotFoundException") {
		c.Errorf("an update of nobody: %s", failure)
	}
	c.tasks()
	c.get(&made, "ecs", "delete-service", "--cluster", "demo", "--service", "cli", "--force")
	if made.Service.Status != "DRAINING" {
		c.Errorf("deleted: %+v", made.Service)
	}
}

// tasks runs a task of its own and stops it.
func (c *cli) tasks() {
	c.Helper()
	var ran struct {
		Tasks []struct {
			TaskArn   string
			CreatedAt any
		}
		Failures []any
	}
	c.get(&ran, "ecs", "run-task", "--cluster", "demo", "--task-definition", "cli", "--started-by", "hand",
		"--overrides", `{"containerOverrides":[{"name":"app","environment":[{"name":"A","value":"1"}]}]}`)
	if len(ran.Tasks) != 1 || ran.Tasks[0].CreatedAt == nil {
		c.Fatalf("ran %+v", ran)
	}
	arn := ran.Tasks[0].TaskArn
	var stopped struct {
		Task struct{ DesiredStatus, StopCode, StoppedReason string }
	}
	c.get(&stopped, "ecs", "stop-task", "--cluster", "demo", "--task", arn, "--reason", "enough")
	if s := stopped.Task; s.DesiredStatus != "STOPPED" || s.StoppedReason != "enough" {
		c.Errorf("stopped %+v", s)
	}
}

// TestCLIOthers asks the other services, each in its own protocol.
func TestCLIOthers(t *testing.T) {
	t.Parallel()
	c := openCLI(t)
	var who struct{ Account, Arn string }
	c.get(&who, "sts", "get-caller-identity")
	if who.Account != "123456789012" {
		c.Errorf("the caller is %+v", who)
	}
	var made struct {
		Repository struct {
			URI       string `json:"repositoryUri"`
			CreatedAt any
		}
	}
	c.get(&made, "ecr", "create-repository", "--repository-name", "cli/app", "--image-tag-mutability", "IMMUTABLE")
	if r := made.Repository; "http://"+r.URI != c.w.url+"/cli/app" || r.CreatedAt == nil {
		c.Errorf("made %+v", r)
	}
	if password, failure := c.run("ecr", "get-login-password"); failure != "" || len(password) < 20 {
		c.Errorf("password: %q %s", password, failure)
	}
	_, failure := c.run("ecr", "describe-images", "--repository-name", "none")
	if !strings.Contains(failure, "RepositoryNotFoundException") {
		c.Errorf("images of no repository: %s", failure)
	}
	var logged struct {
		Events []struct{ Message, LogStreamName string }
	}
	c.get(&logged, "logs", "filter-log-events", "--log-group-name", "/shop/bulk", "--max-items", "5",
		"--start-time", unixMillis(time.Now().Add(-time.Minute)))
	if len(logged.Events) != 5 {
		c.Errorf("%d events", len(logged.Events))
	}
	var measured struct {
		MetricDataResults []struct {
			Values     []float64
			Timestamps []any
		}
	}
	c.get(&measured, "cloudwatch", "get-metric-data", "--start-time", time.Now().Add(-time.Hour).UTC().Format(time.RFC3339),
		"--end-time", time.Now().Add(time.Hour).UTC().Format(time.RFC3339), "--metric-data-queries", `[{"Id":"cpu","MetricStat":{"Period":60,"Stat":"Average",
		"Metric":{"Namespace":"AWS/ECS","MetricName":"CPUUtilization","Dimensions":[{"Name":"ClusterName","Value":"demo"},{"Name":"ServiceName","Value":"bulk-0000"}]}}}]`)
	if r := measured.MetricDataResults; len(r) != 1 || len(r[0].Values) == 0 || len(r[0].Timestamps) != len(r[0].Values) {
		c.Errorf("measured %+v", r)
	}
}

func unixMillis(t time.Time) string {
	out, _ := json.Marshal(t.UnixMilli()) // a number
	return string(out)
}
