"""Images on an engine."""

from policyengine.model.kinds.dockerfile import DEFAULT_USER, IMAGE_CONFIG
from policyengine.model.kinds.instruction import COMMAND, PACKAGE_COMMAND
from policyengine.model.types import BOOLEAN, INTEGER, STRING, STRINGS, Field, Kind, list_of, map_of, object_of

_LAYER = object_of(
    created_by=Field(
        STRING, "the instruction, or the command, that made it; build arguments stand in it", sensitive=True
    ),
    created=Field(STRING, "when, RFC 3339"),
    size=Field(INTEGER, "bytes that it adds"),
    copied_by_add=Field(
        BOOLEAN, "ADD made it, of files that COPY would have copied just so; absent where something else made it"
    ),
    comment=Field(STRING, "what its builder says of it"),
    tags=Field(STRINGS, "the tags of the image that ends with it"),
)

KIND = Kind(
    "image",
    "An image on an engine",
    {
        **IMAGE_CONFIG,
        "default_user": DEFAULT_USER,
        "id": Field(STRING, "the image's id: sha256:..."),
        "tags": Field(STRINGS, "its tags: repository:tag"),
        "digests": Field(STRINGS, "the digests it was pulled by: repository@sha256:..."),
        "created": Field(STRING, "when it was built, RFC 3339"),
        "size": Field(INTEGER, "bytes"),
        "architecture": Field(STRING, "amd64, arm64, ..."),
        "os": Field(STRING, "linux, windows"),
        "variant": Field(STRING, "the variant of the architecture: v7, v8"),
        "author": Field(STRING, "its MAINTAINER"),
        "stop_signal": Field(STRING, "the signal that stops its containers; absent for SIGTERM"),
        "volumes": Field(STRINGS, "the paths that VOLUME declares"),
        "onbuild": Field(STRINGS, "the instructions that ONBUILD leaves to images built on it", sensitive=True),
        "layers": Field(INTEGER, "how many layers its filesystem has"),
        "history": Field(list_of(_LAYER), "how it came about, the newest step first"),
        "calls": Field(
            map_of(list_of(COMMAND)),
            "the commands of the steps of its history that ran a shell, by the name of the program, also those of the "
            "images that it is built on",
            sensitive=True,
        ),
        "packages": Field(
            map_of(list_of(PACKAGE_COMMAND)),
            "the commands of package managers among them, by manager; nothing of the caches, for what was mounted in "
            "a step is not told",
        ),
        "in_use": Field(BOOLEAN, "a container of the engine uses it"),
    },
)
