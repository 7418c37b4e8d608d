# Every target does its own set-up: Go and make are all that a machine needs.
# Tools are pinned in .tools/, one module each, so that go.mod holds the
# program's dependencies only.

GO      ?= go
BIN     := bin/ecs-tui
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)
TARGETS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64

# Builds here need no state of the repository, which git refuses to tell where the
# folder is somebody else's: VERSION says what is known.
export GOFLAGS := $(shell $(GO) env GOFLAGS) -buildvcs=false

tool = $(GO) tool -modfile=.tools/$(1).mod $(1)

EXAMPLES := web worker cli pair

.PHONY: help run build examples test check lint cross bench snapshot screenshots fmt clean

help: ## what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

run: build examples ## build it and open examples/web; without a terminal, deploy it and show how it went
	@if [ -t 0 ] && [ -t 1 ]; then exec $(BIN) examples/web; else exec sh examples/headless.sh $(BIN) examples/web; fi

# Without cgo and with the same flags, vet, lint and the builds share one set of
# compiled packages; releases add -trimpath.
build: ## the program, in bin/
	CGO_ENABLED=0 $(GO) build -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/ecs-tui

# The examples' images are FROM scratch, since no base image may be pulled:
# each gets one static binary, built here for this machine's architecture.
examples: ## the static binaries that the examples' Dockerfiles copy
	@for e in $(EXAMPLES); do \
		CGO_ENABLED=0 GOOS=linux $(GO) build -trimpath -ldflags '-s -w' -o examples/$$e/bin/$$e ./examples/$$e || exit 1; \
	done

# Tests that drive a real engine or a real terminal can lose to a busy machine.
# Where few fail they are run again, alone, and both results are shown; a data
# race is no such loss. The race detector needs a C compiler: it is tried.
test: examples ## everything, with the race detector where there is a C compiler; the integration tests where an engine answers
	@race=-race; why="$$($(GO) build -race runtime/cgo 2>&1)" || race=; \
	if [ -z "$$race" ]; then \
		echo "the race detector is left out, since it needs a C compiler (gcc): $$why"; \
		if [ -n "$$ECS_TUI_REQUIRE_RACE" ]; then exit 1; fi; \
	fi; \
	$(call tool,gotestsum) --format pkgname-and-test-fails --rerun-fails=2 --rerun-fails-max-failures=6 --rerun-fails-abort-on-data-race --packages=./... -- $$race -count=1 -timeout=15m

check: ## formatting, vet, lint, import rules, and a build for every platform
	@out="$$($(call tool,gofumpt) -l .)" || exit 1; \
		if [ -n "$$out" ]; then echo "not formatted (make fmt):"; echo "$$out"; exit 1; fi
	CGO_ENABLED=0 $(GO) vet ./...
	CGO_ENABLED=0 $(GO) test -count=1 -run '^TestImport' ./cmd/ecs-tui
	@$(MAKE) --no-print-directory cross lint

lint:
	CGO_ENABLED=0 $(call tool,golangci-lint) run ./...

# Other platforms are only built to see that they do: without optimising, that
# takes a third less. This machine's own is the build that vet has made already.
cross:
	@here="$$($(GO) env GOHOSTOS)/$$($(GO) env GOHOSTARCH)"; \
	for t in $(TARGETS); do \
		if [ "$$t" = "$$here" ]; then flags=; else flags='-gcflags=all=-N -l'; fi; \
		echo "build $$t"; \
		CGO_ENABLED=0 GOOS=$${t%/*} GOARCH=$${t#*/} $(GO) build $${flags:+"$$flags"} ./... || exit 1; \
	done

bench: build examples ## the benchmarks, as a table, kept in docs/benchmarks.md
	$(GO) run ./cmd/bench -o docs/benchmarks.md

snapshot: ## archives, checksums, deb and rpm for every platform, in dist/
	$(call tool,goreleaser) release --snapshot --clean

screenshots: build examples ## pictures of the real program in a real terminal
	screenshots/take.sh $(BIN)

fmt: ## format the sources
	$(call tool,gofumpt) -w .

clean:
	rm -rf bin dist $(foreach e,$(EXAMPLES),examples/$(e)/bin)
