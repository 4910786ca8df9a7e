"""The chains of ufw, put together of its files in the order in which it loads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.errors import DocumentError
from policyengine.firewall import iptables
from policyengine.firewall.iptables import lines
from policyengine.firewall.iptables.lines import Line
from policyengine.firewall.ufw import CONF, DEFAULTS, RULES, RULES6
from policyengine.firewall.ufw.defaults import OWN, assignments, is_yes, policy
from policyengine.model.location import Location

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from policyengine.firewall.rules import Family, Table
    from policyengine.firewall.ufw.defaults import Policy
    from policyengine.firewall.written import Written

HOOKS = ("input", "output", "forward")


class _Table(Struct):
    """A table on its way: what declares its chains, and its rules."""

    declared: dict[str, Line] = {}
    rules: list[Line] = []

    def lines(self, name: str, where: Location) -> list[Line]:
        """The table as a dump has it."""
        return [Line(f"*{name}", where), *self.declared.values(), *self.rules, Line("COMMIT", where)]


def tables(files: Mapping[str, Written]) -> tuple[Table, ...]:
    """The tables of both families, none where ufw is not enabled."""
    conf = files.get(CONF)
    enabled = assignments(conf).get("ENABLED") if conf else None
    if conf is None or enabled is None or not is_yes(enabled.value):
        return ()
    defaults = files.get(DEFAULTS)
    ipv6 = assignments(defaults).get("IPV6") if defaults else None
    found = _family(files, 4)
    if is_yes(ipv6.value if ipv6 else OWN["IPV6"]):
        return (*found, *_family(files, 6))
    where = Location(defaults.path, ipv6.line) if defaults and ipv6 else Location(conf.path, 1)
    return (*found, *lines.read([Line(text, where) for text in CLOSED], "ufw", 6))


CLOSED = (
    "*filter",
    *(f":{chain} DROP [0:0]" for chain in ("INPUT", "FORWARD", "OUTPUT")),
    "-A INPUT -i lo -j ACCEPT",
    "-A OUTPUT -o lo -j ACCEPT",
    "COMMIT",
)
"""What is loaded for IPv6 where ufw is told to leave that alone: nothing gets through (``ufw_start``)."""


def _family(files: Mapping[str, Written], family: Family) -> tuple[Table, ...]:
    conf, defaults = files[CONF], files.get(DEFAULTS)
    prefix = "ufw" if family == 4 else "ufw6"
    found: dict[str, _Table] = {"filter": _Table()}
    _add(_own(prefix, conf, defaults), found)
    for name in RULES if family == 4 else RULES6:
        if name in files:
            _add(_lines(files[name]), found)
    where = Location(conf.path, 1)
    ends = (f"-A {prefix}-before-{hook} -j {prefix}-user-{hook}" for hook in HOOKS)
    _add((Line(text, where) for text in ("*filter", *ends, "COMMIT")), found)
    every = [line for name, table in found.items() for line in table.lines(name, where)]
    return lines.read(every, "ufw", family)


def _own(prefix: str, conf: Written, defaults: Written | None) -> Iterator[Line]:
    """What ufw sets up before any file: its chains, how they are called, and what its default policies come to, each
    where the policy is said."""
    where = Location(conf.path, 1)
    yield Line("*filter", where)
    for name in CHAINS:
        yield Line(f":{prefix}-{name} - [0:0]", where)
    for hook in HOOKS:
        told, line = policy(defaults, hook.upper())
        said = Location(defaults.path, line) if defaults and line else where
        yield Line(f":{hook.upper()} {'DROP' if told == 'REJECT' else told} [0:0]", said)
        for part in (*PARTS, "user", "skip-to-policy", "user-logging"):
            yield Line(f":{prefix}-{part}-{hook} - [0:0]", where)
        for part in PARTS:
            yield Line(f"-A {hook.upper()} -j {prefix}-{part}-{hook}", where)
        yield from (Line(text, said) for text in _by_policy(prefix, hook, told))
    yield Line("COMMIT", where)


CHAINS = ("logging-deny", "logging-allow", "user-limit", "user-limit-accept")
"""The chains that are there for all hooks."""

PARTS = ("before-logging", "before", "after", "after-logging", "reject", "track")
"""The chains that each hook calls, in this order."""


def _by_policy(prefix: str, hook: str, told: Policy) -> Iterator[str]:
    yield f"-A {prefix}-skip-to-policy-{hook} -j {told}"
    if told == "REJECT":
        yield f"-A {prefix}-reject-{hook} -j REJECT"
    if told == "ACCEPT":
        yield f"-A {prefix}-track-{hook} -p tcp -m conntrack --ctstate NEW -j ACCEPT"
        yield f"-A {prefix}-track-{hook} -p udp -m conntrack --ctstate NEW -j ACCEPT"


def _lines(file: Written) -> Iterator[Line]:
    """The lines of a file that say something. Raises :class:`DocumentError` where it is cut off."""
    within = False
    number = 0
    for number, text in enumerate(file.text.removesuffix("\n").split("\n"), 1):
        line = Line(text.strip(), Location(file.path, number))
        if not line.text or line.text.startswith("#"):
            continue
        if text[-1] == "\r":
            raise DocumentError(iptables.CRLF, path=file.path, line=number, hint=iptables.UNIX)
        if not within and not line.text.startswith("*"):
            raise DocumentError("a rule outside of a table", path=file.path, line=number)
        within = line.text != "COMMIT"
        yield line
    if within:
        raise DocumentError("a table that COMMIT does not end: the file is cut off", path=file.path, line=number)


def _add(given: Iterable[Line], found: dict[str, _Table]) -> None:
    """Add lines to the tables that they are of."""
    table = _Table()
    for line in given:
        if line.text.startswith("*"):
            table = found.setdefault(line.text[1:].strip(), _Table())
        elif line.text.startswith(":"):
            table.declared.setdefault(line.text.split()[0], line)
        elif line.text != "COMMIT":
            table.rules.append(line)
