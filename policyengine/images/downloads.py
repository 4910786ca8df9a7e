"""What a build step fetches by its address, and whether it checks what it got."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.images.calls import program, read, replaced, without_user
from policyengine.images.managers import manager_of
from policyengine.images.tls import CURL_VALUED, WGET_VALUED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policyengine.images.calls import Arg, Call

_URL = re.compile(r"(?:git\+)?(?:https?|ftp|git)://", re.IGNORECASE).match
_SUMS = re.compile(r"(?:md5|sha(?:1|224|256|384|512)|b2|shasum|blake3?)(?:sum)?").fullmatch


class Download(Struct, frozen=True):
    """An address that is fetched; None where a variable decides what nobody verifies. ``call``, ``arg`` are numbers."""

    url: str | None
    call: int
    arg: int
    verified: bool


def downloads(calls: Sequence[Call], known: Mapping[str, str]) -> Iterator[Download]:
    """The addresses that the calls of a step fetch. ``verified``: a checksum or a signature is asked for later."""
    checks = [at for at, call in enumerate(calls) if _verifies(call)]
    for at, call in enumerate(calls):
        name, args, skipped = program(call)
        for arg in _addresses(name, replaced(args, known)):
            verified = any(check > at for check in checks)
            hidden = arg.text.startswith("$") and not verified
            yield Download(None if hidden else without_user(arg.text), at, arg.at + skipped, verified)


def _verifies(call: Call) -> bool:
    if call.name is not None and _SUMS(call.name):
        return any(
            arg == "--check" or (arg.startswith("-") and not arg.startswith("--") and "c" in arg) for arg in call.args
        )
    return call.name in ("gpg", "gpg2", "gpgv", "cosign", "minisign") and (
        call.name == "gpgv" or any("verify" in arg for arg in call.args)
    )


def _addresses(name: str, args: list[Arg]) -> Iterator[Arg]:
    """The arguments that are addresses, or may be: those of curl that begin with a variable."""
    if name in ("curl", "wget"):
        arguments = read(args, CURL_VALUED if name == "curl" else WGET_VALUED)
        yield from (arg for arg in arguments.operands if _URL(arg.text) or arg.text.startswith("$"))
    elif name == "git":
        words = [arg for arg in args if not arg.text.startswith("-")]
        if words and words[0].text in ("clone", "fetch", "pull"):
            yield from (arg for arg in words[1:] if _URL(arg.text))
    elif (manager := manager_of(name)) is not None and manager.name not in ("apt", "apk", "pacman"):
        # What apt, apk and pacman fetch is signed, however it comes.
        yield from (arg for arg in args if _URL(arg.text))
    elif name in ("apt-key", "gpg", "yum-config-manager", "dnf-config-manager", "aria2c", "axel", "http", "svn"):
        yield from (arg for arg in args if _URL(arg.text))
