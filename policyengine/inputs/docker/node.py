"""A value of a snapshot together with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from msgspec import Struct

from policyengine.inputs.facts import scalar
from policyengine.model.types import BOOLEAN, INTEGER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.documents.document import DocPath


class Node(Struct, frozen=True, eq=False, gc=False):
    """A value of the engine's answers and where it stands. What is not there is None."""

    value: object
    at: DocPath

    def __getitem__(self, key: str) -> Node:
        below = self.value.get(key) if isinstance(self.value, dict) else None
        return Node(below, (*self.at, key))

    def items(self) -> list[Node]:
        """The items of a list; none where there is no list."""
        listed = self.value if isinstance(self.value, list) else []
        return [Node(item, (*self.at, index)) for index, item in enumerate(listed)]

    def entries(self) -> Iterator[tuple[str, Node]]:
        """The keys and values of a mapping; none where there is no mapping."""
        mapping = cast("dict[str, object]", self.value) if isinstance(self.value, dict) else {}
        return ((str(key), Node(value, (*self.at, key))) for key, value in mapping.items())

    @property
    def text(self) -> str:
        """A string; empty where there is none."""
        return str(self.value) if isinstance(self.value, str) else ""

    @property
    def number(self) -> int:
        """An integer; 0 where there is none."""
        value = scalar(self.value, INTEGER)
        return value if isinstance(value, int) else 0

    @property
    def true(self) -> bool:
        """Whether it is true."""
        return scalar(self.value, BOOLEAN) is True

    @property
    def texts(self) -> list[str]:
        """The strings of a list."""
        return [item.text for item in self.items()]
