"""firewalld.conf(5): what of it decides which packets pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from policyengine.errors import DocumentError
from policyengine.model.location import Location

if TYPE_CHECKING:
    from policyengine.firewall.written import Written

_SAYS_NO = ("no", "false")
_REVERSED = {"yes": "strict", "true": "strict", "no": "off", "false": "off"}
_CHECKS = ("strict", "loose", "strict-forward", "loose-forward")

Check = Literal["strict", "loose", "strict-forward", "loose-forward", "off"]


class Settings(Struct, frozen=True):
    """``where`` is the file itself. ``default`` is the default zone, ``reverse`` what of IPv6 is checked for a route
    back to its source, ``mapped`` whether IPv4 addresses in IPv6 are refused (RFC 3964), ``strict`` whether ports that
    others than firewalld forward are refused."""

    where: Location
    default: str = "public"
    default_where: Location | None = None
    reverse: Check = "strict"
    mapped: bool = True
    strict: bool = False


def settings(file: Written) -> Settings:
    """What a file sets. Raises :class:`DocumentError` for a backend other than nftables, or a word not known."""
    found = _lines(file)
    backend, line = found.get("FirewallBackend", ("nftables", 1))
    if backend != "nftables":
        hint = "give what iptables-save and ip6tables-save write"
        message = f'FirewallBackend is "{backend}": only the rules for nftables are known'
        raise DocumentError(message, path=file.path, line=line, hint=hint)
    default, place = found.get("DefaultZone", ("public", 1))
    return Settings(
        where=Location(file.path, 1),
        default=default or "public",
        default_where=Location(file.path, place),
        reverse=_check(file, *found.get("IPv6_rpfilter", ("yes", 1))),
        mapped=found.get("RFC3964_IPv4", ("yes", 1))[0].lower() not in _SAYS_NO,
        strict=found.get("StrictForwardPorts", ("no", 1))[0].lower() in ("yes", "true"),
    )


def _check(file: Written, value: str, line: int) -> Check:
    known = _REVERSED.get(value.lower(), value.lower())
    if known not in (*_CHECKS, "off"):
        raise DocumentError(f'IPv6_rpfilter is "{value}", which is not known', path=file.path, line=line)
    return known  # type: ignore[return-value]


def _lines(file: Written) -> dict[str, tuple[str, int]]:
    """The values by name, each with its line; the first of a name counts."""
    found: dict[str, tuple[str, int]] = {}
    for number, line in enumerate(file.text.splitlines(), 1):
        name, sign, value = line.strip().partition("=")
        if sign and value.strip() and not name.startswith(("#", ";")):
            found.setdefault(name.strip(), (value.strip(), number))
    return found
