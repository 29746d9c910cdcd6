# A static binary in an empty image.
#   docker build -t ecs-local .
#   docker run --rm -p 127.0.0.1:4526:4526 -e ECS_LOCAL_CONTROL_TOKEN=local ecs-local

FROM rust:1-alpine AS build
WORKDIR /build
COPY . .
RUN cargo build --release --locked --bin ecs-local

FROM scratch
COPY --from=build /build/target/release/ecs-local /ecs-local
USER 65532
EXPOSE 4526
# The loopback address of a container cannot be reached from outside.
ENV ECS_LOCAL_LISTEN=0.0.0.0:4526
HEALTHCHECK --interval=5s --timeout=3s --start-period=2s --retries=3 \
    CMD ["/ecs-local", "health", "--listen", "127.0.0.1:4526"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/ecs-local"]
