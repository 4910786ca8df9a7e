"""The live rules of this host, as the programs that write them tell: nft, iptables, ipset, ip.

nft tells everything but what iptables makes of extensions (``xt``): for these there is ``iptables-nft-save``, which in
turn shows tables of nft wrongly (of one that is called ``filter``, base chains that are not there). So each table is
asked of the program that knows it. Legacy tables are in a part of the kernel of their own; asking for one that is not
there makes it, and so ``/proc/net/ip_tables_names`` is asked first: iptables(8).
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from policyengine.errors import SourceError

URL = "host://"
SECONDS = 30
"""How long each program may take."""

_PACKAGES = {"nft": "nftables", "ipset": "ipset", "ip": "iproute2"}
"""Debian's packages; all others are iptables'."""

_PROGRAMS: dict[int, str] = {4: "iptables", 6: "ip6tables"}
_FAMILIES: dict[str, Literal[4, 6]] = {"ip": 4, "ip6": 6}
_BUILT_IN = ("raw", "mangle", "nat", "filter", "security")
"""The tables that iptables has."""

_SBIN = ("/usr/sbin", "/sbin")
"""Where these programs are, though only root looks there."""

_FORGOTTEN = "incompatible"
"""What ``iptables-nft-save`` says of a table of which it leaves out a part."""


class Saved(Struct, frozen=True):
    """What ``iptables-save`` or one like it says, for a family of addresses: of one table, or of all."""

    program: Literal["iptables-nft", "iptables-legacy"]
    family: Literal[4, 6]
    text: str
    table: str = ""

    @property
    def name(self) -> str:
        """What says so: ``ip6tables-nft-save/filter``."""
        command = f"{self.program.replace('iptables', _PROGRAMS[self.family])}-save"
        return f"{command}/{self.table}" if self.table else command


class LiveFirewall(Struct, frozen=True):
    """The rules of a host, each once, and what it knows of the network.

    ``nft`` is the JSON of ``nft -j list ruleset`` without the tables that are ``saved``. ``sets`` are those of ipset,
    where rules name any. The rest is JSON of ``ip``: the interfaces; routes and policy rules of both families.
    """

    nft: str
    saved: tuple[Saved, ...]
    sets: str
    interfaces: str
    routes: str
    routes6: str
    rules: str
    rules6: str


def live_firewall() -> LiveFirewall:
    """The rules of this host, or of the network namespace that this process is in.

    Raises :class:`SourceError` for anybody but root, for a program that is missing, and for one that fails.
    """
    if os.geteuid() != 0:
        raise SourceError("the rules of a host are root's to read", path=URL, hint="run it with sudo")
    nft, saved = _nftables()
    saved += [legacy for family in _FAMILIES.values() for legacy in _legacy(family)]
    named = any("--match-set" in one.text for one in saved)
    return LiveFirewall(
        nft=nft,
        saved=tuple(saved),
        sets=_said("ipset", "save") if named else "",
        interfaces=_said("ip", "-j", "address"),
        routes=_said("ip", "-j", "route"),
        routes6=_said("ip", "-j", "-6", "route"),
        rules=_said("ip", "-j", "rule"),
        rules6=_said("ip", "-j", "-6", "rule"),
    )


def _nftables() -> tuple[str, list[Saved]]:
    """What nft tells, without the tables that only iptables can tell, and these."""
    objects = _objects(_said("nft", "-j", "list", "ruleset"))
    opaque = dict.fromkeys(_table(kind, of) for one in objects for kind, of in one.items() if _is_opaque(of))
    kept = [one for one in objects if not any(_table(kind, of) in opaque for kind, of in one.items())]
    return json.dumps({"nftables": kept}), [_saved(*table) for table in opaque]


def _objects(said: str) -> list[dict[str, Any]]:
    """The objects of ``nft -j``: libnftables-json(5)."""
    try:
        objects = json.loads(said)["nftables"]
    except (ValueError, KeyError, TypeError):
        objects = None
    if not isinstance(objects, list) or not all(isinstance(one, dict) for one in objects):
        raise SourceError("nft -j list ruleset does not answer in JSON", path=URL, hint="nft 0.9.1 and later do")
    return objects


def _table(kind: str, of: Any) -> tuple[str, str]:
    """The family and the name of the table that an object is, or is in."""
    return (str(of.get("family", "")), str(of.get("name" if kind == "table" else "table", ""))) if of else ("", "")


def _is_opaque(of: Any) -> bool:
    """Whether an object is a rule that iptables alone can tell."""
    return isinstance(of, dict) and any("xt" in one for one in of.get("expr", ()) if isinstance(one, dict))


def _saved(family: str, table: str) -> Saved:
    if family not in _FAMILIES or table not in _BUILT_IN:
        message = f"the rules of table {family} {table} have parts of iptables' that no program tells"
        raise SourceError(message, path=URL, hint="nft list ruleset shows them as xt")
    program = f"{_PROGRAMS[_FAMILIES[family]]}-nft-save"
    text = _said(program, "-t", table)
    if any(line.startswith("#") and _FORGOTTEN in line for line in text.splitlines()):
        message = f"table {family} {table} is both iptables' and nft's, and neither program tells all of it"
        raise SourceError(message, path=URL, hint="give rules of nft a table of their own")
    return Saved("iptables-nft", _FAMILIES[family], text, table)


def _legacy(family: Literal[4, 6]) -> list[Saved]:
    """The tables of iptables' older backend, where there are any."""
    program = _PROGRAMS[family]
    names = Path(f"/proc/net/{program.removesuffix('tables')}_tables_names")
    if not names.exists() or not names.read_text(encoding="ascii").split():
        return []
    return [Saved("iptables-legacy", family, _said(_legacy_program(program)))]


def _legacy_program(program: str) -> str:
    """Up to 1.8 there is but one backend, and ``iptables-save`` is its program."""
    for name in (f"{program}-legacy-save", f"{program}-save"):
        try:
            version = _said(name, "--version")
        except _MissingError:
            continue
        if "nf_tables" not in version:
            return name
    raise _missing(f"{program}-legacy-save")


class _MissingError(SourceError):
    """There is no such program."""


def _missing(program: str) -> SourceError:
    package = _PACKAGES.get(program, "iptables")
    return _MissingError(f"there is no {program} command", path=URL, hint=f"install it (Debian: {package})")


def _said(*command: str) -> str:
    """What a program says. Raises :class:`SourceError` with its own words where it fails."""
    try:
        ended = subprocess.run(  # noqa: S603 - no shell
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env={**os.environ, "LC_ALL": "C", "PATH": os.pathsep.join((os.environ.get("PATH", os.defpath), *_SBIN))},
        )
    except FileNotFoundError:
        raise _missing(command[0]) from None
    except subprocess.TimeoutExpired:
        raise SourceError(f"{command[0]} did not answer within {SECONDS} seconds", path=URL) from None
    if ended.returncode:
        lines = ended.stderr.decode("utf-8", "replace").strip().splitlines() or ["without a word"]
        raise SourceError(f"{' '.join(command)} failed: {lines[0]}", path=URL)
    return ended.stdout.decode("utf-8", "replace")
