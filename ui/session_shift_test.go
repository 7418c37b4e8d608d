package ui_test

import (
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/ui/uitest"
)

// onCheckout has the cursor on the service whose deployment waits.
func onCheckout(u *uitest.User) *uitest.User {
	u.Expect("web:14", "waits").Press("/").Type("checkout").Press("enter").ExpectCursor("checkout")
	return u
}

func TestAPausedDeploymentIsContinued(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		onCheckout(u).Expect("▲ paused at post test traffic shift").Press("D")
		u.Expect("deployment of checkout on demo", "CANARY", "post test traffic shift", "traffic 0 %, test 100 %", "traffic 100 %")
		u.Expect("checkout-5xx, checkout-p99", "paused at post test traffic shift: in ", "it rolls back by itself", "c lets it go on", "c continue")
		u.Press("c").Expect("Continue the deployment", "checkout on demo, cluster demo", "goes on to the next stage").Press("n").ExpectGone("Continue the deployment")
		u.Pass(time.Minute).Expect("waits for an answer")
		u.Press("c").Expect("Continue the deployment").Press("y").Expect("10 % of traffic", "traffic 90 %", "production traffic shift").Refuse("c lets it go on")
		u.Press("c").Expect("continue: it does not wait for an answer")
		u.Expect("100 % of traffic", "bake time").Expect("stable after", "checkout runs checkout:8")
		u.Press("esc", "esc").Expect("10 services").ExpectGone("waits")
	})
}

func TestAPausedDeploymentIsRolledBack(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		onCheckout(u).Press("D").Expect("c lets it go on").Press("R").Expect("Roll back", "checkout:8 is being rolled out").Press("y")
		u.Expect("rolled back after", "lifecycle hook: the pause at", "was answered with a rollback", "checkout:7 is back", "✓✓✓✓✗·····  post test")
	})
}

func TestTheDeploymentsScreenTellsOfAPause(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		onCheckout(u).Press("p").Expect("checkout deployments", "▲ waits", "successful")
		u.Expect("CANARY at post test traffic shift · 0 % of traffic to checkout:8, 100 % to checkout:7", "waits for an answer")
		u.Press("j", "c").Expect("continue: it does not wait for an answer").Press("k", "c")
		u.Expect("Continue the deployment").Press("y").Expect("the deployment of checkout goes on").Expect("10 % of traffic")
	})
}

func TestAPauseIsNotAnsweredReadOnly(t *testing.T) {
	w := roomy()
	w.ReadOnly = true
	uitest.Play(t, w, func(u *uitest.User) {
		onCheckout(u).Press("D").Expect("paused at").Press("c").Expect("continue: this session is read-only")
	})
}

func TestWhatCodeDeployDeploysIsShown(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		u.Expect("web:14").Press(":").Type("cluster batch").Press("enter").Expect("gateway", "by CODE_DEPLOY")
		u.Press("/").Type("gateway").Press("enter").ExpectCursor("gateway")
		u.Press("R").Expect("roll back: its deployments belong to AWS CodeDeploy").Press("F").Expect("force new deployment: its deployments belong to AWS CodeDeploy")
		u.Press("p").Expect("deployments: its deployments belong to AWS CodeDeploy").Press("S").Expect("It wants 2 tasks now.")
	})
}
