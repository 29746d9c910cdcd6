# syntax=docker/dockerfile:1
# A static binary in an empty image.
#   docker build -t ecs-local .
#   docker run --rm -p 127.0.0.1:4526:4526 -e ECS_LOCAL_CONTROL_TOKEN=local ecs-local
# For both architectures, each cross-compiled where the build runs:
#   docker buildx build --platform linux/amd64,linux/arm64 -t ecs-local .

FROM --platform=$BUILDPLATFORM rust:1-alpine AS build
# The C compiler for the other architecture.
RUN apk add --no-cache clang
WORKDIR /build
COPY . .
ARG TARGETARCH
# Crates and objects stay on the machine that builds, for the next build.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target,id=target-$TARGETARCH \
    packaging/static-binary "$TARGETARCH" /image/ecs-local && mkdir /image/data

FROM scratch
COPY LICENSE-* /licenses/
COPY --from=build /image/ecs-local /ecs-local
# For worlds that are to stay: -v ecs-local:/data -e ECS_LOCAL_DATA=/data
COPY --from=build --chown=65532:65532 /image/data /data
VOLUME /data
USER 65532:65532
# The loopback address of a container cannot be reached from outside.
ENV ECS_LOCAL_LISTEN=0.0.0.0:4526
EXPOSE 4526
# It asks where ECS_LOCAL_LISTEN says.
HEALTHCHECK --interval=5s --timeout=3s --start-period=2s --retries=3 CMD ["/ecs-local", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/ecs-local"]
# What changes with each build comes last.
ARG VERSION=
ARG REVISION=
LABEL org.opencontainers.image.title="ecs-local" \
    org.opencontainers.image.description="A local emulator of Alibaba Cloud ECS" \
    org.opencontainers.image.licenses="Apache-2.0 OR MIT" \
    org.opencontainers.image.source="https://github.com/ecs-local/ecs-local" \
    org.opencontainers.image.version="$VERSION" \
    org.opencontainers.image.revision="$REVISION"
