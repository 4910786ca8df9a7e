"""The waivers file: which violations are let pass, of which resources, why, and until when.

``policyengine-waivers.yaml``::

    version: 1
    waivers:
      - policy: privileged
        resource: daemonset/node-agent
        path: deploy/
        reason: It loads the kernel module that it measures with.
        owner: platform
        expires: 2027-01-31
"""

from __future__ import annotations

import os
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from policyengine.documents.load import decoded
from policyengine.documents.shape import misfits
from policyengine.documents.yaml import YamlDocument
from policyengine.errors import DocumentError, UsageError
from policyengine.exceptions.dates import day
from policyengine.exceptions.naming import glob_of, is_named
from policyengine.exceptions.waiver_schema import LISTS, SCHEMA, SELECTORS
from policyengine.model.masking import concealed
from policyengine.model.patterns import fits
from policyengine.policy import cache

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.documents.shape import Misfit
    from policyengine.model.location import Location
    from policyengine.model.report import Finding

ANY = object()
"""Stands for a waiver's value where it has none: whatever the value is."""


class Waiver(Struct, frozen=True):
    """One waiver. ``base`` is the directory that its ``paths`` are relative to, ``place`` where it stands.

    It is for the resources that fit each of ``resources``, ``paths`` and ``scopes`` that it has, and of these for
    findings of one of its ``policies``, which go by any of their names; with a ``value`` only while that is found.
    A resource goes by its name, by its kind and name, by the same with what it is part of, and by that alone:
    ``deployment/web`` is for its containers too.
    """

    policies: tuple[str, ...]
    reason: str
    until: str
    place: Location
    resources: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    value: object = ANY
    owner: str | None = None
    base: str = ""

    @property
    def has_value(self) -> bool:
        """Whether it is only for one value."""
        return self.value is not ANY

    def fits(self, finding: Finding) -> bool:
        """Whether it is for a finding, of one of its policies."""
        return (
            (not self.resources or is_named(finding.resource, self.resources))
            and (not self.paths or fits(self.base, self.paths, finding.location.path))
            and (not self.scopes or any(glob_of(glob)(finding.resource.scope) for glob in self.scopes))
            and (self.value is ANY or _same(self.value, finding.actual))
        )


def waivers(path: str, data: bytes, base: str | None = None) -> tuple[list[Waiver], list[UsageError]]:
    """The waivers in a file, and what is wrong with the others. Raises :class:`UsageError` for what is no such file.

    ``base`` is the directory that paths in it are relative to, if it is not its own.
    """
    base = os.path.dirname(os.path.abspath(path)) if base is None else base  # noqa: PTH100, PTH120 - a text
    document = _document(path, data)
    content = document.values[0] if document.values else None
    if not isinstance(content, dict):
        raise UsageError("waivers are a mapping", path=path, line=1, column=1, hint="begin with version: 1")
    ready = eased(content)
    errors: dict[int, UsageError] = {}
    for misfit in _misfits(ready, data):
        span = document.key_span((0, *misfit.path)) if misfit.at_key else document.span((0, *misfit.path))
        error = UsageError(misfit.message, path=path, line=span.line, column=span.column, hint=misfit.hint)
        if misfit.path[:1] != ("waivers",) or len(misfit.path) < 2:
            raise error
        errors.setdefault(int(misfit.path[1]), error)
    found = []
    for number, item in enumerate(ready["waivers"]):
        if number not in errors:
            place = document.locate((0, "waivers", number))
            try:
                found.append(_waiver(item, place, base))
            except ValueError as wrong:
                errors[number] = UsageError(str(wrong), path=path, line=place.line, column=place.column)
    return found, [errors[number] for number in sorted(errors)]


def _misfits(content: Mapping[str, Any], data: bytes) -> list[Misfit]:
    """What is wrong. That nothing is, is remembered: loading Cerberus takes longer than a check."""
    key = sha256(b"\0".join((b"waivers", cache.tool_digest().encode(), data))).hexdigest()
    if cache.read(key) == "right":
        return []
    found = list(misfits(content, SCHEMA))
    if not found:
        cache.write(key, "right")
    return found


def _document(path: str, data: bytes) -> YamlDocument:
    try:
        document = YamlDocument(path, decoded(path, data))
    except DocumentError as error:
        raise UsageError(error.message, path=path, line=error.line, column=error.column, hint=error.hint) from None
    if len(document.values) > 1:
        line = document.span((1,)).line
        raise UsageError("a second document: waivers are one", path=path, line=line, column=1)
    return document


def eased(content: Mapping[str, Any]) -> dict[str, Any]:
    """The data with one text made a list where lists are taken."""
    listed = content.get("waivers")
    if not isinstance(listed, list):
        return dict(content)
    return {**content, "waivers": [_eased_item(item) if isinstance(item, dict) else item for item in listed]}


def _eased_item(item: Mapping[str, Any]) -> dict[str, Any]:
    return {key: [value] if key in LISTS and isinstance(value, str) else value for key, value in item.items()}


def _waiver(item: Mapping[str, Any], place: Location, base: str) -> Waiver:
    day(item["expires"])
    if not any(map(str.isalnum, item["reason"])):
        raise ValueError("the waiver has no reason")
    if not any(map(item.get, SELECTORS)):
        raise ValueError("the waiver is for nothing: give resource, path or scope")
    return Waiver(
        policies=tuple(item["policy"]),
        reason=concealed(item["reason"]),
        until=item["expires"],
        place=place,
        resources=tuple(item.get("resource", ())),
        paths=tuple(item.get("path", ())),
        scopes=tuple(item.get("scope", ())),
        value=item.get("value", ANY),
        owner=concealed(item["owner"]) if "owner" in item else None,
        base=base,
    )


def _same(value: object, actual: object) -> bool:
    """To Python true is 1."""
    return value == actual and isinstance(value, bool) == isinstance(actual, bool)
