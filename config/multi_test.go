package config_test

import (
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/config"
)

func TestPlatformsAndCaches(t *testing.T) {
	app, err := config.ParseApp(".", "ecs-tui.yml", []byte(`
app: shop
images:
  web:
    platforms: [linux/amd64, linux/arm64/v8]
    cacheFrom: ["type=registry,ref=shop/web:cache", "shop/web:latest", "type=local,src=/tmp/c"]
    cacheTo: [type=inline]
taskDefinition: t.json
`))
	if err != nil {
		t.Fatal(err)
	}
	web := app.Images[0]
	if got := strings.Join(web.Platforms, " "); got != "linux/amd64 linux/arm64/v8" {
		t.Errorf("platforms = %s", got)
	}
	if len(web.CacheFrom) != 3 || web.CacheFrom[0].Attrs["ref"] != "shop/web:cache" ||
		web.CacheFrom[1].Type != "registry" || web.CacheFrom[1].Attrs["ref"] != "shop/web:latest" || web.CacheFrom[2].Attrs["src"] != "/tmp/c" {
		t.Errorf("cacheFrom = %+v", web.CacheFrom)
	}
	if len(web.CacheTo) != 1 || web.CacheTo[0].Type != "inline" {
		t.Errorf("cacheTo = %+v", web.CacheTo)
	}
}

func TestBadPlatformsAndCaches(t *testing.T) {
	for _, tt := range []struct{ image, want string }{
		{"platforms: linux/amd64", "f:3:20: images.web.platforms: is text, should be a list"},
		{"platforms: [linux/amd64, arm64]", `f:3:34: images.web.platforms[1]: "arm64" is no platform`},
		{"platforms: [linux/amd64, linux/amd64]", "f:3:34: images.web.platforms[1]: linux/amd64 is there already"},
		{"platform: linux/amd64, platforms: [linux/arm64]", "images.web.platforms: stands beside platform"},
		{"cacheFrom: [type=registry]", "images.web.cacheFrom[0]: a cache of type registry needs ref=…"},
		{"cacheFrom: [type=inline]", "images.web.cacheFrom[0]: an inline cache is in an image"},
		{"cacheTo: ['type=s3,bucket=b']", `images.web.cacheTo[0]: "s3" is no type of cache`},
		{"cacheTo: ['type=local,src=x']", "images.web.cacheTo[0]: a cache of type local needs dest=…"},
		{"cacheTo: ['ref=x,']", "is no key=value"},
		{"cacheTo: [3]", "images.web.cacheTo[0]: is a number, should be text"},
	} {
		_, err := config.ParseApp(".", "f", []byte("app: a\nimages:\n  web: {"+tt.image+"}\ntaskDefinition: t.json\n"))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s:\n got %v\nwant %s", tt.image, err, tt.want)
		}
	}
}
