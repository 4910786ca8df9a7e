"""Where ssh connects to, as far as a configuration asks."""

from __future__ import annotations

from msgspec import Struct


class Destination(Struct, frozen=True):
    """The host's name as it was asked for, in small letters, and the user there and here."""

    host: str
    user: str
    local_user: str


_UNNAMED = "\ue000\ue001"
"""Only a pattern for everything matches it."""

ANY = Destination(_UNNAMED, _UNNAMED, _UNNAMED)
"""A host and users that no pattern names: what counts for it, counts for all but those that one does."""
