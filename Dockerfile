# The server only: a static binary and the certificates of public authorities.
#
#   docker build --build-arg RELEASE="$(git describe --tags --always)" -t retool-mcp .
#   docker buildx build --platform linux/amd64,linux/arm64 --build-arg RELEASE=v1.2.3 -t registry.example.com/retool-mcp:v1.2.3 --push .
#
# The digest is that of an index of all platforms. Change tag and digest together.
FROM --platform=$BUILDPLATFORM golang:1.26.8-alpine3.24@sha256:8ac98ca534ac3f51e1f420a1dd2c15e74c75cfa0f23f3ad27eb5d7236c349a0c AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
ARG TARGETOS TARGETARCH RELEASE COMMIT
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -buildvcs=false \
      -ldflags "-s -w \
        -X github.com/retool-mcp/retool-mcp/internal/cli.release=$RELEASE \
        -X github.com/retool-mcp/retool-mcp/internal/cli.commit=$COMMIT" \
      -o /retool-mcp .

FROM scratch
ARG RELEASE COMMIT
LABEL org.opencontainers.image.title="retool-mcp" \
      org.opencontainers.image.description="An MCP server for the Retool API" \
      org.opencontainers.image.source="https://github.com/retool-mcp/retool-mcp" \
      org.opencontainers.image.documentation="https://github.com/retool-mcp/retool-mcp/blob/main/docs/remote.md" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$RELEASE" \
      org.opencontainers.image.revision="$COMMIT"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /retool-mcp /retool-mcp
# A number, so that Kubernetes can verify that it is not root. The server writes nothing: the root may be read-only.
USER 65532:65532
EXPOSE 8000
# For --transport http on port 8000. On stdio the container shows as
# unhealthy, without effect; --no-healthcheck removes the check.
HEALTHCHECK --interval=30s --timeout=6s --start-period=10s --retries=3 CMD ["/retool-mcp", "health"]
ENTRYPOINT ["/retool-mcp"]
