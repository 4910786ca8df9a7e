"""Secrets that lie in the files of a system or an image."""

from policyengine.model.types import BOOLEAN, INTEGER, STRING, Field, Kind, list_of, object_of

_PLACE = {
    "path": Field(STRING, "the file"),
    "line": Field(INTEGER, "the line where it begins; absent: the whole file"),
    "layer": Field(STRING, "the layer of the image that brings it: 3 of 7; absent: it is in no image"),
    "removed": Field(BOOLEAN, "a later layer removes or changes the file, and whoever has the image still has it"),
}

KIND = Kind(
    "stored_secrets",
    "What lies in files of a system or an image and is secret: where and of which kind, never what it is",
    {
        "name": Field(STRING, "the container, the image, or the host"),
        "private_keys": Field(
            list_of(
                object_of(
                    **_PLACE,
                    form=Field(STRING, "RSA, EC, PKCS8, OPENSSH, PGP, PuTTY, PKCS12, GnuPG"),
                    encrypted=Field(BOOLEAN, "a passphrase is needed to use it"),
                )
            ),
            "private keys",
        ),
        "credentials": Field(
            list_of(object_of(**_PLACE, program=Field(STRING, "aws, docker, git, kubernetes, netrc, npm, ..."))),
            "files in which programs keep credentials, where there is one in them",
        ),
        "tokens": Field(
            list_of(object_of(**_PLACE, service=Field(STRING, "GitHub, AWS, Slack, ..."))),
            "tokens of well-known forms; of a container and a host only those in the files that keep them",
        ),
    },
)
