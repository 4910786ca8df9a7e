"""What shells offer where a policy, a pack, a format, a kind or another choice may be typed.

A key is pressed and an answer is waited for: nothing is read but names, and nothing heavy is imported.
"""

from __future__ import annotations

import os
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

DOCUMENTS = ("policy", "pack", "settings", "waivers")
"""The kinds of files that there are schemas of."""


def policies(incomplete: str) -> list[str]:
    """Ids of built-in policies."""
    return _starting(_ids(), incomplete)


def names(incomplete: str) -> list[str]:
    """Ids and categories, also after a comma."""
    before, comma, last = incomplete.rpartition(",")
    from policyengine.model.report import CATEGORIES

    return [f"{before}{comma}{name}" for name in _starting([*CATEGORIES, *_ids()], last)]


def packs(incomplete: str) -> list[str]:
    """Names of built-in packs, also after a comma."""
    before, comma, last = incomplete.rpartition(",")
    known = (path.name for path in _policies().joinpath("packs").iterdir())
    return [f"{before}{comma}{name}" for name in _starting(known, last)]


def formats(incomplete: str) -> list[str]:
    """Names of output formats."""
    from policyengine.outputs import formats as known

    return _starting(known(), incomplete)


def listings(incomplete: str) -> list[str]:
    """Forms of the listing of policies."""
    return _starting(("table", "markdown", "json"), incomplete)


def kinds(incomplete: str) -> list[str]:
    """Kinds of resources."""
    from policyengine.model.kinds import kinds as known

    return _starting(known(), incomplete)


def documents(incomplete: str) -> list[str]:
    """Kinds of files that there are schemas of."""
    return _starting(DOCUMENTS, incomplete)


def severities(incomplete: str) -> list[str]:
    """Severities, the worst first."""
    from policyengine.model.report import SEVERITIES

    return [severity for severity in SEVERITIES if severity.startswith(incomplete)]


def ways_with_unknowns(incomplete: str) -> list[str]:
    """What unknown judgements may do."""
    return _starting(("fail", "warn", "ignore"), incomplete)


def ways(incomplete: str) -> list[str]:
    """What a report can go by."""
    from policyengine.outputs.select import WAYS

    return _starting(WAYS, incomplete)


def colors(incomplete: str) -> list[str]:
    """When to paint."""
    return _starting(("auto", "always", "never"), incomplete)


def enrichments(incomplete: str) -> list[str]:
    """Where facts can be asked for."""
    from policyengine import enrich

    modules = {info.name for info in pkgutil.iter_modules(enrich.__path__)}
    return _starting(modules - enrich.SHARED, incomplete)


def _ids() -> Iterable[str]:
    from policyengine.model.report import CATEGORIES

    for category in CATEGORIES:
        with os.scandir(_policies() / category) as entries:
            yield from (entry.name.removesuffix(".yaml") for entry in entries if entry.name.endswith(".yaml"))


def _policies() -> Path:
    """The built-in policies, as :func:`policyengine.policy.library.built_in` finds them."""
    package = Path(__file__).resolve().parent.parent
    carried = package / "_policies"
    return carried if carried.is_dir() else package.parent / "policies"


def _starting(known: Iterable[str], incomplete: str) -> list[str]:
    return sorted(name for name in known if name.startswith(incomplete))
