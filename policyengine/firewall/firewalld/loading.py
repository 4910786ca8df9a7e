"""The files of firewalld put together: its own, those that an administrator wrote in their place, and more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.firewall.firewalld import CONF, DIRECT, direct, policies, stock, zones
from policyengine.firewall.firewalld.ipsets import ipset
from policyengine.firewall.firewalld.layout import base
from policyengine.firewall.firewalld.markup import parsed
from policyengine.firewall.firewalld.objects import policy, zone
from policyengine.firewall.firewalld.pruning import pruned
from policyengine.firewall.firewalld.services import Services, service
from policyengine.firewall.firewalld.settings import settings
from policyengine.firewall.nft.tables import Dump

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from policyengine.errors import DocumentError
    from policyengine.firewall.firewalld.ipsets import Ipset
    from policyengine.firewall.firewalld.markup import Element
    from policyengine.firewall.firewalld.objects import Policy, Zone
    from policyengine.firewall.firewalld.settings import Settings
    from policyengine.firewall.nft.sets import Set
    from policyengine.firewall.rules import Table
    from policyengine.firewall.written import Written


def tables(own: Mapping[str, Written], stock_files: Mapping[str, Written] | None) -> tuple[Table, ...]:
    """The table of nftables, for both families, and those of iptables that direct rules are in."""
    conf = settings(own[CONF])
    files = _Files(own, stock_files, conf)
    sets = {name: ipset(name, root) for name, root in files.roots("ipsets")}
    every = files.zones()
    default = _default(every, conf, own[CONF])
    _check(every.values())
    in_use = [one for _, one in sorted(every.items()) if one.is_active or one is default]
    known = files.services()
    layout = base(conf)
    zones.write(layout, in_use, default, known, sets)
    policies.write(layout, files.policies(), every, known, sets)
    dump = Dump([*layout.objects(list(sets.values()))])
    dump.sets = {table: {**told, **_open(told, sets)} for table, told in dump.sets.items()}
    made = tuple(map(pruned, dump.read()))
    return (*made, *(direct.tables(own[DIRECT]) if DIRECT in own else ()))


def _open(told: Mapping[str, Set], sets: Mapping[str, Ipset]) -> dict[str, Set]:
    """The sets whose entries come and go while firewalld runs."""
    return {name: replace(one, open=True) for name, one in told.items() if name in sets and sets[name].open}


class _Files:
    """The files by directory and name: one in /etc stands for the one of its name in /usr/lib."""

    def __init__(self, own: Mapping[str, Written], stock_files: Mapping[str, Written] | None, conf: Settings) -> None:
        self._files = {**(stock_files or {}), **own}
        self._whole = stock_files is not None
        self._conf = conf

    def roots(self, directory: str) -> Iterator[tuple[str, Element]]:
        """The elements of the files in a directory, by name."""
        for path, file in sorted(self._files.items()):
            if path.startswith(f"{directory}/") and path.endswith(".xml"):
                yield path[len(directory) + 1 : -4], parsed(file)

    def zones(self) -> dict[str, Zone]:
        """The zones; of the files in a directory one is made."""
        found: dict[str, list[Element]] = {}
        for name, root in self.roots("zones"):
            found.setdefault(name.partition("/")[0], []).append(root)
        known = {} if self._whole else {name: [root] for name, root in stock.zones(self._conf.where).items()}
        return {name: zone(name, roots) for name, roots in (known | found).items()}

    def policies(self) -> list[Policy]:
        """The policies by name."""
        known = {} if self._whole else stock.policies(self._conf.where)
        return [policy(name, root) for name, root in sorted((known | dict(self.roots("policies"))).items())]

    def services(self) -> Services:
        """The services."""
        known = {} if self._whole else stock.services()
        return Services(known | {name: service(root) for name, root in self.roots("services")}, self._whole)


def _default(every: Mapping[str, Zone], conf: Settings, file: Written) -> Zone:
    if conf.default not in every:
        raise _unknown(conf, file)
    return every[conf.default]


def _unknown(conf: Settings, file: Written) -> DocumentError:
    from policyengine.errors import DocumentError

    line = conf.default_where.line if conf.default_where else 1
    return DocumentError(f'the default zone is "{conf.default}", and there is no such zone', path=file.path, line=line)


def _check(every: Iterable[Zone]) -> None:
    """Raise :class:`DocumentError` for what is bound to two zones."""
    taken: dict[tuple[str, ...], str] = {}
    for one in every:
        for element in (*one.interfaces, *one.sources):
            key = (element.name, *(element.get(part) for part in ("name", "address", "mac", "ipset")))
            other = taken.setdefault(key, one.name)
            if other != one.name:
                bound = next(part for part in key[1:] if part)
                raise element.error(f"{bound} is bound to the zone {other} already")
