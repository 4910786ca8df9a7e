"""Volumes of an engine."""

from policyengine.model.types import BOOLEAN, LABELS, STRING, STRINGS, Field, Kind

KIND = Kind(
    "volume",
    "A volume of an engine",
    {
        "name": Field(STRING, "the volume's name"),
        "driver": Field(STRING, "local, or a plugin's name"),
        "scope": Field(STRING, "local or global"),
        "mountpoint": Field(STRING, "where it is on the host"),
        "type": Field(STRING, "the filesystem that the driver local mounts: nfs, cifs, tmpfs, ...; absent for none"),
        "device": Field(STRING, "what the driver local mounts: the path of a bind, :/export, //host/share, a device"),
        "bind": Field(STRING, "the host path that it is a bind of; absent for none"),
        "options": Field(LABELS, "options of the driver; those of a network filesystem may hold a password", True),
        "labels": Field(LABELS, "its labels"),
        "created": Field(STRING, "when it was made, RFC 3339"),
        "anonymous": Field(BOOLEAN, "nobody gave it a name"),
        "containers": Field(STRINGS, "the names of the containers that mount it"),
        "in_use": Field(BOOLEAN, "a container of the engine mounts it"),
    },
)
