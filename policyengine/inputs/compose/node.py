"""One service as it is written: its interpolated values, and where each stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.documents.scalars import LegacyBoolean, scalar_text
from policyengine.inputs.facts import mistyped
from policyengine.model.provenance import Provenance
from policyengine.model.types import STRING, map_of
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from policyengine.documents.document import DocPath
    from policyengine.inputs.compose.definitions import Definitions
    from policyengine.inputs.compose.layer import Layer, Tree
    from policyengine.inputs.compose.whole import Whole
    from policyengine.inputs.context import Context
    from policyengine.inputs.facts import Facts
    from policyengine.model.types import Type

DEFAULT = Provenance("default", "Compose Specification")
"""The provenance of what a service does not say and the specification does."""


class Node:
    """A service, or another definition. Steps lead from it to its values: ``("deploy", "resources")``."""

    def __init__(
        self,
        name: str,
        tree: Tree,
        whole: Whole,
        context: Context,
        definitions: Definitions,
        section: str = "services",
    ) -> None:
        self.name = name
        self.tree = tree
        self.at: DocPath = (0, section, name)
        self.document = whole
        self.context = context
        self.definitions = definitions
        self.services: Mapping[str, Node] = {}
        self._values = tree.value
        self._reported: set[DocPath] = set()

    @property
    def head(self) -> DocPath:
        """The place that shows what is defined: the name of a definition that says nothing."""
        return self.at if self._values is not None else (*self.at, self.name)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that the service has."""
        return tuple(self._values) if isinstance(self._values, dict) else ()

    def get(self, *steps: str) -> object:
        """The value there, None when there is none; Unknown, and a problem, where a step is below no mapping."""
        value = self._values
        for index, step in enumerate(steps):
            if value is None or isinstance(value, Unknown):
                return value
            if not isinstance(value, dict):
                return self.mistyped(steps[:index], value, map_of(STRING))
            value = value.get(step)
        return value

    def text(self, *steps: str) -> str | Unknown | None:
        """The value there as a string, None when there is none; Unknown, and a problem, for what is no scalar."""
        value = self.get(*steps)
        if value is None or isinstance(value, Unknown):
            return value
        text = scalar_text(value)
        return self.mistyped(steps, value, STRING) if text is None else text

    def mistyped(self, steps: tuple[str, ...], value: object, wanted: Type) -> Unknown:
        """Report, once, that a value has another type."""
        name, at = ".".join(steps), (*self.at, *steps)
        if at not in self._reported:
            self._reported.add(at)
            self.context.problem(mistyped(name, wanted, value), self.document.locate(at))
        return Unknown(name, "it has the wrong type")

    def read(self, value: object, read: Callable[[object], object], *steps: str) -> object:
        """A value as ``read`` has it; Unknown, and a problem, where that raises ValueError."""
        if value is None or isinstance(value, Unknown):
            return value
        try:
            return read(value)
        except ValueError as error:
            return self.wrong(".".join(steps), str(error), (*self.at, *steps))

    def wrong(self, name: str, expected: str, at: DocPath) -> Unknown:
        """Report that a value is not what was expected; never the value."""
        self.context.problem(f"{name} should be {expected}", self.document.locate(at))
        return Unknown(name, f"it is not {expected}")

    def origin(self, at: DocPath) -> tuple[Layer, DocPath]:
        """The document that the value at a place comes from, and its place there."""
        return self.tree.origin.at(at[3:]) if at[:3] == self.at else self.document.origin(at)

    def outside(self, at: DocPath) -> bool:
        """Whether the value at a place depends on a variable from outside the file."""
        layer, place = self.origin(at)
        return layer.reading.outside(place)

    def how(self, at: DocPath) -> Provenance | None:
        """How the value at a place came about, None when it is simply declared."""
        whole = self.tree.origin
        if whole.below is None and not whole.layer.reading.defaulted and at[:3] == self.at:
            return None
        layer, place = self.origin(at)
        return layer.reading.how(place)

    def written(self, at: DocPath) -> object:
        """The value at a place before its interpolation."""
        layer, place = self.origin(at)
        return layer.written(place)

    def rebased(self, path: str, at: DocPath) -> str:
        """A relative path, which is written at a place, as one that starts in the project's directory."""
        return self.origin(at)[0].rebased(path)

    def opened(self, path: str, at: DocPath) -> str:
        """A path that is written at a place as one that can be opened."""
        return self.origin(at)[0].path(path)

    def put(self, facts: Facts, field: str, value: object, *steps: str) -> None:
        """Give a field its value, which is or would be written at ``steps``, else under the field's own name."""
        at = (*self.at, *(steps or (field,)))
        facts.put(field, value, at, self.how(at))

    def mark(self, facts: Facts, path: tuple[str | int, ...], at: DocPath) -> None:
        """Tell where a value inside a field is written, and how it came about where a default gave it.

        What is sensitive is hidden already (:mod:`~policyengine.inputs.compose.hiding`), of ``NAME=value`` the value.
        """
        facts.place(path, at, hide=False)
        how = self.how(at)
        if how is not None:
            facts.how(path, how)

    def mark_items(self, facts: Facts, field: str) -> None:
        """Tell where each item of a list is written under the field's own name."""
        items = self.get(field)
        for index in range(len(items) if isinstance(items, list) else 0):
            self.mark(facts, (field, index), (*self.at, field, index))


def flag(value: object) -> object:
    """A boolean where one is meant: Compose takes strings too, which variables always are."""
    if isinstance(value, LegacyBoolean):
        return value.value
    if isinstance(value, str):
        return _FLAGS.get(value.lower(), value)
    return value


_FLAGS = {"true": True, "yes": True, "y": True, "on": True, "false": False, "no": False, "n": False, "off": False}
