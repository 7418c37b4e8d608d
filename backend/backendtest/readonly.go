package backendtest

import (
	"context"
	"fmt"
	"reflect"

	"github.com/ecs-tui/ecs-tui/backend"
)

// reads are the methods of a backend that change nothing. Every other method,
// also one that is added to the contract tomorrow, must be refused by the
// read-only wrapper.
func reads() map[string]bool {
	out := map[string]bool{
		"Close": true, "ListImages": true, "DescribeImage": true, "PlanPrune": true,
		"ListRepositories": true, "DescribeRepositories": true, "RepositoryContents": true, "ListRepositoryImages": true,
		"ScanFindings": true, "PlanRepositoryPrune": true, "ListSchedules": true, "RepositoryTags": true,
	}
	for _, t := range []reflect.Type{
		reflect.TypeFor[backend.Describer](), reflect.TypeFor[backend.ClusterReader](), reflect.TypeFor[backend.ServiceReader](),
		reflect.TypeFor[backend.TaskReader](), reflect.TypeFor[backend.TaskDefinitionReader](), reflect.TypeFor[backend.DeploymentReader](),
		reflect.TypeFor[backend.Logs](), reflect.TypeFor[backend.Metrics](), reflect.TypeFor[backend.Verifier](),
		reflect.TypeFor[backend.TargetReader](), reflect.TypeFor[backend.ScalingReader](), reflect.TypeFor[backend.CapacityReader](), reflect.TypeFor[backend.DiscoveryReader](), reflect.TypeFor[backend.AddressReader](),
	} {
		for i := range t.NumMethod() {
			out[t.Method(i).Name] = true
		}
	}
	return out
}

// testReadOnly calls every write through the wrapper, over a backend that does
// not exist: a call that gets through panics.
func testReadOnly(s *suite) {
	wrapped := reflect.ValueOf(backend.ReadOnly(nil))
	contract, known := reflect.TypeFor[backend.Backend](), reads()
	writes := 0
	for i := range contract.NumMethod() {
		name := contract.Method(i).Name
		if known[name] {
			continue
		}
		writes++
		if err := call(wrapped.MethodByName(name)); backend.KindOf(err) != backend.Denied {
			s.Errorf("%s on a read-only backend: %v, want it denied", name, err)
		}
	}
	if writes < 13 {
		s.Errorf("only %d writes were found in the contract", writes)
	}
	ro := backend.ReadOnly(s.b)
	if ro.Unsupported(backend.CanWrite) == "" {
		s.Error("a read-only backend does not say that it cannot write")
	}
	if _, err := ro.ListServices(s.Context(), s.Cluster, backend.PageRequest{}); err != nil {
		s.Errorf("a read through the wrapper: %v", err)
	}
}

// call calls a method with zero arguments and gives the error that it ended
// with, also where that comes out of a stream.
func call(m reflect.Value) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("it went through: %v", p)
		}
	}()
	var in []reflect.Value
	for i := range m.Type().NumIn() {
		if m.Type().In(i) == reflect.TypeFor[context.Context]() {
			in = append(in, reflect.ValueOf(context.Background()))
			continue
		}
		in = append(in, reflect.Zero(m.Type().In(i)))
	}
	out := m.Call(in)
	last := out[len(out)-1]
	if last.Kind() == reflect.Func {
		yield := reflect.MakeFunc(last.Type().In(0), func(args []reflect.Value) []reflect.Value {
			if e, ok := args[1].Interface().(error); ok && err == nil {
				err = e
			}
			return []reflect.Value{reflect.ValueOf(true)}
		})
		last.Call([]reflect.Value{yield})
		return err
	}
	err, _ = last.Interface().(error)
	return err
}
