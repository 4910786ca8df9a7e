"""References to images, wherever one is written."""

from policyengine.model.types import STRING, Field, Kind, one_of

FIELDS = {
    "reference": Field(STRING, "the reference as written"),
    "registry": Field(STRING, "the registry's host, docker.io where none is written"),
    "repository": Field(STRING, "the repository within the registry: library/nginx for nginx"),
    "name": Field(STRING, "registry/repository, without tag and digest"),
    "tag": Field(STRING, "the tag; latest where neither tag nor digest is written"),
    "digest": Field(STRING, "the digest: sha256:..."),
    "pinning": Field(
        one_of("digest", "tag", "latest", "none"),
        "what names the version: a digest, a tag, the tag latest as written, or nothing, which means latest too",
    ),
}
"""The parts of a reference after normalisation (distribution/reference); a container's ``image`` has them too."""

KIND = Kind(
    "image_ref",
    "A reference to an image that is pulled: a container's image, a Dockerfile's FROM or COPY --from",
    {
        **FIELDS,
        "used_by": Field(one_of("container", "FROM", "COPY --from", "RUN --mount"), "what refers to the image"),
    },
)
