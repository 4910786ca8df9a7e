"""What a stack is made of."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from policyengine.authentication.pam.controls import Actions
    from policyengine.model.location import Location

Task = Literal["auth", "account", "password", "session"]
"""What a service asks of PAM: pam.conf(5), "type"."""

TASKS: tuple[Task, ...] = ("auth", "account", "password", "session")


Kind = Literal["module", "broken", "substack"]


class Entry(Struct, frozen=True):
    """A module in a stack, a line that always fails since it cannot be read, or the start of a substack.

    ``control`` is as it is written. ``level``: in how many substacks it lies. ``file`` is its file's path in the root.
    """

    kind: Kind
    task: Task
    control: str
    actions: Actions
    module: str
    arguments: tuple[str, ...]
    level: int
    file: str
    where: Location

    @property
    def name(self) -> str:
        """The module without its directory and suffix: pam_unix."""
        return posixpath.basename(self.module).removesuffix(".so")


Stack = tuple[Entry, ...]
