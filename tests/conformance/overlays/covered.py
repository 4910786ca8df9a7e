"""Which rules are covered, by which policies, and with which values of their parameters: ``covered.tsv``.

One line for a rule, or for a rule and some products. Its columns:

``rule``        ComplianceAsCode's name of it
``rows``        how many rows of it there are: what counts was fixed before policies were written
``products``    those that the line is about: ``*`` for all, else ``ubuntu2404 rhel9``
``policies``    the policies that say what the rule says, all of which have to pass; empty: none does yet
``parameters``  a YAML mapping, for those of the policies that declare them: ``{maximum: $var_password_max}``
``about``       patterns of the names of the resources that the rule speaks of, where the policies speak of more:
                ``/etc/gshadow`` of a policy on many files; ``*`` for all

A parameter ``mode`` is ``explicit`` where none is given: the rules mostly want a line for what they demand. ``$NAME``
is a variable of the rules: the row's value, else its default in ``variables.tsv``, which also has what the names of
options stand for (``5_minutes`` is 300). It becomes an integer, or a list by its commas, where the parameter is one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from policyengine.settings import Settings
from tests.conformance.corpora import table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.policy.parameters import Parameter
    from policyengine.policy.policy import Policy
    from tests.conformance.overlays.corpus import Row

HERE = Path(__file__).parent
FILE = HERE / "covered.tsv"


@dataclass(frozen=True)
class Covered:
    """A rule, for some products, and the policies that stand for it."""

    rule: str
    rows: int
    products: tuple[str, ...]
    policies: tuple[str, ...]
    parameters: Mapping[str, Any]
    about: tuple[str, ...]

    def speaks_of(self, row: Row) -> bool:
        """Whether it is about the row's rule and product."""
        return row.rule == self.rule and ("*" in self.products or row.product in self.products)

    def is_about(self, name: str) -> bool:
        """Whether the rule speaks of a resource of that name."""
        return any(fnmatchcase(name, pattern) for pattern in self.about)

    def given(self, row: Row) -> dict[str, dict[str, object]]:
        """The values of the policies' parameters for a row, by policy and parameter."""
        values: dict[str, dict[str, object]] = {}
        for id_ in self.policies:
            declared = known()[id_].parameters or {}
            wanted = {"mode": "explicit", **self.parameters}
            values[id_] = {name: _value(wanted[name], one, row) for name, one in declared.items() if name in wanted}
        return values


@cache
def covered() -> tuple[Covered, ...]:
    """The lines of the table."""
    return tuple(
        Covered(
            line["rule"],
            int(line["rows"]),
            tuple(line["products"].split()),
            tuple(line["policies"].split()),
            yaml.safe_load(line["parameters"] or "{}"),
            tuple(line["about"].split()),
        )
        for line in table(FILE)
    )


@cache
def known() -> Mapping[str, Policy]:
    """The built-in policies by id."""
    from policyengine.commands.policies import loaded

    return {policy.id: policy for policy in loaded(Settings())[0]}


def line_for(row: Row) -> Covered | None:
    """The line that is about a row; None where its rule is not in the table."""
    return next((line for line in covered() if line.speaks_of(row)), None)


@cache
def _options() -> Mapping[tuple[str, str], str]:
    """What a variable's options stand for, by its name and the option's; ``default`` is the one without a value."""
    return {(line["variable"], line["option"]): line["value"] for line in table(HERE / "variables.tsv")}


def variable(name: str, row: Row) -> str:
    """A variable's value in a row, else its default. KeyError for a variable that has neither."""
    given = row.variables.get(name)
    return _options()[name, "default"] if given is None else _options().get((name, given), given)


def _value(wanted: object, parameter: Parameter, row: Row) -> object:
    if isinstance(wanted, list):
        return [item for one in wanted for item in _listed(_resolved(one, row))]
    value = _resolved(wanted, row)
    if not isinstance(value, str):
        return value
    if parameter.type.name == "list":
        items = _listed(value)
        return [int(item) for item in items] if str(parameter.type).endswith("integer") else items
    return int(value) if parameter.type.name == "integer" else value


def _resolved(wanted: object, row: Row) -> object:
    return variable(wanted[1:], row) if isinstance(wanted, str) and wanted.startswith("$") else wanted


def _listed(value: object) -> list[Any]:
    return [one for one in re.split(r"[,|]", value) if one] if isinstance(value, str) else [value]
