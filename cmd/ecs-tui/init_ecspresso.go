package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/ecs-tui/ecs-tui/config"
)

// runInitEcspresso writes an app file that says what a folder's ecspresso.yml
// says. The documents stay where they are, and both files point at them: a diff
// shows the same with either.
func runInitEcspresso(o *initOptions) error {
	app, err := config.LoadEcspresso(o.Dir, o.io.Getenv)
	if err != nil {
		return explain(err)
	}
	if app == nil {
		return advise(fmt.Errorf("there is no ecspresso.yml in %s", o.Dir), "name the folder that has it: ecs-tui init DIR --from-ecspresso")
	}
	name, err := o.appName(app.Name, o.Dir)
	if err != nil {
		return err
	}
	left, filled, err := app.EcspressoLeft()
	if err != nil {
		return err
	}
	var notes []string
	for _, field := range left {
		notes = append(notes, field+" has no equivalent, and is left out")
	}
	for _, field := range filled {
		notes = append(notes, fmt.Sprintf("%s is what the environment says now: in %s it is fixed; an environment for each value is the way to have several", field, config.AppFile))
	}
	written, err := writeApp(o.Dir, map[string][]byte{config.AppFile: ecspressoApp(name, app)}, o.Force)
	if err != nil {
		return err
	}
	return o.report(name, written, notes, "diff")
}

// ecspressoApp is the app file.
func ecspressoApp(name string, app *config.App) []byte {
	env := app.Environments[0]
	var b strings.Builder
	fmt.Fprintf(&b, "# Written from %s, which is not read any more beside this file.\n", filepath.Base(app.File))
	fmt.Fprintf(&b, "# To build an image from here, name its container:  images: {NAME: {context: .}}\n")
	fmt.Fprintf(&b, "app: %s\ntaskDefinition: %s\n", yamlText(name), yamlText(app.TaskDefinition))
	if app.Service != "" {
		fmt.Fprintf(&b, "service: %s\n", yamlText(app.Service))
	}
	if app.ServiceName != "" {
		fmt.Fprintf(&b, "serviceName: %s\n", yamlText(app.ServiceName))
	}
	line := environmentLine(env.Cluster, env.Backend, "", env.Region, env.Cluster)
	if env.Timeout > 0 {
		line = strings.TrimSuffix(line, "}\n") + ", timeout: " + env.Timeout.String() + "}\n"
	}
	return []byte(b.String() + "environments:\n" + line)
}
