package aws

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/datachannel"
)

// dataKey gets the key of a session from the KMS key that the cluster encrypts
// its sessions with. The encryption context names the session and its target,
// as the agent does when it has the key decrypted.
func (b *Backend) dataKey(ctx context.Context, keyID, cluster string, req backend.ShellRequest, session string) (key, sealed []byte, err error) {
	const op = "GenerateDataKey"
	target, err := b.execTarget(ctx, cluster, req)
	if err != nil {
		return nil, nil, err
	}
	var out struct{ Plaintext, CiphertextBlob []byte }
	err = smallJSON(ctx, b, keyService(), "", op, keyID, map[string]any{
		"KeyId": keyID, "NumberOfBytes": datachannel.KeySize,
		"EncryptionContext": map[string]string{"aws:ssm:SessionId": session, "aws:ssm:TargetId": target},
	}, &out)
	return out.Plaintext, out.CiphertextBlob, err
}

// execTarget is the container as Systems Manager names it.
func (b *Backend) execTarget(ctx context.Context, cluster string, req backend.ShellRequest) (string, error) {
	found, err := b.DescribeTasks(ctx, cluster, []string{req.Task})
	if err != nil {
		return "", err
	}
	var doc execTask
	if len(found) == 0 || json.Unmarshal(found[0].Document, &doc) != nil {
		return "", errors.New("the task is gone")
	}
	for _, c := range doc.Containers {
		if c.Name == req.Container || req.Container == "" {
			return "ecs:" + found[0].Cluster + "_" + found[0].ID() + "_" + c.RuntimeID, nil
		}
	}
	return "", errors.New("the task has no container " + req.Container)
}
