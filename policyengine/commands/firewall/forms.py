"""The forms in which a matrix is told."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from policyengine.commands.firewall.choices import checked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from policyengine.commands.firewall.matrix import Matrix

FORMS = ("table", "json", "dot", "svg")


def rendered(form: str, width: int | None) -> Callable[[Sequence[Matrix]], Iterable[str]]:
    """What renders matrices in a form, a table in a width. Raises :class:`UsageError` for one that there is not."""
    module = import_module(f"policyengine.commands.firewall.matrix_{checked('--format', form, FORMS)}")
    return partial(module.render, width=width) if form == "table" else module.render
