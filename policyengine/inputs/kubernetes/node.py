"""A value in a manifest together with its place, read with the type that Kubernetes gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from policyengine.inputs.facts import mistyped, scalar, spoken_type
from policyengine.model.provenance import Provenance
from policyengine.model.types import BOOLEAN, INTEGER, STRING, Type
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.documents.document import DocPath, Document
    from policyengine.inputs.context import Context
    from policyengine.inputs.facts import Facts

DEFAULT = Provenance("default", "Kubernetes")
MAPPING = Type("map")
SEQUENCE = Type("list")


_PLACEHOLDERS = (("{{", "}}"), ("{%", "%}"), ("${", "}"), ("$(", ")"))
"""What encloses an action of a template (Helm, Jinja) or a variable (envsubst, Flux, OpenShift, Kustomize)."""


def is_placeholder(text: object) -> bool:
    """Whether something is yet to be put in for (a part of) a text: it tells nothing."""
    return isinstance(text, str) and any(
        start in text and end in text[text.index(start) :] for start, end in _PLACEHOLDERS
    )


_UNSETTLED = Unknown("placeholder", "something is yet to be put in here", "check what is rendered from it")


class Found(NamedTuple):
    """A value that was read: None when it is not written; where it is, or would be, written; how it came about."""

    value: object
    at: DocPath
    how: Provenance | None = None

    def or_default(self, value: object) -> Found:
        """The same place with the platform's default when nothing is written, or the empty string, which counts as
        nothing to Kubernetes.
        """
        return Found(value, self.at, DEFAULT) if self.value in (None, "") else self

    def or_else(self, other: Found) -> Found:
        """The other one when it is written and this one is not."""
        return other if self.value in (None, "") and other.value is not None else self


def put(facts: Facts, field: str, found: Found) -> None:
    """Give a field what was found."""
    facts.put(field, found.value, found.at, found.how)


class Node:
    """A value in a manifest and its place.

    Reading it as a type that it does not have reports a problem and makes it unknown, and with it all that would be
    below it. So that a problem is reported once, each part of a manifest is read once.
    """

    __slots__ = ("at", "context", "document", "value")

    def __init__(self, document: Document, context: Context, at: DocPath, value: object) -> None:
        self.document = document
        self.context = context
        self.at = at
        self.value = value

    def __getitem__(self, key: str) -> Node:
        value = self.value
        below = value.get(key) if isinstance(value, dict) else value if isinstance(value, Unknown) else None
        return Node(self.document, self.context, (*self.at, key), below)

    @property
    def written(self) -> bool:
        """Whether there is a value; null is none."""
        return self.value is not None

    @property
    def keys(self) -> list[str]:
        """The keys of a mapping; none for another value."""
        return list(self.value) if isinstance(self.value, dict) else []

    def mapping(self) -> Node:
        """This node if it is a mapping or null; an unknown in its place otherwise."""
        if self.value is None or isinstance(self.value, dict):
            return self
        return Node(self.document, self.context, self.at, self.unknown(MAPPING))

    def required(self, key: str) -> Node:
        """The mapping at a key that may not be null. One that is not there at all may be a patch's business."""
        below = self[key]
        if not below.written and key in self.keys:
            below.problem(mistyped(key, MAPPING, None))
        return below.mapping()

    def items(self) -> list[Node]:
        """The items of a sequence that are mappings; others are problems."""
        items = self.each()
        for item in items:
            if item.value.__class__ is not dict:
                item._expect(MAPPING)
        return [item for item in items if isinstance(item.value, dict)]

    def each(self) -> list[Node]:
        """The items of a sequence; none of what is no sequence."""
        if not isinstance(self.value, list):
            if self.value is not None:
                self._expect(SEQUENCE)
            return []
        return [Node(self.document, self.context, (*self.at, index), item) for index, item in enumerate(self.value)]

    def text(self) -> Found:
        """A string; a number or boolean is taken as it is written."""
        return self._scalar(STRING)

    def boolean(self) -> Found:
        """A boolean."""
        return self._scalar(BOOLEAN)

    def integer(self) -> Found:
        """An integer."""
        return self._scalar(INTEGER)

    def texts(self) -> Found:
        """A list of strings; null items are left out."""
        if not self.written:
            return Found(None, self.at)
        if not isinstance(self.value, list):
            return Found(self.unknown(SEQUENCE), self.at)
        if all(item.__class__ is str for item in self.value):
            return Found(list(self.value), self.at)
        return Found([item.text().value for item in self.each() if item.written], self.at)

    def labels(self) -> Found:
        """A map of strings, where null is the empty string, as the API server reads it."""
        if not self.written:
            return Found(None, self.at)
        if not isinstance(self.value, dict):
            return Found(self.unknown(MAPPING), self.at)
        texts = {
            key: value if value.__class__ is str else "" if value is None else self[key].text().value
            for key, value in self.value.items()
        }
        return Found(texts, self.at)

    def problem(self, message: str) -> None:
        """Report what keeps this part from being read."""
        self.context.problem(message, self.document.locate(self.at))

    @property
    def _name(self) -> str:
        last = self.at[-1]
        return f"{self.at[-2]}[{last}]" if isinstance(last, int) and len(self.at) > 1 else str(last)

    def _scalar(self, type_: Type) -> Found:
        if self.value is None:
            return Found(None, self.at)
        value = scalar(self.value, type_)
        return Found(self.unknown(type_) if value is None else value, self.at)

    @property
    def is_placeholder(self) -> bool:
        """Whether something is yet to be put in for (a part of) the text: it tells nothing."""
        return is_placeholder(self.value)

    def unknown(self, type_: Type) -> Unknown:
        """What stands for a value of another type than it should have; a problem is reported."""
        if isinstance(self.value, Unknown):
            return self.value
        if self.is_placeholder:
            return _UNSETTLED
        self._expect(type_)
        names = [step for step in self.at if isinstance(step, str)]
        return Unknown(names[-1] if names else "manifest", f"it is not {spoken_type(type_)}")

    def _expect(self, type_: Type) -> None:
        """Report a value of another type; null is of every type."""
        right = {"map": dict, "list": list}.get(type_.name, Unknown)
        if self.written and not isinstance(self.value, right | Unknown) and not self.is_placeholder:
            self.problem(mistyped(self._name, type_, self.value))
