"""Private keys, by what they begin with.

PEM: RFC 7468 and RFC 1421 (which says how an encrypted one is told); OpenSSH's own: PROTOCOL.key in its sources;
PuTTY's: https://the.earth.li/~sgtatham/putty/0.81/htmldoc/AppendixC.html; PKCS #12: RFC 7292.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

from policyengine.authentication.secrets.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

_PEM = re.compile(
    r"-----BEGIN (?P<form>(?:[A-Z0-9]+ ){0,3})PRIVATE KEY(?: BLOCK)?-----(?P<body>(?:(?!-----)[\s\S]){0,65536})"
)
_BODY = re.compile(r"(?:\\[nr]|\s)*[A-Za-z0-9+/=]{40}").match
"""How a key begins, after its headers: the shortest, an Ed25519 key in PKCS #8, has one line of 64 characters. What

only speaks of keys goes on otherwise.
"""

_ENCRYPTED = re.compile(r"Proc-Type: *4,ENCRYPTED")
_PUTTY = re.compile(r"\APuTTY-User-Key-File-[123]: ([a-z0-9-]+)\r?\nEncryption: (\S+)")
_MAGIC = b"openssh-key-v1\0"
_PKCS12 = re.compile(rb"\x30(?:\x82..|\x83...|\x84....|\x80)\x02\x01\x03\x30", re.DOTALL).match
_PKCS12_NAMES = (".p12", ".pfx")


def private_keys(text: str) -> Iterator[Secret]:
    """The private keys in a text."""
    for found in _PEM.finditer(text) if "PRIVATE KEY" in text else ():
        body = found["body"]
        if _BODY(re.sub(r"^[A-Za-z-]+: .*$", "", body, flags=re.MULTILINE)):
            form = found["form"].strip()
            line = text.count("\n", 0, found.start()) + 1
            yield Secret(
                "private_key", form.removesuffix("ENCRYPTED").strip() or "PKCS8", line, _is_encrypted(form, body)
            )
    if putty := _PUTTY.match(text):
        yield Secret("private_key", "PuTTY", 1, putty[2] != "none")


def _is_encrypted(form: str, body: str) -> bool:
    if form == "ENCRYPTED" or _ENCRYPTED.search(body):
        return True
    return form == "OPENSSH" and _cipher(body) not in (None, b"none")


def _cipher(body: str) -> bytes | None:
    """The cipher that OpenSSH's form names: a length in four bytes, and so much text, after the magic."""
    try:
        data = base64.b64decode(re.sub(r"\\[nr]|\s", "", body)[:80])
    except binascii.Error:
        return None
    if not data.startswith(_MAGIC):
        return None
    start = len(_MAGIC) + 4
    return data[start : start + int.from_bytes(data[len(_MAGIC) : start])]


def key_store(path: str, data: bytes) -> Secret | None:
    """A file of PKCS #12, which is called so; those that only hold certificates are rare, and told of too."""
    if path.lower().endswith(_PKCS12_NAMES) and _PKCS12(data):
        return Secret("private_key", "PKCS12", None, encrypted=True)
    return None


def gnupg(path: str, data: bytes) -> Secret | None:
    """A key of GnuPG's: ``private-keys-v1.d/KEYGRIP.key``, or the ring of version 1."""
    if "/private-keys-v1.d/" in path and b"private-key" in data:
        encrypted = b"protected-private-key" in data
        return Secret("private_key", "GnuPG", None, encrypted)
    return Secret("private_key", "GnuPG") if path.endswith("/secring.gpg") and data else None
