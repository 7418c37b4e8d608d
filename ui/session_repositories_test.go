package ui_test

import (
	"testing"

	"github.com/ecs-tui/ecs-tui/ui/uitest"
)

// repository opens the images of a repository by the palette.
func repository(u *uitest.User, name string) *uitest.User {
	u.Expect("10 services").Press(":").Type("repos").Press("enter").Expect("REPOSITORY", " repositories", "immutable", "by hand", " MiB")
	return u.Press("/").Type(name).Press("enter").ExpectCursor(name).Press("enter").Expect("FINDINGS", "USED BY", "LAST PULLED")
}

func TestARepositoryItsImagesAndTheirFindings(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		repository(u, "shop/web").Expect("6 images · 1.6 GiB", "9f3c1ab", "web:14 · 3 running", "untagged", "2H 1M", "12 min ago")
		u.Press("enter").Expect("9f3c1ab findings", "2 high, 1 medium", "CVE-2023-44487", "nghttp2", "1.57.0-r0").ExpectCursor("high")
		u.Press("j").Expect("HTTP/2 rapid reset", "https://nvd.nist.gov/vuln/detail/CVE-2023-44487").Press("y").Expect("copied https://nvd.nist.gov")
		u.Press("d").Expect("describe shop/web:9f3c1ab", "imageTags").Press("esc", "esc").Expect("USED BY")
		u.Press("L").Expect("COMMAND", "COPY /out/server /app/server")
	})
}

func TestAnImageIsScannedWhenAsked(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		repository(u, "shop/migrate").Expect("not scanned").Press("enter").Expect("the image was never", "start a scan of it")
		u.Press("S").Expect("is being scanned").Press("esc").Expect("scanning").ExpectGone("scanning").Refuse("not scanned")
		u.Press("enter").Expect("findings", "SEVERITY").Refuse("never scanned")
	})
}

func TestPushedImagesAreDeletedUnlessUsed(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		repository(u, "shop/web").ExpectCursor("9f3c1ab").Press("ctrl+d").Expect("delete: shop/web:9f3c1ab is in use by web:14")
		u.Press("j").ExpectCursor("8d7711f").Press("ctrl+d").Expect("Delete image", "shop/web@sha256:", "256 MiB  8d7711f").Press("y")
		u.Expect("deleted shop/web:8d7711f", "5 images")
	})
}

func TestARepositoryIsPrunedAfterShowingWhatGoes(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		repository(u, "shop/web").Press("X").Expect("prune shop/web", "1 image of 6 would be deleted, which frees 280 MiB", "(untagged)", "used by service web (web:14)", "one of the newest 10")
		for range 8 {
			u.Press("-")
		}
		u.Expect("The newest 2", "4 images of 6", "1.1 GiB")
		u.Press("enter").Expect("Delete images", "4 images of shop/web on demo").Press("y").Expect("deleted 4 images, freed 1.1 GiB")
		u.Press("esc").Expect("2 images").Refuse("old-experiment")
	})
}

// All repositories are pruned at once, or those that were selected; what is in
// use stays in each.
func TestRepositoriesArePrunedTogether(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		u.Expect("10 services").Press(":").Type("repos").Press("enter").Expect(" repositories").Press("space", "j", "space", "X").Expect("prune shop/api, shop/billing")
		u.Press("esc", "esc").Expect(" repositories")
		u.Press("P").Expect("prune all repositories", "The newest 10")
		for range 8 {
			u.Press("-")
		}
		u.Expect("The newest 2", "shop/auth:aa10c3d", "used by service api (api:32)")
		u.Press("enter").Expect("Delete images", "of all repositories on demo").Press("y").Expect(" images, freed ")
		u.Press("esc").Press("/").Type("shop/web").Press("enter", "enter").Expect("2 images").Refuse("old-experiment")
	})
}

func TestARepositoryIsMade(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		u.Expect("10 services").Press(":").Type("repos").Press("enter").Expect(" repositories").Press("n").Expect("New repository", "Tags are immutable")
		u.Type("Shop/New").Press("enter").Expect("lower-case letters")
		for range len("Shop/New") {
			u.Press("backspace")
		}
		u.Type("shop/new").Press("enter", "right", "enter", "enter").Expect("made the repository shop/new")
		u.Press("/").Type("shop/new").Press("enter").ExpectCursor("immutable").Press("d").Expect("imageTagMutability: IMMUTABLE", "scanOnPush: true").Press("esc")
		u.Press("enter").Expect("There is no image in shop/new")
	})
}
