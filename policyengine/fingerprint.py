"""What tells a finding from every other, and stays when lines move and files are renamed."""

from __future__ import annotations

import json
from functools import lru_cache
from hashlib import sha256
from json.encoder import encode_basestring
from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.model.masking import concealed, masked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.model.paths import FieldPath
    from policyengine.model.report import Finding, ResourceRef
    from policyengine.model.types import Type


def fingerprint(
    policy: str,
    resource: ResourceRef,
    path: FieldPath,
    facts: Mapping[str, object],
    type_: Type,
    identity: tuple[str, ...] | None = None,
) -> tuple[str, str]:
    """sha256 of policy, resource and field, and a shorter digest of the same without the scope.

    List items are keyed by their content, sensitive values masked. ``identity`` stands for the resource's parent and
    name, where these do not stay.
    """
    steps = "".join([f", {encode_basestring(step)}" for step in _content(path, facts, type_)])
    kind, scope, named = _told(resource, identity)
    told = encode_basestring(policy)
    whole, content = f"[{told}, {kind}, {scope}, {named}{steps}]#1", f"[{told}, {kind}, {named}{steps}]"
    return _sha256(whole), _sha256(content)[:_SHORT]


_SHORT = 16
"""Hexadecimal digits: what they tell apart is of one policy, mostly."""


@lru_cache(maxsize=256)
def _told(resource: ResourceRef, identity: tuple[str, ...] | None) -> tuple[str, str, str]:
    """Kind, scope, and the names of a resource as items of a JSON list: it has many findings, one after the other."""
    named = [resource.parent, resource.name] if identity is None else [[concealed(part) for part in identity]]
    return (
        encode_basestring(resource.kind),
        encode_basestring(resource.scope),
        json.dumps(named, ensure_ascii=False)[1:-1],
    )


class Numbering:
    """Tells the equal findings of a run apart, by the order they come in: the first keeps its fingerprint."""

    def __init__(self) -> None:
        self._seen: dict[bytes, int] = {}

    def number(self, finding: Finding) -> Finding:
        """The finding with a fingerprint of its own."""
        key = bytes.fromhex(finding.fingerprint)
        count = self._seen[key] = self._seen.get(key, 0) + 1
        return finding if count == 1 else replace(finding, fingerprint=_sha256(f"{finding.fingerprint}#{count}"))


def _sha256(text: str) -> str:
    return sha256(text.encode(errors="surrogatepass")).hexdigest()


def _content(path: FieldPath, facts: object, type_: Type) -> list[str]:
    """The path with each list index replaced by what stands there."""
    steps: list[str] = []
    value = facts
    for length, step in enumerate(path, start=1):
        value = _below(value, step)
        if isinstance(step, int):
            step = json.dumps(masked(value, path[:length], type_), sort_keys=True, default=str)
        steps.append(step)
    return steps


def _below(value: object, step: str | int) -> object:
    if isinstance(value, dict):
        return value.get(step)
    return value[step] if isinstance(value, list) and isinstance(step, int) and step < len(value) else None
