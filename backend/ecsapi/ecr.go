package ecsapi

import (
	"context"
	"encoding/base64"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Limits of ECR, from its API reference.
const (
	ecrPage      = 100
	mostECRPage  = 1000
	mostImageIDs = 100
)

// ecr are the operations of Amazon ECR, over the registry; without one, those
// that a backend with repositories of its own can answer.
func (h *Handler) ecr() map[string]operation {
	e := &ecr{h: h, r: h.registry}
	all := map[string]operation{
		"GetAuthorizationToken":  e.authorize,
		"GetDownloadUrlForLayer": e.downloadURL,

		"CreateRepository":              withCall(e.createRepository),
		"DescribeRepositories":          withCall(e.describeRepositories),
		"DeleteRepository":              withCall(e.deleteRepository),
		"ListTagsForResource":           typed(e.repositoryTags),
		"PutImageTagMutability":         typed(e.putMutability),
		"PutImageScanningConfiguration": typed(e.putScanning),

		"ListImages":                e.opened(e.listImages),
		"DescribeImages":            e.opened(e.describeImages),
		"BatchGetImage":             e.opened(e.batchGetImage),
		"BatchDeleteImage":          e.opened(e.batchDeleteImage),
		"PutImage":                  typed(e.putImage),
		"DescribeImageScanFindings": typed(e.scanFindings),
		"StartImageScan":            typed(e.startScan),
	}
	if h.registry != nil {
		return all
	}
	over := h.ecrOver()
	for name := range all {
		all[name] = over[name]
		if over[name] == nil {
			all[name] = func(context.Context, *call) (any, error) {
				return nil, failf(http.StatusBadRequest, "UnknownOperationException", "this endpoint has no registry that images are pushed to")
			}
		}
	}
	return all
}

type ecr struct {
	h *Handler
	r *Registry
}

// withCall is typed for operations that need to know who asks where.
func withCall[In any](do func(ctx context.Context, c *call, in *In) (any, error)) operation {
	return func(ctx context.Context, c *call) (any, error) {
		var in In
		if err := bind(c, &in); err != nil {
			return nil, err
		}
		return do(ctx, c, &in)
	}
}

// hostFor is where the client of a call reaches the registry.
func (e *ecr) hostFor(c *call) string {
	if e.r.host != "" {
		return e.r.host
	}
	return c.host
}

func (e *ecr) authorize(_ context.Context, c *call) (any, error) {
	until := e.r.clock.Now().Add(tokenLife)
	token := base64.StdEncoding.EncodeToString([]byte("AWS:" + e.r.password(until)))
	return obj{"authorizationData": []any{
		obj{"authorizationToken": token, "proxyEndpoint": c.scheme + "://" + e.hostFor(c)}.put("expiresAt", until),
	}}, nil
}

func (e *ecr) downloadURL(_ context.Context, c *call) (any, error) {
	var in struct {
		Repository string `json:"repositoryName"`
		Layer      string `json:"layerDigest"`
	}
	if err := bind(c, &in); err != nil {
		return nil, err
	}
	if !e.r.known(in.Repository) {
		return nil, noRepository(in.Repository)
	}
	token := e.r.password(e.r.clock.Now().Add(tokenLife))
	return obj{
		"layerDigest": in.Layer,
		"downloadUrl": c.scheme + "://" + e.hostFor(c) + "/v2/" + in.Repository + "/blobs/" + in.Layer + "?token=" + token,
	}, nil
}

func noRepository(name string) error {
	return failf(http.StatusBadRequest, "RepositoryNotFoundException", "The repository with name '%s' does not exist in the registry", backend.Clean(name))
}

type createRepositoryInput struct {
	Name       string `json:"repositoryName"`
	Mutability string `json:"imageTagMutability"`
	Scanning   struct {
		OnPush bool `json:"scanOnPush"`
	} `json:"imageScanningConfiguration"`
	Tags []struct{ Key, Value string } `json:"tags"`
}

func (in *createRepositoryInput) tags() map[string]string {
	out := map[string]string{}
	for _, t := range in.Tags {
		out[t.Key] = t.Value
	}
	return out
}

// tagShapes are tags as ECR lists them.
func tagShapes(tags map[string]string) []any {
	return each(slices.Sorted(maps.Keys(tags)), func(key string) obj { return obj{"Key": key, "Value": tags[key]} })
}

// repositoryOf is the repository of an ARN: "arn:…:repository/shop/web".
func repositoryOf(arn string) string {
	_, name, _ := strings.Cut(arn, ":repository/")
	return name
}

type repositoryTagsInput struct {
	ARN string `json:"resourceArn"`
}

func (e *ecr) repositoryTags(_ context.Context, in *repositoryTagsInput) (any, error) {
	e.r.mu.Lock()
	defer e.r.mu.Unlock()
	repo := e.r.repos[repositoryOf(in.ARN)]
	if repo == nil {
		return nil, noRepository(repositoryOf(in.ARN))
	}
	return obj{"tags": tagShapes(repo.made)}, nil
}

func (e *ecr) createRepository(ctx context.Context, c *call, in *createRepositoryInput) (any, error) {
	immutable, err := mutability(in.Mutability)
	if err != nil {
		return nil, err
	}
	if !backend.ValidRepository(in.Name) {
		return nil, invalidf("Invalid parameter at 'repositoryName' failed to satisfy constraint: "+
			"2 to 256 lower-case letters, digits, - _ . and /, got '%s'", backend.Clean(in.Name))
	}
	p, err := e.h.place(ctx)
	if err != nil {
		return nil, err
	}
	e.r.mu.Lock()
	defer e.r.mu.Unlock()
	if e.r.repos[in.Name] != nil {
		return nil, failf(http.StatusBadRequest, "RepositoryAlreadyExistsException",
			"The repository with name '%s' already exists in the registry with id '%s'", in.Name, p.account)
	}
	repo := &repository{
		name: in.Name, createdAt: e.r.clock.Now(), immutable: immutable, scanOnPush: in.Scanning.OnPush,
		images: map[string]*pushed{}, tags: map[string]string{}, made: in.tags(),
	}
	e.r.repos[in.Name] = repo
	return obj{"repository": e.repositoryShape(repo, p, c)}, nil
}

func mutability(s string) (immutable bool, err error) {
	switch s {
	case "", "MUTABLE":
		return false, nil
	case "IMMUTABLE":
		return true, nil
	default:
		return false, invalidf("imageTagMutability: this endpoint knows MUTABLE and IMMUTABLE.")
	}
}

func (e *ecr) repositoryShape(repo *repository, p place, c *call) obj {
	mutable := "MUTABLE"
	if repo.immutable {
		mutable = "IMMUTABLE"
	}
	return obj{
		"repositoryName": repo.name, "registryId": p.account, "repositoryArn": p.arn("ecr", "repository/"+repo.name),
		"repositoryUri": e.hostFor(c) + "/" + repo.name, "imageTagMutability": mutable,
		"imageScanningConfiguration": obj{"scanOnPush": repo.scanOnPush},
		"encryptionConfiguration":    obj{"encryptionType": "AES256"},
	}.put("createdAt", repo.createdAt)
}

type describeRepositoriesInput struct {
	paging
	Names []string `json:"repositoryNames"`
}

func (e *ecr) describeRepositories(ctx context.Context, c *call, in *describeRepositoriesInput) (any, error) {
	p, err := e.h.place(ctx)
	if err != nil {
		return nil, err
	}
	e.r.mu.Lock()
	defer e.r.mu.Unlock()
	names := in.Names
	if len(names) > ecrPage {
		return nil, invalidf("repositoryNames cannot contain more than %d elements.", ecrPage)
	}
	if len(names) == 0 {
		for name := range e.r.repos {
			names = append(names, name)
		}
		slices.Sort(names)
	}
	names, next, err := cutECR("DescribeRepositories", in.paging, names)
	if err != nil {
		return nil, err
	}
	shapes := []any{}
	for _, name := range names {
		repo := e.r.repos[name]
		if repo == nil {
			return nil, noRepository(name)
		}
		shapes = append(shapes, e.repositoryShape(repo, p, c))
	}
	return obj{"repositories": shapes}.put("nextToken", next), nil
}

// cutECR gives one page: 100 items unless asked, at most 1000.
func cutECR[T any](scope string, in paging, items []T) ([]T, string, error) {
	limit := ecrPage
	if in.MaxResults != nil {
		if limit = *in.MaxResults; limit < 1 {
			return nil, "", invalidf("maxResults must be between 1 and %d.", mostECRPage)
		}
	}
	return cut(scope, in.NextToken, items, limit, mostECRPage)
}

func (e *ecr) deleteRepository(ctx context.Context, c *call, in *struct {
	Name  string `json:"repositoryName"`
	Force bool   `json:"force"`
},
) (any, error) {
	p, err := e.h.place(ctx)
	if err != nil {
		return nil, err
	}
	e.r.mu.Lock()
	defer e.r.mu.Unlock()
	repo := e.r.repos[in.Name]
	switch {
	case repo == nil:
		return nil, noRepository(in.Name)
	case len(repo.images) > 0 && !in.Force:
		return nil, failf(http.StatusBadRequest, "RepositoryNotEmptyException",
			"The repository with name '%s' in registry with id '%s' cannot be deleted because it still contains images", in.Name, p.account)
	}
	for _, img := range repo.images {
		e.r.drop(repo, img)
	}
	delete(e.r.repos, in.Name)
	return obj{"repository": e.repositoryShape(repo, p, c)}, nil
}

func (e *ecr) putMutability(_ context.Context, in *struct {
	Name       string `json:"repositoryName"`
	Mutability string `json:"imageTagMutability"`
},
) (any, error) {
	immutable, err := mutability(in.Mutability)
	if err != nil {
		return nil, err
	}
	e.r.mu.Lock()
	defer e.r.mu.Unlock()
	repo := e.r.repos[in.Name]
	if repo == nil {
		return nil, noRepository(in.Name)
	}
	repo.immutable = immutable
	return obj{"repositoryName": in.Name, "imageTagMutability": in.Mutability}, nil
}

func (e *ecr) putScanning(_ context.Context, in *createRepositoryInput) (any, error) {
	e.r.mu.Lock()
	defer e.r.mu.Unlock()
	repo := e.r.repos[in.Name]
	if repo == nil {
		return nil, noRepository(in.Name)
	}
	repo.scanOnPush = in.Scanning.OnPush
	return obj{"repositoryName": in.Name, "imageScanningConfiguration": obj{"scanOnPush": repo.scanOnPush}}, nil
}
