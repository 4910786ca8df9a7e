"""What stands in the arguments of options: names, and ``NAME=VALUE``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable


def names(texts: Iterable[str]) -> tuple[str, ...]:
    """Names from options that are given several times, or once with commas. Raises :class:`UsageError` for none."""
    found = tuple(name.strip() for text in texts for name in text.split(",") if name.strip())
    if not found:  # what was meant to choose would choose nothing, and all would be chosen
        raise UsageError("a name is empty", hint="give one, or leave the option out")
    return found


def assignments(texts: Iterable[str]) -> dict[str, str]:
    """The ``NAME=VALUE`` arguments of ``--env`` as a mapping."""
    found = dict(_split(text, "--env", _ENV_HINT) for text in texts)
    if not all(map(VARIABLE, found)):
        # not the name: a part of it may be a secret
        raise UsageError("--env: a name has letters, digits and _, and begins with no digit", hint=_ENV_HINT)
    return found


_ENV_HINT = "--env TAG=1.25"
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*").fullmatch
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
