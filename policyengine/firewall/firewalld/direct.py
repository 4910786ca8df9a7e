"""Direct rules: those that firewalld gives to iptables as they are (firewalld.direct(5))."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.firewalld.expressions import FAMILIES
from policyengine.firewall.firewalld.markup import Element, parsed
from policyengine.firewall.firewalld.objects import priority
from policyengine.firewall.iptables import BUILT_IN, lines
from policyengine.firewall.iptables.lines import Line
from policyengine.firewall.iptables.words import Quoted, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.firewall.rules import Table
    from policyengine.firewall.written import Written

_ATTRIBUTES = {
    "chain": ("ipv", "table", "chain"),
    "rule": ("ipv", "table", "chain", "priority"),
    "passthrough": ("ipv",),
}
_FRAMES = "eb"
_SIDES = ("-s", "--source", "--src", "-d", "--destination", "--dst")
_TABLE = ("-t", "--table")


def tables(file: Written) -> tuple[Table, ...]:
    """The tables of iptables with the direct rules. Raises :class:`DocumentError` for what iptables would refuse."""
    root = _root(file)
    found: list[Table] = []
    for ipv, family in FAMILIES.items():
        of = [one for one in root.children if one.get("ipv") == ipv]
        if of:
            found += lines.read([*_lines(of, root)], "direct.xml", family)
    return tuple(found)


def passed_over(file: Written) -> list[Element]:
    """The direct rules of ebtables, which decide about frames, and not about packets."""
    return [one for one in _root(file).children if one.get("ipv") == _FRAMES]


def _root(file: Written) -> Element:
    root = parsed(file)
    if root.name != "direct":
        raise root.error(f"a <{root.name}> where a <direct> belongs")
    for one in root.children:
        missing = [name for name in _ATTRIBUTES.get(one.name, ("",)) if name not in one.attributes]
        if missing:
            raise one.error(f"a <{one.name}> without {missing[0]}" if missing[0] else f"<direct> has no <{one.name}>")
        if one.get("ipv") not in (*FAMILIES, _FRAMES):
            raise one.error(f'"{one.get("ipv")}" is no ipv: it is ipv4, ipv6 or eb')
    return root


def _lines(elements: list[Element], root: Element) -> Iterator[Line]:
    """The tables that are spoken of, as iptables-restore reads them."""
    commands = [command for one in _ordered(elements) for command in _commands(one)]
    for table in dict.fromkeys(table for table, _ in commands):
        if table not in BUILT_IN:
            at = next(line.where for of, line in commands if of == table)
            raise Element("", {}, at).error(f'there is no table "{table}"')
        yield Line(f"*{table}", root.where)
        yield from (Line(f":{chain} ACCEPT [0:0]", root.where) for chain in BUILT_IN[table])
        yield from (line for of, line in commands if of == table)
        yield Line("COMMIT", root.where)


def _ordered(elements: list[Element]) -> list[Element]:
    """Chains first, rules by their priorities, and what is passed through as it stands."""
    rules = [one for one in elements if one.name == "rule"]
    return [
        *(one for one in elements if one.name == "chain"),
        *sorted(rules, key=priority),
        *(one for one in elements if one.name == "passthrough"),
    ]


def _commands(element: Element) -> Iterator[tuple[str, Line]]:
    """The commands that an element comes to, each with its table."""
    if element.name == "chain":
        yield element.get("table"), Line(f":{element.get('chain')} - [0:0]", element.where)
        return
    try:
        told = words(" ".join(element.text.split()))
    except ValueError as error:
        raise element.error(str(error)) from None
    if not told:
        raise element.error(f"a <{element.name}> without arguments")
    if element.name == "rule":
        table, told = element.get("table"), ["-A", _chain(element), *told]
    else:
        table, told = _table(told)
    for one in _single(told):
        yield table, Line(" ".join(map(_written, one)), element.where)


def _chain(element: Element) -> str:
    """The chain of a rule: ``INPUT_direct`` is for INPUT, where firewalld has no chain of its own."""
    name = element.get("chain")
    plain = name.removesuffix("_direct")
    return plain if plain in BUILT_IN.get(element.get("table"), {}) else name


def _table(told: list[str]) -> tuple[str, list[str]]:
    """The table that a command is for, and the rest of it."""
    at = next((number for number, word in enumerate(told[:-1]) if word in _TABLE), None)
    return ("filter", told) if at is None else (told[at + 1], [*told[:at], *told[at + 2 :]])


def _single(told: list[str]) -> Iterator[list[str]]:
    """The rules that one with lists of addresses stands for."""
    for at, word in enumerate(told[:-1]):
        if word in _SIDES and "," in told[at + 1]:
            for address in told[at + 1].split(","):
                yield from _single([*told[: at + 1], address, *told[at + 2 :]])
            return
    yield told


def _written(word: str) -> str:
    """A word as iptables-save writes it."""
    if not isinstance(word, Quoted):
        return word
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
