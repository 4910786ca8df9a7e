"""Statements of network address translation: dnat, snat, masquerade, redirect, to values or by maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from policyengine.firewall.intervals import Intervals, union
from policyengine.firewall.nft.cases import FALSE, TRUE, Cases, NotModelled
from policyengine.firewall.nft.matching import looked_up
from policyengine.firewall.nft.values import intervals
from policyengine.firewall.nft.writing import statement
from policyengine.firewall.rules import Translate, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.firewall.nft.sets import Sets

Kind = Literal["dnat", "redirect", "snat", "masquerade"]

TRANSLATIONS: Mapping[str, Kind] = {
    "dnat": "dnat",
    "redirect": "redirect",
    "snat": "snat",
    "masquerade": "masquerade",
}
"""The statements that translate, by name."""


def translations(name: str, said: object, sets: Sets) -> list[tuple[Cases, Translate | Unknown]]:
    """What a statement translates to, in which cases; one that is not modelled leaves it undecided."""
    options = said if isinstance(said, dict) else {}
    family = {"ip": 4, "ip6": 6}.get(str(options.get("family")), sets.around.family)
    if family != sets.around.family:
        return [(FALSE, Translate(TRANSLATIONS[name]))]
    try:
        return _translations(TRANSLATIONS[name], options, sets)
    except NotModelled:
        return [(TRUE, Unknown(statement({name: said})))]


def _translations(kind: Kind, options: Mapping[str, object], sets: Sets) -> list[tuple[Cases, Translate | Unknown]]:
    address, port = options.get("addr"), options.get("port")
    if options.get("type_flags") == "prefix" or _is_map(port):
        raise NotModelled  # an address of one network for each of another; a port by a map of its own
    if not _is_map(address):
        return [(TRUE, Translate(kind, _numbers(address, sets, 2**128 - 1), _numbers(port, sets, 65535)))]
    ports = _numbers(port, sets, 65535)
    return [(cases, _mapped(kind, data, ports, sets)) for cases, data in _data(address, sets)]


def _is_map(value: object) -> bool:
    return isinstance(value, dict) and "map" in value


def _numbers(value: object, sets: Sets, top: int) -> Intervals | None:
    return None if value is None else intervals([value], {}, sets.around.family, top)


def _mapped(kind: Kind, data: object, ports: Intervals | None, sets: Sets) -> Translate | Unknown:
    """What an element of a map stands for: an address, perhaps with a port."""
    if isinstance(data, _Any):
        return Translate(kind, data.addresses, ports)
    if data is None:
        return Unknown(f"{kind} by a map that rules add to")
    parts = data.get("concat") if isinstance(data, dict) else None
    if not isinstance(parts, list):
        return Translate(kind, _numbers(data, sets, 2**128 - 1), ports)
    if len(parts) != 2:
        raise NotModelled
    return Translate(kind, _numbers(parts[0], sets, 2**128 - 1), _numbers(parts[1], sets, 65535))


class _Any:
    """Any of these addresses, as chance or a hash has it."""

    def __init__(self, addresses: Intervals) -> None:
        self.addresses = addresses


def _data(address: object, sets: Sets) -> list[tuple[Cases, object]]:
    said = address.get("map") if isinstance(address, dict) else None
    if not isinstance(said, dict):
        raise NotModelled
    key = said.get("key")
    if isinstance(key, dict) and set(key) & {"numgen", "jhash", "symhash"}:
        return [_by_chance(key, said.get("data"), sets)]
    return looked_up(key, said.get("data"), sets)


def _by_chance(key: dict[str, object], data: object, sets: Sets) -> tuple[Cases, object]:
    """A map by a number that is drawn: where it has every number, one of its addresses is taken."""
    options = next(iter(key.values()))
    found = sets.found(data)
    if found is None or not isinstance(options, dict) or not isinstance(options.get("mod"), int):
        raise NotModelled
    elements, more = found
    offset = options.get("offset", 0)
    drawn = range(offset, offset + options["mod"]) if isinstance(offset, int) else range(0)
    keys = intervals([one.key for one in elements], {}, sets.around.family, 2**32 - 1)
    if more or keys != ((drawn.start, drawn.stop - 1),) or any(one.there != TRUE for one in elements):
        raise NotModelled
    addresses: Intervals = ()
    for one in elements:
        addresses = union(addresses, _numbers(one.data, sets, 2**128 - 1) or ())
    return TRUE, _Any(addresses)
