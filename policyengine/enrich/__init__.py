"""Facts from elsewhere: what an input leaves open, settled by an engine or a registry when that is asked for.

One module each, found by walking this package. A module defines

``NAME``
    what ``--resolve NAME`` takes: ``engine``;
``opened(context)``
    a context manager that gives a function from resources to the same resources in the same order, with what it could
    settle; the function is called for one input after the other. Nothing is contacted before a resource needs it;
    what cannot be reached is one problem of the context, and the resources pass as they are.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from policyengine.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from policyengine.inputs.context import Context
    from policyengine.model.resource import Resource

    Enrich = Callable[[Iterable[Resource]], Iterator[Resource]]


SHARED = frozenset({"resolved", "settling"})
"""The modules that are no enrichments: what these have in common."""


class Enrichment(Protocol):
    """A source of facts that inputs leave open."""

    NAME: str

    def opened(self, context: Context) -> AbstractContextManager[Enrich]:
        """What fills in what could be settled, until it is closed."""


@cache
def enrichments() -> Mapping[str, Enrichment]:
    """Every enrichment by name."""
    modules = (import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__))
    found = cast("Iterator[Enrichment]", (module for module in modules if hasattr(module, "opened")))
    return {module.NAME: module for module in found}


def enrichment(name: str) -> Enrichment:
    """The enrichment of that name. Raises :class:`UsageError` for an unknown one."""
    known = enrichments()
    if name not in known:
        hint = did_you_mean(name, known) or f"known are {', '.join(sorted(known))}"
        raise UsageError(f'nothing called "{name}" can resolve facts', hint=hint)
    return known[name]
