# Targets for daily work. Everything is plain Go; make only shortens it.

LINT   := go run $(shell sed -n 's/^lint=//p' .ci/run)
BINARY := dist/retool-mcp
FIXTURE := dist/conformance-fixture
# The documents that the official clients are tested with: the embedded document,
# and Retool's own where the reference data is beside the checkout.
DOCUMENTS := schemas/retool.openapi.yaml $(wildcard ../shared/retool-api/openapi-*.json)

COUNT := 20
LOAD := 2

.PHONY: build test test-hostile lint generate update fuzz soak cover bench perf clients conformance ci

build: # a static binary in dist/
	CGO_ENABLED=0 go build -trimpath -o $(BINARY) .

test: # all tests, with the race detector
	go test -race ./...

test-hostile: # hostile callers for a minute, then each kind alone
	RETOOL_MCP_HOSTILE=60 go test -count 1 -v -run TestHostileCallers -timeout 20m ./internal/e2e

lint:
	$(LINT) run

generate: # tools/embedded, and what the sandbox needs of the document
	go generate ./...

update: generate # what reviews compare: names.txt, schemas/tools, schemas/budget.txt, counts and tables of README.md and docs/
	go test ./internal/toolgen -run Names -update
	go test ./internal/e2e -run Golden -update
	go test ./internal/cli -run SettingsPages -update
	go test ./internal/call -run Economy -update
	go test ./internal/server -run TokenBudget -update # last: it fails if the list exceeds its budget

fuzz: # every fuzz test for a minute; .ci/run gives them 10 s
	.ci/fuzz 60s

soak: # all tests COUNT times beside LOAD busy loops
	.ci/soak $(COUNT) $(LOAD)

cover: # all tests, with the coverage of each package
	go test -cover ./...

bench:
	go test -run '^$$' -bench . -benchmem ./...

perf: # the figures of docs/performance.md
	RETOOL_MCP_PERF=1 go test -run TestFigures -v ./internal/perf

clients: build internal/clients/node_modules/.package-lock.json # the official clients, over every transport
	node --test-reporter=spec internal/clients/check.mjs $(BINARY) $(DOCUMENTS)

conformance: build internal/conformance/node_modules/.package-lock.json # the official conformance suite
	go build -o $(FIXTURE) ./internal/conformance/fixture
	node internal/conformance/run.mjs $(FIXTURE) $(BINARY)

%/node_modules/.package-lock.json: %/package-lock.json
	cd $* && npm ci

ci: # every check, as the continuous integration runs it
	.ci/run
