package ui_test

import (
	"testing"

	"github.com/ecs-tui/ecs-tui/ui/uitest"
)

// revisionsOf opens the revisions of a family by the palette.
func revisionsOf(u *uitest.User, family string) *uitest.User {
	u.Expect("10 services").Press(":").Type("task def").Press("enter").Expect("FAMILY", "16 families")
	return u.Press("/").Type(family).Press("enter").Expect("filter: "+family).Press("enter").Expect("USED BY", family+":1", "running", "INACTIVE")
}

func TestFamiliesShowWhatIsInactiveToo(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		u.Expect("10 services").Press(":").Type("task def").Press("enter").Expect("invoices-old", "inactive")
		u.Press("/").Type("invoices").Press("enter").Press("d").Expect("no active revision")
		u.Press("enter").Expect("invoices-old:1", "INACTIVE", "1 revision, 1 inactive")
		u.Press("r").Expect("nothing starts from it any more")
	})
}

func TestTwoRevisionsAreCompared(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		revisionsOf(u, "web").Expect("web · 3 running", "INACTIVE")
		u.Press("c").Expect("web:13 → web:14", "containerDefinitions[web].image", "shop/web:8d7711f", "shop/web:9f3c1ab").Refuse("DATABASE_URL")
		u.Press("c").Expect("web:14 → web:13").Press("esc").Expect("USED BY")
		u.Press("space", "space", "space").Expect("3 selected").Press("c").Expect("3 are selected: space selects two to compare")
		u.Press("esc", "G", "space", "g", "space", "c").Expect("web:1 → web:14", "128 → 256", "192 → 320")
		u.Press("1").Expect("describe web:1", "deregisteredAt")
	})
}

func TestRevisionsAreDeregisteredThenDeleted(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		revisionsOf(u, "web").Press("j", "ctrl+d").Expect("Deregister", "web:13").Press("y").Expect("web:13 is inactive")
		u.Expect("14 revisions, 3 inactive")
		u.Press("/").Type("web:13").Press("enter").ExpectCursor("INACTIVE").Press("ctrl+d").Expect("Delete revision", "can't be brought back")
		u.Press("y").Expect("deleted web:13").Press("esc").Expect("13 revisions, 2 inactive")
	})
}

func TestOldRevisionsArePrunedAfterShowingThem(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		revisionsOf(u, "web").Press("X").Expect("prune web", "4 revisions of 14 would be deleted; 2 are still active", "web:1 ", "inactive: deleted", "used by web · 3 running", "one of the newest 10")
		u.Press("-").Expect("The newest 9", "5 revisions of 14").Press("+").Expect("The newest 10")
		u.Press("enter").Expect("Delete revisions", "4 revisions of web on demo").Press("n").Expect("would be deleted")
		u.Press("enter", "y").Expect("deleted 4 revisions", "ctrl+r")
		u.Press("ctrl+r").Expect("Nothing goes").Press("enter").Expect("nothing would go").Press("esc").Expect("10 revisions").Refuse("web:4 ")
	})
}

func TestAClusterIsDescribedWhole(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		u.Expect("10 services").Press(":").Type("clusters").Press("enter").Expect("CLUSTER", "batch").ExpectCursor("demo").Press("d")
		u.Expect("describe demo", "clusterArn: arn:aws:ecs:local:123456789012:cluster/demo", "activeServicesCount: 10")
		u.Press("J").Expect(`"clusterName": "demo"`)
	})
}

// Several are shown first, whatever is done to them, and go one after the other.
func TestSeveralRevisionsAreRetired(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		revisionsOf(u, "web").Press("j", "space", "space").Expect("2 selected").Press("ctrl+d").Expect("deregister 2 revisions", "web:13", "web:12", "would be deregistered")
		u.Press("enter").Expect("Deregister 2 revisions", "2 revisions of web on demo", "nothing rolls back to it").Press("y").Expect("deregistered 2 revisions")
		u.Press("esc").Expect("14 revisions, 4 inactive").Refuse("selected").Press("/").Type("inactive").Press("enter", "g", "space", "space", "space", "space", "ctrl+d")
		u.Expect("delete 4 revisions").Press("enter", "y").Expect("deleted 4 revisions").Press("esc", "esc").Expect("10 revisions")
	})
}
