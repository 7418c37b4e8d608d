package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/config"
)

// runInitService writes an app out of a service that runs, so that what a diff
// would show next is nothing.
func runInitService(ctx context.Context, o *initOptions) error {
	s, err := o.openNoted(ctx, "")
	if err != nil {
		return err
	}
	defer s.backend.Close()
	cluster, name, ok := strings.Cut(o.FromService, "/")
	if !ok {
		name = cluster
		if cluster, err = s.cluster(ctx); err != nil {
			return err
		}
	}
	if cluster == "" || name == "" || strings.Contains(name, "/") {
		return usagef("--from-service: %q should be CLUSTER/SERVICE", o.FromService)
	}
	found, err := importService(ctx, s.backend, cluster, name)
	if err != nil {
		return err
	}
	files, err := found.files(s)
	if err != nil {
		return err
	}
	written, err := writeApp(o.Dir, files, o.Force)
	if err != nil {
		return err
	}
	return o.report(found.Name, written, found.Notes, "diff")
}

// imported is an app that was made out of a running service.
type imported struct {
	Name, Cluster string
	Revision      string // family:revision
	Task, Service backend.Document
	Notes         []string // what the documents can't say
}

// importService reads a service and the revision that it runs.
func importService(ctx context.Context, b backend.Backend, cluster, name string) (*imported, error) {
	all, err := b.DescribeServices(ctx, cluster, []string{name})
	if err != nil {
		return nil, err
	}
	if len(all) == 0 || all[0].Status == "INACTIVE" {
		err := backend.Errorf("DescribeServices", backend.NotFound, name, "cluster %s has no such service", cluster)
		err.Remedy = "ecs-tui status --cluster " + cluster + " lists the services"
		return nil, err
	}
	service := all[0]
	if service.TaskDefinition == "" {
		err := backend.Errorf("DescribeServices", backend.Invalid, name, "the service names no task definition")
		err.Remedy = "its task sets do (deployment controller EXTERNAL): register and deploy them with the tool that made them"
		return nil, err
	}
	td, err := b.DescribeTaskDefinition(ctx, service.TaskDefinition)
	if err != nil {
		return nil, err
	}
	out := &imported{Name: service.Name, Cluster: service.Cluster, Revision: td.Ref()}
	if out.Task, err = deploy.TidyDefinition(td); err != nil {
		return nil, err
	}
	if out.Service, err = deploy.TidyService(service); err != nil {
		return nil, err
	}
	for _, c := range td.Containers {
		if strings.HasPrefix(c.Image, "sha256:") {
			out.Notes = append(out.Notes, fmt.Sprintf("the image of %s is one of this engine, by its id: to deploy it elsewhere, build it (images in %s) or name a repository", c.Name, config.AppFile))
		}
	}
	if why := service.Foreign(); why != "" {
		out.Notes = append(out.Notes, why+": "+backend.ForeignRemedy)
	}
	return out, out.leaveScaling(ctx, b)
}

// leaveScaling leaves the count out of the service where autoscaling looks
// after it: a deploy would set it back.
func (i *imported) leaveScaling(ctx context.Context, b backend.Backend) error {
	scaling, err := b.DescribeScaling(ctx, i.Cluster, i.Name)
	switch kind := backend.KindOf(err); {
	case kind == backend.Unsupported: // there is none
		return nil
	case kind == backend.Denied:
		i.Notes = append(i.Notes, "whether autoscaling looks after the service can't be read with this login: if it does, take desiredCount out of "+serviceFile)
		return nil
	case err != nil || !scaling.Registered:
		return err
	}
	i.Notes = append(i.Notes, fmt.Sprintf("autoscaling keeps %d to %d tasks, so %s has no desiredCount; its policies stay where they are", scaling.Min, scaling.Max, serviceFile))
	i.Service, err = i.Service.Edit(func(tree map[string]any) { delete(tree, "desiredCount") })
	return err
}

// files are the app's, by name.
func (i *imported) files(s *session) (map[string][]byte, error) {
	task, err := writtenDocument(i.Task)
	if err != nil {
		return nil, err
	}
	service, err := writtenDocument(i.Service)
	if err != nil {
		return nil, err
	}
	name := map[string]string{config.Docker: "local", config.Demo: "demo", config.AWS: i.Cluster}[s.cfg.Backend]
	var b strings.Builder
	fmt.Fprintf(&b, "# Written from service %s of cluster %s, which ran %s.\n", i.Name, i.Cluster, i.Revision)
	fmt.Fprintf(&b, "# To build an image from here, name its container:  images: {NAME: {context: .}}\n")
	fmt.Fprintf(&b, "app: %s\ntaskDefinition: %s\nservice: %s\nenvironments:\n", yamlText(i.Name), taskDefinitionFile, serviceFile)
	b.WriteString(environmentLine(name, s.cfg.Backend, s.cfg.Profile, s.cfg.Region, i.Cluster))
	return map[string][]byte{config.AppFile: []byte(b.String()), taskDefinitionFile: task, serviceFile: service}, nil
}
