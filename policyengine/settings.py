"""What a run was asked for, from every place it can be said."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Literal

from policyengine.errors import UsageError
from policyengine.model.report import SEVERITIES, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["ON_UNKNOWN", "SEVERITIES", "OnUnknown", "Settings", "assignments", "parameters"]

OnUnknown = Literal["fail", "warn", "ignore"]
ON_UNKNOWN: tuple[OnUnknown, ...] = ("fail", "warn", "ignore")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run was asked for.

    ``policies`` are files and directories of policies beside the built-in ones (``built_in`` leaves those out);
    ``select`` and ``ignore`` name policies; ``parameters`` are values by policy id and parameter; ``unknown`` says
    what unknown judgements do to the exit code; ``fail_on`` is the least severity that fails a run; ``resolve`` names
    enrichments; ``env`` holds variables for interpolation; ``exclude`` holds patterns, as in .gitignore, of what is
    left out when directories are walked; ``all`` keeps passes as findings.
    """

    policies: tuple[str, ...] = ()
    built_in: bool = True
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    parameters: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    unknown: OnUnknown = "warn"
    fail_on: Severity = "info"
    require_match: bool = False
    resolve: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    all: bool = False

    def digest(self) -> str:
        """A digest of everything that bears on the result; of ``env`` the names only, since values may be secrets."""
        said = {**asdict(self), "env": sorted(self.env)}
        return sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()[:16]


def assignments(texts: Iterable[str], option: str) -> dict[str, str]:
    """``NAME=VALUE`` arguments of an option as a mapping."""
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(f"{option} takes NAME=VALUE", hint=f"{option} TAG=1.25")
        found[name] = value
    return found


def parameters(texts: Iterable[str]) -> dict[str, dict[str, object]]:
    """``POLICY.PARAMETER=VALUE`` arguments as values by policy and parameter. A value is read as YAML."""
    from policyengine.documents.yaml import YamlDocument
    from policyengine.errors import DocumentError

    found: dict[str, dict[str, object]] = {}
    for name, text in assignments(texts, "--param").items():
        policy, dot, parameter = name.rpartition(".")
        if not dot or not policy:
            raise UsageError("--param takes POLICY.PARAMETER=VALUE", hint="--param 'caps-added.allowed=[CHOWN]'")
        try:
            values = YamlDocument(f"--param {name}", text).values
        except DocumentError as error:
            raise UsageError(str(error)) from None
        found.setdefault(policy, {})[parameter] = values[0] if values else None
    return found
