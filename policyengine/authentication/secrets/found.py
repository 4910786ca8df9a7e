"""The secrets of one file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.secrets.credentials import credentials, kept_by
from policyengine.authentication.secrets.keys import gnupg, key_store, private_keys
from policyengine.authentication.secrets.tokens import tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.authentication.secrets.secret import Secret

MOST_BYTES = 1 << 20
"""Bytes of a file that is looked into: those that hold secrets are short, and what is longer is data."""

_MOST_TOLD = 20
"""Secrets of one file that are told."""

_COMPILED = (".pyc", ".so", ".o", ".a", ".class", ".jar", ".gz", ".xz", ".bz2", ".zst", ".zip", ".png", ".jpg", ".mo",
             ".woff", ".woff2", ".ttf", ".whl", ".gif", ".ico")  # fmt: skip
_LOOKED_AT = 4096


def worth_reading(path: str, size: int) -> bool:
    """Whether a file may hold a secret by its name and its length."""
    return 0 < size <= MOST_BYTES and not path.endswith(_COMPILED)


def secrets(path: str, data: bytes) -> Iterator[Secret]:
    """The secrets of a file, in the order in which they are looked for: at most twenty."""
    for number, one in enumerate(_secrets(path, data)):
        if number >= _MOST_TOLD:
            return
        yield one


def _secrets(path: str, data: bytes) -> Iterator[Secret]:
    own = key_store(path, data) or gnupg(path, data)
    if own is not None:
        yield own
        return
    if b"\0" in data[:_LOOKED_AT]:
        return  # no text
    text = data.decode("utf-8", "surrogateescape")
    kept = kept_by(path)
    found = credentials(kept, text) if kept is not None else None
    if found is not None:
        yield found
        return
    yield from private_keys(text)
    yield from tokens(text)
