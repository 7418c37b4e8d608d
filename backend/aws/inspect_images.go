package aws

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/ecs-tui/ecs-tui/backend"
)

// registryForm is a private registry of ECR: its account and its region.
var registryForm = regexp.MustCompile(`^([0-9]{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.`)

// storedImage is an image in a registry of ECR.
type storedImage struct {
	imageRef
	account, region string
}

// images asks for the images that a deploy does not build. A tag that is missing
// is found out here, rather than by a task that can't pull it.
func (i *inspection) images() {
	var named placesOf[storedImage]
	var others []string
	for n, c := range i.req.TaskDefinition.Containers {
		registry := registryForm.FindStringSubmatch(c.Image)
		switch {
		case c.Image == "" || slices.Contains(i.req.Built, c.Name):
		case registry == nil:
			if !slices.Contains(others, c.Image) {
				others = append(others, c.Image)
			}
		default:
			if ref, ok := i.b.parseRef(c.Image); ok {
				named.add(storedImage{ref, registry[1], registry[2]}, field(n, "image"))
				continue
			}
			i.ask(func(context.Context) (v verdict) {
				v.problem(field(n, "image"), "write it as REGISTRY/REPOSITORY:TAG or REGISTRY/REPOSITORY@sha256:…", "%s is no image of ECR", c.Image)
				return v
			})
		}
	}
	for _, img := range named.order {
		i.ask(func(ctx context.Context) verdict { return i.image(ctx, img, named.paths[img]) })
	}
	if len(others) > 0 {
		i.ask(func(context.Context) (v verdict) {
			for n := range others {
				v.unknown("", "the image "+others[n], "", errors.New("only images in ECR can be looked up"))
			}
			return v
		})
	}
}

// image looks whether an image is there, and for the tasks' platform.
func (i *inspection) image(ctx context.Context, img storedImage, paths []string) (v verdict) {
	const action = "ecr:BatchGetImage"
	manifest, err := i.manifest(ctx, img)
	switch {
	case backend.KindOf(err) == backend.NotFound:
		for _, path := range paths {
			v.problem(path, "build and push it, or correct the tag", "ECR has no image %s", img.imageRef)
		}
		return v
	case err != nil:
		v.unknown(paths[0], "the image "+img.String(), action, err)
		return v
	}
	want := i.platform()
	if want == "" {
		return v
	}
	has, err := i.platforms(ctx, img, manifest)
	switch {
	case err != nil:
		v.unknown(paths[0], "the platform of "+img.String(), "ecr:GetDownloadUrlForLayer", err)
	case len(has) > 0 && !slices.Contains(has, want):
		for _, path := range paths {
			v.problem(path, "build it for "+want+", or set runtimePlatform to what it is for",
				"the image is for %s, the tasks run on %s: they will not start", strings.Join(has, ", "), want)
		}
	}
	return v
}

// platform is what the tasks run on, as images have it; "" where the machine
// decides. On Fargate it is Linux on x86 unless the task definition says else.
func (i *inspection) platform() string {
	p := i.req.TaskDefinition.Platform
	if p == nil {
		if i.fargate() {
			return "linux/amd64"
		}
		return ""
	}
	os, arch := "linux", "amd64"
	if strings.HasPrefix(p.OSFamily, "WINDOWS") {
		os = "windows"
	}
	switch {
	case p.CPUArchitecture == "ARM64":
		arch = "arm64"
	case p.CPUArchitecture == "" && !i.fargate():
		return ""
	}
	return os + "/" + arch
}

// manifest is an image's manifest or index.
func (i *inspection) manifest(ctx context.Context, img storedImage) ([]byte, error) {
	in := &ecr.BatchGetImageInput{
		RegistryId: &img.account, RepositoryName: &img.repository, ImageIds: []types.ImageIdentifier{img.identifier()},
		AcceptedMediaTypes: manifestTypes(),
	}
	send := func(c *ecr.Client, ctx context.Context, in *ecr.BatchGetImageInput, opts ...func(*ecr.Options)) (*ecr.BatchGetImageOutput, error) {
		return c.BatchGetImage(ctx, in, append(opts, func(o *ecr.Options) { o.Region = img.region })...)
	}
	out, err := ecrCall(ctx, i.b, "BatchGetImage", img.String(), in, send)
	if err != nil {
		return nil, err
	}
	if len(out.Images) == 0 {
		if len(out.Failures) > 0 && out.Failures[0].FailureCode != types.ImageFailureCodeImageNotFound {
			return nil, backend.Errorf("BatchGetImage", backend.Other, img.String(), "%s", cleanPtr(out.Failures[0].FailureReason))
		}
		return nil, backend.Errorf("BatchGetImage", backend.NotFound, img.String(), "no such image")
	}
	return []byte(awssdk.ToString(out.Images[0].ImageManifest)), nil
}

// platforms are those that an image is for; none where it does not say.
func (i *inspection) platforms(ctx context.Context, img storedImage, manifest []byte) ([]string, error) {
	var m manifestForm
	if err := json.Unmarshal(manifest, &m); err != nil {
		return nil, errors.New("its manifest can't be read")
	}
	var out []string
	add := func(os, arch string) {
		// What is attached to an image, such as its provenance, has no platform.
		if p := backend.Clean(os + "/" + arch); os != "" && arch != "" && os != "unknown" && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	for _, child := range m.Manifests {
		add(child.Platform.OS, child.Platform.Architecture)
	}
	if len(m.Manifests) > 0 || m.Config.Digest == "" {
		return out, nil
	}
	raw, err := i.b.blobOf(ctx, img.account, img.region, img.repository, m.Config.Digest)
	if err != nil {
		return nil, err
	}
	var config configForm
	if json.Unmarshal(raw, &config) == nil {
		add(config.OS, config.Architecture)
	}
	return out, nil
}
