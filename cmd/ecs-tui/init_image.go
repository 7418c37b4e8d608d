package main

import (
	"fmt"
	"path"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/config"
)

// runInitImage writes an app that runs an image as it is, as `docker run` would:
// its name, port, variables and command come from flags.
func runInitImage(o *initOptions) error {
	image := o.FromImage
	if image == "" || strings.ContainsAny(image, " \t\n") {
		return usagef("--from-image: %q is no image: NAME, NAME:TAG or NAME@DIGEST", image)
	}
	name, err := o.appName(imageName(image), o.Dir)
	if err != nil {
		return err
	}
	container := map[string]any{"name": name, "image": image}
	if o.Port < 0 || o.Port > 65535 {
		return usagef("--port: %d is no port: 1 to 65535, or 0 for none", o.Port)
	}
	if o.Port > 0 {
		container["portMappings"] = []any{map[string]any{"containerPort": o.Port}}
	}
	if len(o.Command) > 0 {
		container["command"] = o.Command
	}
	m := &composed{options: o}
	s := config.ComposeService{Name: name, Container: container}
	for _, pair := range o.Env {
		key, value, ok := strings.Cut(pair, "=")
		if key == "" {
			return usagef("--set-env: %q is no NAME=VALUE", pair)
		}
		if !ok {
			if value, ok = o.io.lookup(key); !ok {
				return advise(usagef("--set-env: %s is not set here", key), "give its value: --set-env %s=…", key)
			}
		}
		all, _ := container["environment"].([]any)
		container["environment"] = append(all, map[string]any{"name": key, "value": value})
	}
	m.hideSecrets(s)
	cpu, memory := backend.FargateSize(o.CPU, o.Memory)
	task := map[string]any{
		"family": name, "networkMode": "awsvpc", "cpu": fmt.Sprint(cpu), "memory": fmt.Sprint(memory), "containerDefinitions": []any{container},
	}
	desired := 1
	if o.changed("desired") {
		desired = o.Desired
	}
	files, err := documentFiles(o, name, "# Runs the image "+image+" as it is.\n", "", task, desired, m.secrets)
	if err != nil {
		return err
	}
	written, err := writeApp(o.Dir, files, o.Force)
	if err != nil {
		return err
	}
	return o.report(name, written, m.notes, "diff")
}

// imageName is a name for an app out of an image's: the last part of its
// repository.
func imageName(image string) string {
	image, _, _ = strings.Cut(image, "@")
	last := path.Base(image)
	last, _, _ = strings.Cut(last, ":")
	return strings.Trim(notInNames.ReplaceAllString(strings.ToLower(last), "-"), "-")
}
