package docker

import (
	"fmt"
	"strings"

	"github.com/distribution/reference"
)

// parseTag checks "repository:tag" by the registry's grammar and says in plain
// words what is wrong with it.
func parseTag(tag string) (reference.NamedTagged, error) {
	named, err := reference.ParseNormalizedNamed(tag)
	if err != nil {
		if strings.ToLower(tag) != tag {
			return nil, fmt.Errorf("%q is not a valid image name: repository names are lower case", tag)
		}
		return nil, fmt.Errorf("%q is not a valid image name: %w", tag, err)
	}
	tagged, ok := reference.TagNameOnly(named).(reference.NamedTagged)
	if !ok {
		return nil, fmt.Errorf("%q names an image by its digest, where a tag is needed", tag)
	}
	return tagged, nil
}
