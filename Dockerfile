# syntax=docker/dockerfile:1

FROM --platform=$BUILDPLATFORM golang:1.26-alpine AS build
RUN apk add --no-cache ca-certificates
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG TARGETOS TARGETARCH RELEASE COMMIT
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -buildvcs=false \
      -ldflags "-s -w \
        -X github.com/retool-mcp/retool-mcp/internal/cli.release=$RELEASE \
        -X github.com/retool-mcp/retool-mcp/internal/cli.commit=$COMMIT" \
      -o /retool-mcp .

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /retool-mcp /retool-mcp
USER 65532:65532
ENTRYPOINT ["/retool-mcp"]
