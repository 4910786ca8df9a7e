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
from policyengine.firewall.written import Written
from policyengine.model.location import Location

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.firewall.rules import Family, Table

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
    return (*found, *_family(files, 6)) if is_yes(ipv6.value if ipv6 else OWN["IPV6"]) else found


def _family(files: Mapping[str, Written], family: Family) -> tuple[Table, ...]:
    conf, defaults = files[CONF], files.get(DEFAULTS)
    prefix = "ufw" if family == 4 else "ufw6"
    found: dict[str, _Table] = {"filter": _Table()}
    _load(Written(conf.path, "\n".join(_own(prefix, defaults))), found, Location(conf.path, 1))
    for name in RULES if family == 4 else RULES6:
        if name in files:
            _load(files[name], found)
    ends = "\n".join(f"-A {prefix}-before-{hook} -j {prefix}-user-{hook}" for hook in HOOKS)
    _load(Written(conf.path, f"*filter\n{ends}\nCOMMIT"), found, Location(conf.path, 1))
    every = [line for name, table in found.items() for line in table.lines(name, Location(conf.path, 1))]
    return lines.read(every, "ufw", family)


def _own(prefix: str, defaults: Written | None) -> Iterator[str]:
    """What ufw sets up before any file: its chains, how they are called, and what its default policies come to."""
    policies = {hook: policy(defaults, hook.upper()) for hook in HOOKS}
    yield "*filter"
    for hook in HOOKS:
        yield f":{hook.upper()} {'DROP' if policies[hook] == 'REJECT' else policies[hook]} [0:0]"
        for part in ("before-logging", "before", "after", "after-logging", "reject", "track", "user", "skip-to-policy"):
            yield f":{prefix}-{part}-{hook} - [0:0]"
        for part in ("before-logging", "before", "after", "after-logging", "reject", "track"):
            yield f"-A {hook.upper()} -j {prefix}-{part}-{hook}"
        yield f"-A {prefix}-skip-to-policy-{hook} -j {policies[hook]}"
        if policies[hook] == "REJECT":
            yield f"-A {prefix}-reject-{hook} -j REJECT"
        if policies[hook] == "ACCEPT":
            yield f"-A {prefix}-track-{hook} -p tcp -m conntrack --ctstate NEW -j ACCEPT"
            yield f"-A {prefix}-track-{hook} -p udp -m conntrack --ctstate NEW -j ACCEPT"
    yield "COMMIT"


def _load(file: Written, found: dict[str, _Table], place: Location | None = None) -> None:
    """Add the lines of a file, which stand at ``place`` where ufw writes them itself."""
    table: _Table | None = None
    for number, text in enumerate(file.text.removesuffix("\n").split("\n"), 1):
        line = Line(text.strip(), place or Location(file.path, number))
        if not line.text or line.text.startswith("#"):
            continue
        if text[-1] == "\r":
            raise DocumentError(iptables.CRLF, path=file.path, line=number, hint=iptables.UNIX)
        if line.text.startswith("*"):
            table = found.setdefault(line.text[1:].strip(), _Table())
        elif table is None:
            raise DocumentError("a rule outside of a table", path=file.path, line=number)
        elif line.text == "COMMIT":
            table = None
        elif line.text.startswith(":"):
            table.declared.setdefault(line.text.split()[0], line)
        else:
            table.rules.append(line)
    if table is not None:
        raise DocumentError("a table that COMMIT does not end: the file is cut off", path=file.path, line=number)
