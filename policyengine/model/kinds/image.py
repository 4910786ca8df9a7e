"""Images on an engine."""

from policyengine.model.kinds.dockerfile import IMAGE_CONFIG
from policyengine.model.types import BOOLEAN, INTEGER, STRING, STRINGS, Field, Kind

KIND = Kind(
    "image",
    "An image on an engine",
    {
        **IMAGE_CONFIG,
        "id": Field(STRING, "the image's id: sha256:..."),
        "tags": Field(STRINGS, "its tags: repository:tag"),
        "digests": Field(STRINGS, "the digests it was pulled by: repository@sha256:..."),
        "created": Field(STRING, "when it was built, RFC 3339"),
        "size": Field(INTEGER, "bytes"),
        "architecture": Field(STRING, "amd64, arm64, ..."),
        "os": Field(STRING, "linux, windows"),
        "in_use": Field(BOOLEAN, "a container of the engine uses it"),
    },
)
