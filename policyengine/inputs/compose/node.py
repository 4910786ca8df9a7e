"""One service as it is written: its interpolated values, and where each stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.documents.scalars import LegacyBoolean, scalar_text
from policyengine.inputs.facts import mistyped
from policyengine.model.provenance import Provenance
from policyengine.model.types import STRING, map_of
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.documents.document import DocPath, Document
    from policyengine.inputs.compose.definitions import Definitions
    from policyengine.inputs.compose.interpolation import Interpolation
    from policyengine.inputs.context import Context
    from policyengine.inputs.facts import Facts

DEFAULT = Provenance("default", "Compose Specification")
"""The provenance of what a service does not say and the specification does."""


class Node:
    """A service. Steps lead from it to its values: ``("deploy", "resources")``."""

    def __init__(
        self,
        name: str,
        raw: dict[str, object],
        at: DocPath,
        document: Document,
        reading: Interpolation,
        context: Context,
        definitions: Definitions,
    ) -> None:
        self.name = name
        self.raw = raw
        self.at = at
        self.document = document
        self.context = context
        self.definitions = definitions
        self._reading = reading
        self._values = reading.values(raw, at)
        self._reported: set[DocPath] = set()

    def get(self, *steps: str) -> object:
        """The value there, None when there is none; Unknown, and a problem, where a step is below no mapping."""
        value = self._values
        for index, step in enumerate(steps):
            if value is None or isinstance(value, Unknown):
                return value
            if not isinstance(value, dict):
                return self.mistyped(steps[:index], value)
            value = value.get(step)
        return value

    def text(self, *steps: str) -> str | Unknown | None:
        """The value there as a string, None when there is none; Unknown, and a problem, for what is no scalar."""
        value = self.get(*steps)
        if value is None or isinstance(value, Unknown):
            return value
        text = scalar_text(value)
        return self.mistyped(steps, value) if text is None else text

    def mistyped(self, steps: tuple[str, ...], value: object) -> Unknown:
        """Report, once, that a value should be a mapping, or a string where it is a mapping or sequence."""
        name, at = ".".join(steps), (*self.at, *steps)
        wanted = STRING if isinstance(value, dict | list) and steps[0] != "deploy" else map_of(STRING)
        if at not in self._reported:
            self._reported.add(at)
            self.context.problem(mistyped(name, wanted, value), self.document.locate(at))
        return Unknown(name, "it has the wrong type")

    def wrong(self, name: str, expected: str, at: DocPath) -> Unknown:
        """Report that a value is not what was expected; never the value."""
        self.context.problem(f"{name} should be {expected}", self.document.locate(at))
        return Unknown(name, f"it is not {expected}")

    def outside(self, at: DocPath) -> bool:
        """Whether the value at a place depends on a variable from outside the file."""
        return self._reading.outside(at)

    def how(self, at: DocPath) -> Provenance | None:
        """How the value at a place came about, None when it is simply declared."""
        return self._reading.how(at)

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


def flag(value: object) -> object:
    """A boolean where one is meant: Compose takes strings too, which variables always are."""
    if isinstance(value, str) and not isinstance(value, LegacyBoolean):
        return _FLAGS.get(value.lower(), value)
    return value


_FLAGS = {"true": True, "yes": True, "y": True, "on": True, "false": False, "no": False, "n": False, "off": False}
