"""Sets and maps, named and anonymous: their elements, and which of them are there for certain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.firewall.nft.cases import TRUE, Cases

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from policyengine.errors import DocumentError
    from policyengine.firewall.nft.dump import Object
    from policyengine.firewall.nft.fields import Circumstances
    from policyengine.firewall.rules import Atom

EVERYTHING = "*"
"""The element of a set with which everything is in it, and of a map that is for what no other is for."""

_ASKED = ("limit", "quota", "ct count")
"""What an element may have that decides when it is met whether it counts."""


class Element(Struct, frozen=True):
    """``key`` with ``data``, in a map. It is there where ``there`` holds: one with a timeout may be gone."""

    key: object
    data: object = None
    there: Cases = TRUE


class Set(Struct, frozen=True):
    """The elements of a set. ``open``: rules add to it, so that there may be others; ``shrinks``: they delete."""

    name: str
    elements: tuple[object, ...]
    open: bool = False
    shrinks: bool = False


class Sets(Struct, frozen=True):
    """The named sets and maps of one table."""

    named: Mapping[str, Set]
    rule: Object
    around: Circumstances

    def found(self, right: object) -> tuple[list[Element], Atom | None] | None:
        """The elements of what a match's right side or a map's data is, and an unknown for others that there may be.

        None for what is no set. Raises :class:`DocumentError` for a set that the dump does not have.
        """
        if isinstance(right, str) and right.startswith("@"):
            return self._named(right[1:])
        if isinstance(right, dict) and set(right) == {"set"}:
            elements = right["set"]
            listed = elements if isinstance(elements, list) else [elements]
            return [self._element(one, gone=False) for one in listed], None
        return None

    def _named(self, name: str) -> tuple[list[Element], Atom | None]:
        found = self.named.get(name)
        if found is None:
            raise self.missing(name)
        more = self.around.atom(f"in @{name} by then") if found.open else None
        return [self._element(one, gone=found.shrinks, name=name) for one in found.elements], more

    def missing(self, name: str) -> DocumentError:
        """A rule speaks of a set that is not in the dump."""
        return self.rule.error(f'a rule with the set "{name}", which its table does not have')

    def _element(self, value: object, *, gone: bool, name: str = "") -> Element:
        key, data = value if isinstance(value, list) and len(value) == 2 else (value, None)
        if isinstance(key, dict) and set(key) == {"elem"} and isinstance(key["elem"], dict):
            options = key["elem"]
            key = options.get("val")
            gone = gone or "expires" in options or any(one in options for one in _ASKED)
        if not gone:
            return Element(key, data)
        return Element(key, data, ((self.around.atom(f"{key} still in @{name}"),),))


def named_sets(objects: Iterable[Object], rules: Iterable[Object]) -> dict[tuple[str, str], dict[str, Set]]:
    """By table, its sets and maps by name."""
    changes = {(rule.table, name, kind) for rule in rules for name, kind in _changes(rule.value.get("expr"))}
    found: dict[tuple[str, str], dict[str, Set]] = {}
    for one in objects:
        if one.kind not in ("set", "map", "meter"):
            continue
        name, elements = one.text("name"), one.value.get("elem", [])
        if not isinstance(elements, list):
            raise one.error(f'the elements of the set "{name}" are malformed')
        kinds = {kind for table, changed, kind in changes if (table, changed) == (one.table, name)}
        shrinks = "delete" in kinds
        found.setdefault(one.table, {})[name] = Set(name, tuple(elements), bool(kinds - {"delete"}), shrinks)
    return found


def _changes(statements: object) -> Iterator[tuple[str, str]]:
    """The sets that the statements of a rule change, and how."""
    for statement in statements if isinstance(statements, list) else ():
        for kind in ("set", "map"):
            said = statement.get(kind) if isinstance(statement, dict) else None
            if isinstance(said, dict):
                yield str(said.get("set", said.get("map"))).removeprefix("@"), str(said.get("op"))
        meter = statement.get("meter") if isinstance(statement, dict) else None
        if isinstance(meter, dict):
            yield str(meter.get("name")), "add"
