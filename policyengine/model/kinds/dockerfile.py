"""Dockerfiles as a whole."""

from policyengine.model.types import BOOLEAN, INTEGER, STRING, STRINGS, Field, Kind, Type, map_of, object_of

HEALTHCHECK = object_of(
    test=Field(STRINGS, "the command, CMD or CMD-SHELL first; NONE for a check that is switched off"),
    disable=Field(BOOLEAN, "a check that the base sets is switched off"),
)

IMAGE_CONFIG = {
    "user": Field(STRING, "the user that the image's processes start as"),
    "environment": Field(map_of(Type("string", nullable=True)), "variables that the image sets", sensitive=True),
    "expose": Field(STRINGS, "exposed ports as PORT/PROTOCOL"),
    "healthcheck": Field(HEALTHCHECK, "the health check that the image sets"),
    "labels": Field(map_of(STRING), "the image's labels"),
    "entrypoint": Field(STRINGS, "the entry point"),
    "command": Field(STRINGS, "the default command"),
    "workdir": Field(STRING, "the working directory"),
}
"""What an image's configuration says, in an engine's image and in what a Dockerfile's stage sets."""

DEFAULT_USER = Field(STRING, "who processes run as where nothing sets a user: root; on Windows ContainerAdministrator")

BUILD_CONFIG = {
    **IMAGE_CONFIG,
    "volumes": Field(STRINGS, "the mount points that VOLUME declares"),
    "stop_signal": Field(STRING, "the signal that STOPSIGNAL names"),
    "onbuild": Field(STRINGS, "what ONBUILD leaves to the images built on this one; of ENV and ARG the names only"),
}
"""What a Dockerfile sets."""

KIND = Kind(
    "dockerfile",
    "A Dockerfile: what the image it builds sets, followed from its last stage through the stages it stands on",
    {
        **BUILD_CONFIG,
        "default_user": DEFAULT_USER,
        "name": Field(STRING, "the file's name"),
        "stages": Field(INTEGER, "how many stages it has"),
        "base": Field(STRING, "the external image that the last stage stands on; scratch for none"),
        "syntax": Field(STRING, "the image of the syntax directive, which reads the file"),
        "check": Field(STRING, "the check directive: skip=...;error=true"),
        "ignore": Field(STRINGS, "the patterns of its .dockerignore as Docker reads them; absent where there is none"),
    },
)
