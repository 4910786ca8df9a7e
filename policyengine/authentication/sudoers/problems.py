"""What sudo objects to, in its words, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from policyengine.model.location import Location


class Problem(Struct, frozen=True):
    """Something that visudo refuses.

    ``strict``: only visudo does; sudo itself reads the line as if nothing were wrong. ``file``: the path in the root
    of the file that it is in.
    """

    message: str
    where: Location
    file: str
    strict: bool = False
