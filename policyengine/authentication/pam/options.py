"""What a module's options come to: those of its files, then those of its arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from policyengine.model.location import Location

Value = bool | int | str


class Options(Struct):
    """Options by name while they are read. ``places`` has where each was set last; those that are not are defaults.

    ``written`` has all that sets something, in the order in which the module reads it, also what is set anew later.
    """

    values: dict[str, Value]
    places: dict[str, Location] = field(default_factory=dict)
    written: list[Written] = field(default_factory=list)

    def set(self, name: str, value: Value, where: Location, text: str | None = None) -> None:
        """Set one, which may have been set before; ``text`` is the value as it is written, where it is another."""
        self.values[name] = value
        self.places[name] = where
        said = "" if isinstance(value, bool) else str(value)
        self.written.append(Written(name, said if text is None else text, where))

    def copy(self) -> Options:
        """The same, to be set otherwise."""
        return Options(dict(self.values), dict(self.places), list(self.written))

    @property
    def declared(self) -> list[str]:
        """The names of those that are set."""
        return sorted(self.places)


class Written(Struct, frozen=True):
    """One setting of an option, with its value as it is written."""

    name: str
    text: str
    where: Location
