"""A secret that was found, without the secret."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

What = Literal["private_key", "credentials", "token"]


class Secret(Struct, frozen=True):
    """What lies in a file: ``form`` says of which kind or of which program, ``line`` where it begins."""

    what: What
    form: str
    line: int | None = None
    encrypted: bool = False
