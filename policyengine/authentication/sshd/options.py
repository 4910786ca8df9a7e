"""What has been set so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.model.location import Location
    from policyengine.model.unknown import Unknown


class Setting(Struct, frozen=True):
    """An option's values as ``sshd -T`` writes them, and where they are written: nowhere for a default.

    An option that has one value has a tuple of one. ``unread``: why it is not known that these are the values: files
    that were not read may set others.
    """

    values: tuple[str, ...]
    places: tuple[Location, ...] = ()
    unread: Unknown | None = None

    @property
    def text(self) -> str:
        """The values in one line."""
        return " ".join(self.values)


Options = dict[str, Setting]
"""By the name of the option, in small letters."""


def put(options: Options, name: str, values: tuple[str, ...], place: Location) -> None:
    """Set an option, whatever it had."""
    options[name] = Setting(values, (place,))


def add(options: Options, name: str, values: tuple[str, ...], place: Location) -> None:
    """Add to an option that is a list; nothing happens where nothing is added."""
    if values:
        had = options.get(name, Setting(()))
        options[name] = Setting(had.values + values, (*had.places, place))


ADDING = frozenset({"acceptenv", "allowgroups", "allowusers", "denygroups", "denyusers", "hostcertificate", "hostkey"})
"""Lists that each line adds to: what is in them stays, whatever else is read."""

AGAIN = ADDING | {
    "authorizedprincipalscommand",
    "fingerprinthash",
    "ipqos",
    "listenaddress",
    "maxstartups",
    "persourcemaxstartups",
    "persourcenetblocksize",
    "port",
    "streamlocalbindmask",
    "subsystem",
    "unusedconnectiontimeout",
}
"""What a later line may change. Of all others the first value counts."""


def doubt(options: Options, before: Mapping[str, Setting], unread: Unknown) -> None:
    """Say what files that were not read may have set: all but what is ``before`` them and stays as it is."""
    for name, setting in options.items():
        if name in AGAIN or setting is not before.get(name):
            options[name] = replace(setting, unread=unread)
