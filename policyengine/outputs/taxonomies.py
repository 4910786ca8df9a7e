"""Benchmarks as SARIF has them: taxonomies, whose taxa are the controls. Section numbers are those of SARIF 2.1.0.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html, 3.14.8 (taxonomies), 3.19.3 (their taxa), 3.27.8 (the
taxa of a result), 3.49.14 (the relationships of a rule). Only the controls that the run's rules speak for are there,
so that a taxonomy is not comprehensive (3.19.31).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.model.natural import natural
from policyengine.outputs.identifiers import identifier
from policyengine.outputs.values import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Data = dict[str, object]
    Version = tuple[str, str]


class Taxonomies:
    """The benchmarks that some rules speak for, numbered."""

    def __init__(self, rules: Iterable[Mapping[str, object]]) -> None:
        ids: dict[Version, set[str]] = {}
        for rule in rules:
            for version, id_ in _controls(rule.get("controls")):
                ids.setdefault(version, set()).add(id_)
        self._taxa = {version: sorted(ids[version], key=natural) for version in sorted(ids, key=_order)}
        listed = [(version, id_) for version, taxa in self._taxa.items() for id_ in taxa]
        self._places = {control: place for place, control in enumerate(listed)}
        self._references = [self._reference(version, id_) for version, id_ in listed]

    def taxonomies(self) -> list[Data]:
        """The value of ``run.taxonomies``."""
        return [
            {
                "name": version[0],
                "version": version[1],
                "guid": _guid(version),
                "isComprehensive": False,
                "shortDescription": {"text": " ".join(version)},
                "taxa": [{"id": id_} for id_ in taxa],
            }
            for version, taxa in self._taxa.items()
        ]

    def supported(self) -> list[Data]:
        """The value of ``tool.driver.supportedTaxonomies``."""
        return [
            {"name": version[0], "index": number, "guid": _guid(version)} for number, version in enumerate(self._taxa)
        ]

    def relationships(self, controls: object) -> list[Data]:
        """The relationships of a rule with the controls that it speaks for."""
        return [{"target": reference, "kinds": ["relevant"]} for reference in self.taxa(controls)]

    def taxa(self, controls: object) -> Sequence[Data]:
        """References to controls, in the order of the taxonomies; those of other tools are none."""
        places = {self._places[one] for one in _controls(controls) if one in self._places}
        return [self._references[place] for place in sorted(places)]

    def _reference(self, version: Version, id_: str) -> Data:
        component = {"name": version[0], "index": list(self._taxa).index(version)}
        return {"id": id_, "index": self._taxa[version].index(id_), "toolComponent": component}


def _controls(controls: object) -> list[tuple[Version, str]]:
    listed = controls if isinstance(controls, list | tuple) else ()
    told = (
        [str(plain(one.get(name))) for name in ("benchmark", "version", "id")] for one in listed if "benchmark" in one
    )
    return [((benchmark, version), id_) for benchmark, version, id_ in told]


def _guid(version: Version) -> str:
    """The same in every log, so that logs can be compared."""
    return identifier("benchmark", *version)


def _order(version: Version) -> tuple[str, object]:
    return version[0], natural(version[1])
