"""With what care running things are replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping


class Hooks(Struct, frozen=True):
    """What is called ``before`` and ``after`` each target: commands, or URLs that are posted to.

    Commands run in ``directory``; each may take ``seconds``.
    """

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    seconds: float = 60
    directory: str = "."


class Care(Struct, frozen=True):
    """What the settings say of acting on running things. All times are seconds.

    ``soak`` is how long what was replaced is kept, stopped, so that it can be rolled back to; ``gate`` how long a
    replacement may take to be healthy, ``stable`` how long one without a healthcheck must run undisturbed.
    ``max_unavailable`` targets may be between old and new at once. What one of ``protected`` fits, a name as a pattern
    (``db-*``) or a label (``label=NAME`` or ``label=NAME=VALUE``), is never touched. ``unsafe_fixes`` makes fixes, too,
    that may keep a program from working. ``push`` is the repository below which rebuilt images are pushed, empty for
    none. ``registries`` are registries, or starts of image names, and what an image is moved to from each.
    ``state_dir`` is where the journal is kept, empty for the usual place.
    """

    soak: float = 3600
    gate: float = 60
    stable: float = 10
    max_unavailable: int = 1
    protected: tuple[str, ...] = ()
    hooks: Hooks = Hooks()
    unsafe_fixes: bool = False
    push: str = ""
    registries: Mapping[str, str] = field(default_factory=dict)
    state_dir: str = ""
