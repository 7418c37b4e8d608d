package backend

import (
	"maps"
	"slices"
)

// FargateSize is the least size of a task on Fargate that has at least cpu units
// and memory MiB; the largest, where none has ("Task size" in the ECS developer
// guide).
func FargateSize(cpu, memory int) (units, mebibytes int) {
	sizes := fargateSizes()
	for _, units := range slices.Sorted(maps.Keys(sizes)) {
		from, to, step := sizes[units][0], sizes[units][1], sizes[units][2]
		if units < cpu || to < memory {
			continue
		}
		if memory <= from {
			return units, from
		}
		return units, from + (memory-from+step-1)/step*step
	}
	largest := slices.Max(slices.Collect(maps.Keys(sizes)))
	return largest, sizes[largest][1]
}
