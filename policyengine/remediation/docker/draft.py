"""A create body that is being changed, and the rules by which fields of the model are changed in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.errors import RemedyError
from policyengine.remediation.changes import FieldChange
from policyengine.remediation.docker.answers import mapping
from policyengine.remediation.docker.applying import applied

if TYPE_CHECKING:
    from policyengine.remediation.docker.body import Body


class Draft:
    """A copy of a body that may be written to. ``defaults`` and ``facts`` are as in :class:`Body`."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self.config = deepcopy(body.config)
        self.host = mapping(self.config, "HostConfig")
        self.endpoints = deepcopy(body.endpoints)
        self.defaults = body.defaults
        self.facts = dict(body.facts)
        self.notes = list(body.notes)

    def body(self) -> Body:
        """The body as it is now."""
        return replace(
            self._body, config=self.config, endpoints=self.endpoints, notes=tuple(self.notes), facts=self.facts
        )

    def tell(self, field: str, value: object) -> None:
        """Say what a field is now, in the words of the model; None for no value."""
        if value is None:
            self.facts.pop(field, None)
        else:
            self.facts[field] = value

    @property
    def joins(self) -> bool:
        """Whether another container's network is shared."""
        return str(self.host.get("NetworkMode")).startswith("container:")


Rule = Callable[[Draft, Sequence[FieldChange]], None]
"""Makes the changes of one field. Raises :class:`RemedyError` with the reason where they cannot be made."""

Put = Callable[[Draft, object], None]
"""Gives a field its value, None for no value; ``draft.facts`` still has the one before."""


def whole(put: Put) -> Rule:
    """A rule for a field whose parts are changed in its value, which is then given as a whole."""

    def rule(draft: Draft, changes: Sequence[FieldChange]) -> None:
        field = str(changes[0].path[0])
        value = applied(draft.facts.get(field), changes)
        put(draft, value)
        draft.tell(field, value)

    return rule


def of_host(key: str, absent: object = None) -> Rule:
    """A field that is a key of ``HostConfig``; ``absent`` is what the API writes for no value."""

    def put(draft: Draft, value: object) -> None:
        draft.host[key] = absent if value is None else value

    return whole(put)


def of_config(key: str) -> Rule:
    """A field that is a key of ``Config``; without a value it is the image's, or the engine's."""

    def put(draft: Draft, value: object) -> None:
        if value is None:
            draft.config.pop(key, None)
        else:
            draft.config[key] = value

    return whole(put)


def refuse(reason: str, hint: str | None = None) -> RemedyError:
    """The error for a change that cannot be made."""
    return RemedyError(reason, hint=hint)
