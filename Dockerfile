# policyengine as an image: docker run --rm --volume "$PWD:/work:ro" IMAGE check
# integrations/README.md tells how to use it. The base is any image of Debian with Python 3.11 or newer; the digest is
# that of python:3.12-slim-bookworm, renewed with: docker buildx imagetools inspect python:3.12-slim-bookworm
ARG BASE=docker.io/library/python:3.12-slim-bookworm@sha256:54c85f3c47607a77f32adec749d3c81d1348bf25833671f512b26a9b6d778cb3

FROM ${BASE} AS build
RUN apt-get update \
 && apt-get install --yes --no-install-recommends git \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY policies policies
COPY policyengine policyengine
# All files get one time, in whole seconds as layers have it: what is kept of policies hangs on the times of modules.
RUN python3 -m venv --without-pip /opt/policyengine \
 && python3 -m pip --python /opt/policyengine/bin/python install --no-cache-dir --no-compile /src \
 && find /opt/policyengine -exec touch --no-dereference --date=@1700000000 {} + \
 && /opt/policyengine/bin/python -m compileall -q -j 0 /opt/policyengine/lib
# The checked policies of common packs are part of the image: checking them takes longer than a small check itself.
ENV POLICYENGINE_CACHE_DIR=/var/cache/policyengine
RUN printf 'services: {}\n' > compose.yaml \
 && for pack in default strict; do /opt/policyengine/bin/policyengine check --pack "$pack" compose.yaml; done \
 && rm /var/cache/policyengine/results.db \
 && chmod -R a+rX /var/cache/policyengine
# Who runs the image seldom owns what is mounted; git reads only repositories that it is told to trust.
RUN git config --system safe.directory /work

FROM ${BASE}
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="policyengine" \
      org.opencontainers.image.description="Policies for container configurations, as data" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="Apache-2.0"
# The program itself: what is asked of git is built into it, and its libraries are those of any Debian. The package
# would bring Perl.
COPY --from=build /usr/bin/git /usr/bin/git
COPY --from=build /etc/gitconfig /etc/gitconfig
COPY --from=build /opt/policyengine /opt/policyengine
COPY --from=build --chown=10001:10001 /var/cache/policyengine /var/cache/policyengine
ENV PATH=/opt/policyengine/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    POLICYENGINE_CACHE_DIR=/var/cache/policyengine
WORKDIR /work
USER 10001:10001
# For what keeps running; a check ends by itself.
HEALTHCHECK --interval=5m --timeout=10s CMD ["/opt/policyengine/bin/policyengine", "--version"]
ENTRYPOINT ["/opt/policyengine/bin/policyengine"]
CMD ["check"]
