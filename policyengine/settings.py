"""What a run was asked for, from every place it can be said."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Literal

from policyengine.errors import UsageError, did_you_mean
from policyengine.model.report import SEVERITIES, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["ON_UNKNOWN", "SEVERITIES", "OnUnknown", "Settings", "assignments", "parameters"]

OnUnknown = Literal["fail", "warn", "ignore"]
ON_UNKNOWN: tuple[OnUnknown, ...] = ("fail", "warn", "ignore")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run was asked for.

    ``policies`` are files and directories of policies beside the built-in ones (``built_in`` leaves those out);
    ``select`` and ``ignore`` name policies: ids, categories, tags, benchmark controls, other tools' ids;
    ``parameters`` are values by policy id and parameter; ``unknown`` says what unknown judgements do to the exit
    code; ``fail_on`` is the least severity that fails a run; ``require_match`` fails a run in which no policy applied
    to anything; ``resolve`` names enrichments; ``env`` holds variables for interpolation; ``exclude`` holds patterns,
    as in .gitignore, of what is left out when directories are walked; ``all`` keeps passes as findings.
    Raises :class:`~policyengine.errors.UsageError` for values that make no sense.
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

    def __post_init__(self) -> None:
        for name in ("policies", "select", "ignore", "resolve", "exclude"):
            if isinstance(getattr(self, name), str):
                raise UsageError(f"{name} takes a sequence of strings, not one string")
        _check_choice("unknown", self.unknown, ON_UNKNOWN)
        _check_choice("fail-on", self.fail_on, SEVERITIES)

    def digest(self) -> str:
        """A digest of everything that bears on the result; of ``env`` the names only, since values may be secrets."""
        said = {**asdict(self), "env": sorted(self.env)}
        return sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _check_choice(name: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        *first, last = choices
        known = f"{', '.join(first)} or {last}"
        raise UsageError(f'{name} takes {known}, not "{value}"', hint=did_you_mean(str(value).lower(), choices))


def assignments(texts: Iterable[str]) -> dict[str, str]:
    """The ``NAME=VALUE`` arguments of ``--env`` as a mapping."""
    found = dict(_split(text, "--env", _ENV_HINT) for text in texts)
    if not all(map(_VARIABLE, found)):
        # not the name: a part of it may be a secret
        raise UsageError("--env: a name has letters, digits and _, and begins with no digit", hint=_ENV_HINT)
    return found


_ENV_HINT = "--env TAG=1.25"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*").fullmatch
"""What Compose files and Dockerfiles can refer to."""


def parameters(texts: Iterable[str]) -> dict[str, dict[str, object]]:
    """``POLICY.PARAMETER=VALUE`` arguments as values by policy and parameter. A value is read as YAML."""
    found: dict[str, dict[str, object]] = {}
    for text in texts:
        name, value = _split(text, "--param", _PARAM_HINT)
        policy, dot, parameter = name.rpartition(".")
        if not dot or not policy:
            raise UsageError(f'--param: "{name}" names no policy', hint=_PARAM_HINT)
        found.setdefault(policy, {})[parameter] = _yaml(name, value)
    return found


_PARAM_HINT = "--param 'caps-added.allowed=[CHOWN]'"


def _split(text: str, option: str, hint: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError(f"{option} takes NAME=VALUE", hint=hint)  # not the text: it may be a secret alone
    return name, value


def _yaml(name: str, text: str) -> object:
    from policyengine.documents.yaml import YamlDocument
    from policyengine.errors import DocumentError

    try:
        values = YamlDocument(f"--param {name}", text).values
    except DocumentError as error:
        raise UsageError(f"--param {name}: {error.message}", hint=error.hint) from None
    return values[0] if values else None
