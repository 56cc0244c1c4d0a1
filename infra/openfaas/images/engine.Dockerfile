# The engine, and beside it the embedded store: one image, two programs.
#
#   docker run backtrack-engine engine
#   docker run -v backtrack-data:/data backtrack-engine store
#
# Both run with a read-only root under any user id. The store needs its folder, the engine nothing but /tmp.
#
#   docker buildx build -f infra/openfaas/images/engine.Dockerfile -t backtrack-engine:0.1.0 .
#
# Both run from their sources, which Node 24 reads as they are: nothing has to be compiled, and a stack trace names
# the line. Base images are pinned by tag; --build-arg NODE_IMAGE=...@sha256:... pins one by digest.
ARG NODE_IMAGE=docker.io/library/node:24.21.0-slim

# The packages are the same for every processor: native code comes built for each of them. So they are fetched on
# the machine that builds, without emulation.
FROM --platform=${BUILDPLATFORM:-linux/amd64} ${NODE_IMAGE} AS packages
WORKDIR /srv/backtrack
COPY package.json package-lock.json ./
RUN ["npm", "ci", "--omit=dev", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund"]
RUN ["mkdir", "/data"]

FROM ${NODE_IMAGE}
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="Backtrack engine" \
      org.opencontainers.image.description="What calls the functions of a self-hosted Backtrack, and its embedded store" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}"
# Requests are signed for a region; outside AWS for this one, as functions have it.
ENV NODE_ENV=production \
    HOME=/tmp \
    ENGINE_HOST=0.0.0.0 \
    STORE_HOST=0.0.0.0 \
    STORE_DATA=/data \
    AWS_REGION=us-east-1
WORKDIR /srv/backtrack
COPY --from=packages --chmod=0555 /srv/backtrack/node_modules ./node_modules
# A new volume takes over whose folder it was. In Kubernetes, fsGroup says so.
COPY --from=packages --chmod=0770 --chown=10001:10001 /data /data
COPY --chmod=0555 package.json LICENSE ./
COPY --chmod=0555 workflows ./workflows
COPY --chmod=0555 lib ./lib
COPY --chmod=0555 functions ./functions
COPY --chmod=0555 hosts ./hosts
COPY --chmod=0555 engines ./engines
COPY --chmod=0555 infra ./infra
USER 10001:10001
EXPOSE 8090 8091 8000
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "infra/openfaas/images/main.ts"]
CMD ["engine"]
