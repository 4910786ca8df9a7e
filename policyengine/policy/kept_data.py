"""The shapes of what is kept of policies and packs that were found right: anything else was not written here.

Values are checked as deep as what reads them needs, in a fraction of the time that Cerberus takes.
"""

from __future__ import annotations

from typing import Any, TypedDict

import msgspec

from policyengine.model.report import Severity  # noqa: TC001 - the shapes are read by these types

_Named = dict[str, dict[str, Any]]
"""Constraints by field, or parameters by policy."""


class _Target(TypedDict):
    id: str
    title: str
    category: str
    severity: Severity
    why: str
    target: str | list[str]


class PolicyShape(_Target, total=False):
    """A policy's data."""

    aliases: list[str] | None
    tags: list[str] | None
    controls: list[dict[str, Any]] | None
    where: _Named | None
    require: _Named | None
    flows: dict[str, Any] | None
    message: str | None
    remedy: str | dict[str, str] | None
    remediate: dict[str, Any] | None
    parameters: _Named | None


class _News(TypedDict, total=False):
    policies: list[str]
    parameters: _Named
    adds: dict[str, dict[str, list[Any]]]


class _Pack(TypedDict):
    name: str
    title: str


class PackShape(_Pack, total=False):
    """A pack's data."""

    release: str
    packs: list[str]
    policies: list[str]
    ignore: list[str]
    parameters: _Named
    releases: list[str]
    since: dict[str, _News]


def has_shape(data: object, shape: type) -> bool:
    """Whether data that was kept is of a shape; keys that it does not name may be anything."""
    try:
        msgspec.convert(data, shape)
    except msgspec.ValidationError:
        return False
    return True
