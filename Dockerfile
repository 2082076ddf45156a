# syntax=docker/dockerfile:1
# The operator's image: one static binary on a base without a shell or a package manager.
#
#   docker buildx build --platform linux/amd64,linux/arm64 .
#
# The builder runs on the architecture that it builds for; BuildKit sets TARGETARCH (amd64 or arm64) from the platform.
# `make image-check` runs the same commands without an engine.

# The version is that of rust-toolchain.toml.
FROM rust:1.95.0-slim-bookworm AS toolchain
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends musl-tools \
    && rm -rf /var/lib/apt/lists/*

FROM toolchain AS build-amd64
ENV CARGO_BUILD_TARGET=x86_64-unknown-linux-musl \
    CC_x86_64_unknown_linux_musl=musl-gcc

FROM toolchain AS build-arm64
ENV CARGO_BUILD_TARGET=aarch64-unknown-linux-musl \
    CC_aarch64_unknown_linux_musl=musl-gcc

# hadolint ignore=DL3006
FROM build-${TARGETARCH} AS build
WORKDIR /build
RUN rustup target add "$CARGO_BUILD_TARGET" \
    && cargo install --locked --root tools cargo-auditable@0.7.7

# The dependencies, in a layer that changes with Cargo.lock alone: the project's own crates are still empty.
COPY Cargo.toml Cargo.lock ./
COPY tests/rig/Cargo.toml tests/rig/
COPY tests/simulators/Cargo.toml tests/simulators/
RUN mkdir -p src tests/rig/src tests/simulators/src \
    && echo 'fn main() {}' > src/main.rs \
    && touch src/lib.rs tests/rig/src/lib.rs tests/simulators/src/lib.rs \
    && cargo build --release --locked --features otlp --bin user-invitation-operator \
    && rm -r src

# Cargo goes by times, and the sources are older than the empty files were. The list of dependencies goes into the binary,
# so that scanners of images know them.
COPY src src
RUN touch src/main.rs src/lib.rs \
    && tools/bin/cargo-auditable auditable build --release --locked --features otlp --bin user-invitation-operator \
    && cp "target/$CARGO_BUILD_TARGET/release/user-invitation-operator" user-invitation-operator \
    && ./user-invitation-operator --version

FROM gcr.io/distroless/static-debian12:nonroot
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="user-invitation-operator" \
      org.opencontainers.image.description="Kubernetes operator that invites people to vendor tenants and follows each invitation to its end" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY LICENSE /licenses/LICENSE
COPY --from=build /build/user-invitation-operator /usr/local/bin/user-invitation-operator
# By number, so that a kubelet can tell that it is not root.
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/user-invitation-operator"]
