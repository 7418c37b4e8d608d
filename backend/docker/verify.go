package docker

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/moby/moby/api/types/system"
	"github.com/moby/moby/client"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Verify finds what ECS itself would refuse, and every field of the documents
// that this engine does differently or cannot honour. It changes nothing.
func (b *Backend) Verify(ctx context.Context, req backend.VerifyRequest) ([]backend.Finding, error) {
	const op = "Verify"
	if err := ctx.Err(); err != nil {
		return nil, wrap(op, req.TaskDefinition.Family, err)
	}
	findings := backend.CheckTaskDefinition(req.TaskDefinition)
	local, err := unhonoured(req.TaskDefinition.Document, taskDefinitionFields())
	if err != nil {
		return nil, &backend.Error{Op: op, Kind: backend.Invalid, Resource: req.TaskDefinition.Family, Err: cleanError(err)}
	}
	findings = append(findings, local...)
	if req.Service != nil {
		findings = append(findings, backend.CheckService(rolled(*req.Service), req.TaskDefinition)...)
		local, err := unhonoured(req.Service.Document, serviceFields())
		if err != nil {
			return nil, &backend.Error{Op: op, Kind: backend.Invalid, Resource: req.Service.Name, Err: cleanError(err)}
		}
		findings = append(findings, local...)
	}
	findings = append(findings, backend.Unchecked(req, "secrets")...)
	findings = append(findings, together(req.TaskDefinition)...)
	info, err := b.info(ctx)
	if err != nil {
		return nil, err
	}
	findings = append(append(findings, verifyMachine(req.TaskDefinition, info)...), b.verifyFolders(req.TaskDefinition)...)
	found, err := b.verifyImages(ctx, req.TaskDefinition, info)
	return append(append(findings, found...), b.verifySecrets(req.TaskDefinition)...), err
}

// rolled is a service as it is rolled out here, whatever its strategy: within
// its percents, which must let a rollout move.
func rolled(spec backend.ServiceSpec) backend.ServiceSpec {
	spec.Config.Strategy, spec.Config.Hooks = backend.Rolling, nil
	return spec
}

// unhonoured walks a document and tells of each field that is not among the
// honoured ones, once for each place. It does not go into a field that it has
// told of.
func unhonoured(doc backend.Document, fields fieldNotes) ([]backend.Finding, error) {
	if len(doc) == 0 {
		return nil, nil
	}
	tree, err := doc.Tree()
	if err != nil {
		return nil, err
	}
	w := &fieldWalk{fields: fields}
	w.object("", "", tree)
	return w.findings, nil
}

type fieldWalk struct {
	fields   map[string]fieldNote
	findings []backend.Finding
}

// object looks at the fields of one object. path says where it is in the
// document, rule the same with [] for every index.
func (w *fieldWalk) object(path, rule string, tree map[string]any) {
	keys := make([]string, 0, len(tree))
	for k := range tree {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		if empty(tree[k]) {
			continue
		}
		w.field(join(path, k), join(rule, k), tree[k])
	}
}

func (w *fieldWalk) field(path, rule string, value any) {
	note, known := w.fields[rule]
	switch {
	case !known:
		w.add(backend.Warning, path, "the local engine does not know this field and leaves it out", "")
	case note.message != "" && slices.Contains(note.plain, fmt.Sprint(value)):
	case note.message != "":
		w.add(note.severity, path, note.message, note.remedy)
	case note.whole:
	default:
		switch value := value.(type) {
		case map[string]any:
			w.object(path, rule, value)
		case []any:
			for i, item := range value {
				if tree, ok := item.(map[string]any); ok {
					w.object(fmt.Sprintf("%s[%d]", path, i), rule+"[]", tree)
				}
			}
		}
	}
}

func (w *fieldWalk) add(s backend.Severity, path, message, remedy string) {
	w.findings = append(w.findings, backend.Finding{Severity: s, Path: backend.Clean(path), Message: message, Remedy: remedy})
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// empty says that a field asks for nothing.
func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case bool:
		return !v
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

// verifyImages looks for the images on the engine, and for their platform. An
// image that is only built later has no name here yet, and is left out.
func (b *Backend) verifyImages(ctx context.Context, td backend.TaskDefinition, info system.Info) ([]backend.Finding, error) {
	var findings []backend.Finding
	for i, c := range td.Containers {
		if c.Image == "" {
			continue
		}
		path := fmt.Sprintf("containerDefinitions[%d].image", i)
		image, err := b.client.ImageInspect(ctx, c.Image)
		switch {
		case gone(err):
			findings = append(findings, backend.Finding{
				Severity: backend.Warning, Path: path, Message: backend.Clean("the engine does not have the image " + c.Image + " and will try to pull it"),
				Remedy: "build it, load it (docker load), or correct its name",
			})
		case err != nil:
			return nil, wrap("Verify", backend.Clean(c.Image), err)
		case !runsOn(image, info.Architecture):
			findings = append(findings, backend.Finding{
				Severity: backend.Warning, Path: path,
				Message: backend.Clean(fmt.Sprintf("the image is built for %s, the engine runs on %s", image.Architecture, goArch(info.Architecture))),
				Remedy:  "rebuild it for " + backend.Clean(info.OSType+"/"+goArch(info.Architecture)) + ": platform in ecs-tui.yml",
			})
		}
	}
	return findings, nil
}

func runsOn(image client.ImageInspectResult, machine string) bool {
	return image.Architecture == "" || image.Architecture == goArch(machine)
}

// verifySecrets looks whether every secret has a value here, and environment
// files exist. Values are not kept.
func (b *Backend) verifySecrets(td backend.TaskDefinition) []backend.Finding {
	p := &taskPlan{td: td, origin: origin{b.set.Dir, b.set.EnvFiles}}
	var findings []backend.Finding
	for i, c := range td.Containers {
		for j, s := range c.Secrets {
			if _, ok := p.secret(s, b.opts.Getenv); !ok {
				findings = append(findings, backend.Finding{
					Severity: backend.Problem, Path: fmt.Sprintf("containerDefinitions[%d].secrets[%d]", i, j),
					Message: "the secret " + backend.Clean(s.Name) + " has no value here",
					Remedy:  fmt.Sprintf("add a line %s=… to %s", backend.Clean(s.Name), p.envFiles()),
				})
			}
		}
		for j, f := range c.EnvironmentFiles {
			if _, err := readEnvFile(p.local(f.Value)); err != nil {
				findings = append(findings, backend.Finding{
					Severity: backend.Problem, Path: fmt.Sprintf("containerDefinitions[%d].environmentFiles[%d]", i, j),
					Message: backend.Clean("the file cannot be read: " + err.Error()),
					Remedy:  "put " + backend.Clean(f.Value[strings.LastIndexByte(f.Value, '/')+1:]) + " into the app's folder",
				})
			}
		}
	}
	return findings
}
