"""The programs that load rule sets into the kernel, and what the kernel says of them afterwards: rules and counters."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from policyengine.firewall.ipset import read as read_sets
from policyengine.firewall.iptables import read as read_iptables
from policyengine.firewall.nft import read as read_nft
from tests.firewall.kernel import iptables_rules, nft_rules
from tests.firewall.kernel.lab import RULES, run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.firewall.iptables import Program as IptablesProgram
    from policyengine.firewall.rules import Family, Rule, Table
    from policyengine.firewall.sets import AddressSet
    from tests.firewall.kernel.values import Values

COUNTED = re.compile(r"^\[(\d+):\d+\] -A (\S+)")
POLICY = "policy drop"
"""The last rule of a chain of devices: its policy."""
EMPTY = "\n".join(
    "\n".join((f"*{table}", *(f":{chain} ACCEPT [0:0]" for chain in chains), "COMMIT"))
    for table, chains in iptables_rules.BASE.items()
)


class Loaded(NamedTuple):
    """What the kernel has: the tables as they are read from its own words, and how often each rule was met."""

    tables: tuple[Table, ...]
    counted: list[tuple[tuple[Rule, ...], int]]
    text: str


class Program(Protocol):
    """A program that loads rules; ``saved`` is asked after the packets."""

    def clear(self) -> None:
        """There are no rules but the lab's."""

    def ruleset(self, values: Values, size: int) -> str:
        """A rule set by lot."""

    def load(self, text: str) -> None:
        """The kernel has these rules."""

    def saved(self) -> Loaded:
        """The rules that it has, and their counters."""


class Iptables:
    """``iptables-nft`` or ``iptables-legacy``, for one family."""

    def __init__(self, program: IptablesProgram, family: Family, *, sets: bool = True) -> None:
        self.with_sets = sets
        self.program = program
        self.family = family
        backend = program.removeprefix("iptables-")
        self.command = f"{'ip' if family == 4 else 'ip6'}tables-{backend}"
        self._sets = ""

    def clear(self) -> None:
        self.load(EMPTY + "\n")
        run("ipset", "destroy")

    def ruleset(self, values: Values, size: int) -> str:
        self._sets = iptables_rules.sets(values) if self.with_sets and values.chance(0.3) else ""
        return iptables_rules.ruleset(values, size, with_sets=bool(self._sets))

    def load(self, text: str) -> None:
        if self._sets and text != EMPTY + "\n":
            run("ipset", "restore", "-exist", text=self._sets)
        run(f"{self.command}-restore", "-w", text=text)

    def saved(self) -> Loaded:
        text = run(f"{self.command}-save", "-c")
        sets = read_sets(run("ipset", "save"), "ipset") if self._sets else {}
        tables = self._read(text, sets)
        return Loaded(tables, _counted(text, tables), text)

    def _read(self, text: str, sets: Mapping[str, AddressSet]) -> tuple[Table, ...]:
        return read_iptables(text, "rules", self.family, program=self.program, sets=sets)


def _counted(text: str, tables: tuple[Table, ...]) -> list[tuple[tuple[Rule, ...], int]]:
    """By the order of the lines, with no help of the reader's."""
    rules = {table.name: {chain.name: iter(chain.rules) for chain in table.chains} for table in tables}
    found: list[tuple[tuple[Rule, ...], int]] = []
    table = ""
    for line in text.splitlines():
        if line.startswith("*"):
            table = line[1:]
        elif match := COUNTED.match(line):
            found.append(((next(rules[table][match[2]]),), int(match[1])))
    return found


class Nft:
    """``nft`` with rules of its own."""

    def __init__(self, family: Family) -> None:
        self.family = family

    def clear(self) -> None:
        self.load("")

    def ruleset(self, values: Values, size: int) -> str:
        return nft_rules.ruleset(values, size)

    def load(self, text: str) -> None:
        run("nft", "-f", "-", text=f"flush ruleset\n{RULES}{text}")

    def saved(self) -> Loaded:
        text = run("nft", "-j", "list", "ruleset")
        known = {
            (one["table"]["family"], one["table"]["name"]) for one in json.loads(text)["nftables"] if "table" in one
        }
        others = {(family, name) for family, name in known if not name.startswith("t")}
        tables = read_nft(text, "rules", leaving=others)
        return Loaded(tables, _counted_by_nft(text, tables), run("nft", "list", "ruleset"))


def _counted_by_nft(text: str, tables: tuple[Table, ...]) -> list[tuple[tuple[Rule, ...], int]]:
    """By the place of each rule in the text: of a map of verdicts, and of both families, there are several of one."""
    rules: dict[int, list[Rule]] = {}
    for table in tables:
        for chain in table.chains:
            for rule in chain.rules:
                if rule.text != POLICY:
                    rules.setdefault(rule.where.column or 0, []).append(rule)
    of_rules = [
        one["rule"] for one in json.loads(text)["nftables"] if "rule" in one and one["rule"]["table"].startswith("t")
    ]
    assert len(of_rules) == len(rules), "the reader leaves rules out"
    counts = [_count(rule["expr"]) for rule in of_rules]
    return [(tuple(rules[at]), count) for at, count in zip(sorted(rules), counts, strict=True) if count is not None]


def _count(statements: list[dict[str, Any]]) -> int | None:
    """The packets that a rule has counted, None of one without a counter."""
    found = [statement["counter"]["packets"] for statement in statements if "counter" in statement]
    return int(found[0]) if found else None


class Together:
    """Rules of all three at once, in the order in which their chains come to the kernel: iptables-legacy's stay."""

    def __init__(self, family: Family) -> None:
        self.parts: tuple[Program, ...] = (
            Iptables("iptables-legacy", family),
            Nft(family),
            Iptables("iptables-nft", family, sets=False),
        )
        self.texts: tuple[str, ...] = ()

    def clear(self) -> None:
        for part in self.parts:
            part.clear()
        self.parts[1].clear()  # which takes the chains of iptables-nft away too

    def ruleset(self, values: Values, size: int) -> str:
        self.texts = tuple(part.ruleset(values, size // 3) for part in self.parts)
        return "\n".join(self.texts)

    def load(self, text: str) -> None:
        for part, own in zip(self.parts, self.texts, strict=True):
            part.load(own)

    def saved(self) -> Loaded:
        legacy, nft, own = (part.saved() for part in self.parts)
        return Loaded(
            (*legacy.tables, *nft.tables, *own.tables),
            [*legacy.counted, *nft.counted, *own.counted],
            "\n".join((legacy.text, nft.text, own.text)),
        )


PROGRAMS = ("iptables-nft", "iptables-legacy", "nft", "all")


def program(name: str, family: Family) -> Program:
    """One of ``PROGRAMS``."""
    if name == "nft":
        return Nft(family)
    if name == "all":
        return Together(family)
    return Iptables("iptables-nft" if name == "iptables-nft" else "iptables-legacy", family)
