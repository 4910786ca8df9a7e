"""The kinds of resource, one module each; a module's ``KIND`` is found by walking this package."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from policyengine.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.model.types import Kind


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind by name."""
    modules = (import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__))
    found = (module.KIND for module in modules if hasattr(module, "KIND"))
    return {kind.name: kind for kind in found}


def kind(name: str) -> Kind:
    """The kind of that name. Raises :class:`UsageError` for an unknown one."""
    known = kinds()
    if name not in known:
        hint = did_you_mean(name, known) or f"kinds are {', '.join(sorted(known))}"
        raise UsageError(f'unknown kind "{name}"', hint=hint)
    return known[name]
