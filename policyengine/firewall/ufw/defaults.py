"""Assignments of shell files, as /etc/ufw/ufw.conf and /etc/default/ufw have them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from policyengine.errors import DocumentError

if TYPE_CHECKING:
    from policyengine.firewall.written import Written

Policy = Literal["ACCEPT", "DROP", "REJECT"]

_ASSIGNMENT = re.compile(r"""\s*([A-Za-z_][A-Za-z0-9_]*)=(?:"([^"]*)"|'([^']*)'|([^\s#"']*))\s*(?:#.*)?""").fullmatch

OWN: dict[str, str] = {
    "IPV6": "yes",
    "DEFAULT_INPUT_POLICY": "DROP",
    "DEFAULT_OUTPUT_POLICY": "ACCEPT",
    "DEFAULT_FORWARD_POLICY": "DROP",
}
"""What a new installation has."""


class Assigned(Struct, frozen=True):
    """What a variable is set to, and on which line."""

    value: str
    line: int


def assignments(file: Written) -> dict[str, Assigned]:
    """The variables that a file sets, the last time it does."""
    found = {}
    for number, line in enumerate(file.text.splitlines(), 1):
        match = _ASSIGNMENT(line)
        if match:
            found[match[1]] = Assigned(next((part for part in match.groups()[1:] if part is not None), ""), number)
    return found


def is_yes(value: str) -> bool:
    """As ufw has it: any case."""
    return value.lower() == "yes"


def policy(defaults: Written | None, chain: str) -> tuple[Policy, int | None]:
    """The default policy of INPUT, OUTPUT or FORWARD, and the line that sets it, if any does.

    Raises :class:`DocumentError` for one that is not known.
    """
    name = f"DEFAULT_{chain}_POLICY"
    found = assignments(defaults).get(name) if defaults else None
    value = found.value.upper() if found else OWN[name]
    if value in ("ACCEPT", "DROP", "REJECT"):
        return value, found.line if found else None  # type: ignore[return-value]
    path, line = (defaults.path, found.line) if defaults and found else (None, None)
    raise DocumentError(f'{name} is "{value}", which is no policy', path=path, line=line)
