"""What the start-up files of shells of a root set and run, as resources: one for everybody, one for each user."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.authentication.shells.startup import Startup, startups
from policyengine.inputs.authentication.origins import WrittenOrigins
from policyengine.model.kinds import login_environment as kind
from policyengine.model.provenance import DECLARED
from policyengine.model.resource import Resource
from policyengine.model.unknown import OpenList, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from policyengine.authentication.files import Root
    from policyengine.authentication.shells.settings import Mask, Run, Variable
    from policyengine.model.location import Location
    from policyengine.model.paths import FieldPath
    from policyengine.model.provenance import Provenance
    from policyengine.model.scope import Scope

SUPPLIES: Mapping[str, frozenset[str]] = {"login_environment": frozenset(kind.KIND.fields)}

_MINUTE = 60
_TIMEOUTS = {"sh": ("TMOUT", 1), "csh": ("autologout", _MINUTE)}
"""The variable that ends a shell, and how many seconds its unit is: bash(1) TMOUT, tcsh(1) autologout."""

_RANDOM = "SSH_USE_STRONG_RNG"

_NUMBER = re.compile(r"\s*\(?\s*(\d{1,9})\b")


def resources(
    root: Root,
    name: str,
    scope: Scope,
    origin: str,
    refused: Callable[[str, Location], None],
) -> Iterator[Resource]:
    """For everybody, and for each user who has such files. Nothing of them is refused: shells run what they can."""
    del name, refused
    for one in startups(root):
        facts, places = _facts(one)
        how: dict[FieldPath, Provenance] = {(field,): DECLARED for field in facts}
        texts = {text.where: text.text for text in one.texts}
        origins = WrittenOrigins(root.where(one.main), places, how, texts)
        yield Resource("login_environment", str(facts["name"]), origin, scope, facts, origins)


def _facts(found: Startup) -> tuple[dict[str, object], dict[FieldPath, Location]]:
    facts: dict[str, object] = {
        "name": f"{found.user or found.audience} ({found.shells})",
        "audience": found.audience,
        "shells": found.shells,
    }
    if found.user:
        facts["user"] = found.user
    places: dict[FieldPath, Location] = {}
    variable, unit = _TIMEOUTS[found.shells]
    variables = [one for told in found.told for one in told.variables]
    listed: dict[str, Iterable[tuple[Location, dict[str, object]]]] = {
        "umasks": (_mask(one) for told in found.told for one in told.masks),
        "timeouts": (_timeout(one, unit) for one in variables if one.name == variable),
        "ssh_random": (_random(one) for one in variables if one.name == _RANDOM),
        "variables": (_variable(one) for one in variables),
        "commands": (_command(one) for told in found.told for one in told.commands),
    }
    for field, items in listed.items():
        values: list[object] = []
        for number, (where, item) in enumerate(items):
            places[(field, number)] = where
            values.append(item)
        facts[field] = OpenList(values, found.unread[0]) if found.unread else values
    return facts, places


def _mask(one: Mask) -> tuple[Location, dict[str, object]]:
    return one.where, {"mask": one.value}


def _timeout(one: Variable, unit: int) -> tuple[Location, dict[str, object]]:
    seconds = _number(one, unit)
    return one.where, {"seconds": seconds, "exported": one.exported, "readonly": one.readonly}


def _random(one: Variable) -> tuple[Location, dict[str, object]]:
    return one.where, {"bytes": _number(one), "exported": one.exported}


def _number(one: Variable, unit: int = 1) -> int | Unknown:
    """What a value is taken for: what is no number is none, and ``(15 5)`` of csh begins with it."""
    if isinstance(one.value, Unknown):
        return one.value
    found = _NUMBER.match(one.value)
    return int(found[1]) * unit if found else 0


def _variable(one: Variable) -> tuple[Location, dict[str, object]]:
    """A value that is not known is absent: it leaves open what this variable is, and nothing of the others."""
    told: dict[str, object] = {"name": one.name, "exported": one.exported, "readonly": one.readonly}
    return one.where, told if isinstance(one.value, Unknown) else {**told, "value": one.value}


def _command(one: Run) -> tuple[Location, dict[str, object]]:
    return one.where, {"name": one.name, "arguments": list(one.args), "replaces_shell": one.replaces}
