"""What has been set so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from policyengine.model.location import Location


class Setting(Struct, frozen=True):
    """An option's values as ``sshd -T`` writes them, and where they are written: nowhere for a default.

    An option that has one value has a tuple of one. ``words``: several values that ``sshd -T`` writes in one line.
    """

    values: tuple[str, ...]
    places: tuple[Location, ...] = ()

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
