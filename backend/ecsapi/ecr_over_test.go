package ecsapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/schemas"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/smithy-go"

	"github.com/ecs-tui/ecs-tui/backend/demo"
)

// TestBackendsOwnRepositories: without a registry, ECR's calls are about the
// backend's repositories, in ECR's forms.
func TestBackendsOwnRepositories(t *testing.T) {
	t.Parallel()
	w := serve(t, demo.Options{Quiet: true}, nil)
	for _, test := range []struct {
		action, body string
		schema       *smithy.Schema
	}{
		{"DescribeRepositories", `{"maxResults":5}`, schemas.DescribeRepositoriesResponse},
		{"CreateRepository", `{"repositoryName":"team/new","imageTagMutability":"IMMUTABLE"}`, schemas.CreateRepositoryResponse},
		{"ListImages", `{"repositoryName":"shop/web","filter":{"tagStatus":"UNTAGGED"}}`, schemas.ListImagesResponse},
		{"DescribeImages", `{"repositoryName":"shop/web","maxResults":2}`, schemas.DescribeImagesResponse},
		{"BatchGetImage", `{"repositoryName":"shop/web","imageIds":[{"imageTag":"9f3c1ab"},{"imageTag":"none"}]}`, schemas.BatchGetImageResponse},
		{"DescribeImageScanFindings", `{"repositoryName":"shop/web","imageId":{"imageTag":"5c02b9a"},"maxResults":3}`, schemas.DescribeImageScanFindingsResponse},
		{"StartImageScan", `{"repositoryName":"shop/migrate","imageId":{"imageTag":"20a9be1"}}`, schemas.StartImageScanResponse},
		{"BatchDeleteImage", `{"repositoryName":"shop/web","imageIds":[{"imageTag":"old-experiment"},{"imageTag":"9f3c1ab"},{"imageTag":"none"}]}`, schemas.BatchDeleteImageResponse},
	} {
		status, out := w.call(t, "AmazonEC2ContainerRegistry_V20150921."+test.action, test.body)
		if status != http.StatusOK {
			t.Errorf("%s: %d %v", test.action, status, out)
			continue
		}
		agree(t, test.action, out, test.schema)
	}
}

// TestBackendsOwnErrors: what is missing or in use is told as ECR tells it.
func TestBackendsOwnErrors(t *testing.T) {
	t.Parallel()
	w := serve(t, demo.Options{Quiet: true}, nil)
	c, ctx := ecr.NewFromConfig(w.cfg), t.Context()
	web, id := aws.String("shop/web"), types.ImageIdentifier{ImageTag: aws.String("9f3c1ab")}
	none := types.ImageIdentifier{ImageTag: aws.String("none")}
	for what, test := range map[string]struct {
		err  error
		code string
	}{
		"no repository": {second(c.DescribeImages(ctx, &ecr.DescribeImagesInput{RepositoryName: aws.String("no/where")})), "RepositoryNotFoundException"},
		"one of two":    {second(c.DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{RepositoryNames: []string{"shop/web", "no/where"}})), "RepositoryNotFoundException"},
		"no image":      {second(c.DescribeImages(ctx, &ecr.DescribeImagesInput{RepositoryName: web, ImageIds: []types.ImageIdentifier{none}})), "ImageNotFoundException"},
		"never scanned": {second(c.DescribeImageScanFindings(ctx, &ecr.DescribeImageScanFindingsInput{RepositoryName: aws.String("shop/migrate"), ImageId: &types.ImageIdentifier{ImageTag: aws.String("20a9be1")}})), "ScanNotFoundException"},
		"a second one":  {second(c.CreateRepository(ctx, &ecr.CreateRepositoryInput{RepositoryName: web})), "RepositoryAlreadyExistsException"},
		"no login":      {second(c.GetAuthorizationToken(ctx, nil)), "UnknownOperationException"},
	} {
		wantCode(t, what, test.err, test.code)
	}
	out, err := c.BatchDeleteImage(ctx, &ecr.BatchDeleteImageInput{RepositoryName: web, ImageIds: []types.ImageIdentifier{id}})
	if err != nil || len(out.ImageIds) != 0 || len(out.Failures) != 1 || !strings.Contains(aws.ToString(out.Failures[0].FailureReason), "used by web") {
		t.Errorf("deleting what is used: %+v, %v", out, err)
	}
}
