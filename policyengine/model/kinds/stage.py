"""Stages of Dockerfiles."""

from policyengine.model.kinds.dockerfile import BUILD_CONFIG
from policyengine.model.types import BOOLEAN, INTEGER, STRING, STRINGS, Field, Kind

KIND = Kind(
    "stage",
    "One stage of a Dockerfile, from FROM to the next FROM: what it sets itself",
    {
        **BUILD_CONFIG,
        "name": Field(STRING, "the stage's name (AS), else its number"),
        "index": Field(INTEGER, "0 for the first stage"),
        "final": Field(BOOLEAN, "the last stage: the one that is built by default"),
        "base": Field(STRING, "what FROM names: an image, an earlier stage or scratch"),
        "duplicate": Field(BOOLEAN, "an earlier stage has the same name"),
        "platform": Field(STRING, "FROM --platform"),
        "downloaders": Field(STRINGS, "curl and wget, where its RUNs call them, in the order of their first calls"),
    },
)
