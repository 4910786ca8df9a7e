"""Plans as JSON, and as files that only their owner may read.

A plan tells people what is to be done, and programs how. ``digest`` is over all else that it says, so that nobody is
shown one thing while another is done. It guards against slips, not against whoever may write to the file.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, cast

import msgspec

from policyengine.errors import UsageError
from policyengine.model.kinds.container import KIND
from policyengine.model.plain import plain
from policyengine.outputs.deliver import replace_file
from policyengine.remediation.fitting import misfit
from policyengine.remediation.plan import VERSION, Plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_MAX_BYTES = 64 * 1024 * 1024
_EDITED = "the plan is not what it was when it was made: what it shows may not be what it does"
_HINT = "make it anew: policyengine remediate SOURCE --plan FILE"


def as_json(plan: Plan) -> str:
    """A plan as JSON, its version first."""
    data = cast("dict[str, object]", plain(msgspec.to_builtins(plan)))
    told = {"version": data.pop("version"), "digest": "", **data}
    return json.dumps({**told, "digest": _digest(told)}, indent=2, ensure_ascii=False) + "\n"


def _digest(data: Mapping[str, object]) -> str:
    told = {name: value for name, value in data.items() if name != "digest"}
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def from_json(text: str, name: str) -> Plan:
    """The plan that JSON says.

    Raises :class:`UsageError` for what is none, for one of another version, for one that was changed, and for one with
    changes that no container can have.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"no plan: {error}", path=name, hint=_HINT) from None
    version = data.get("version") if isinstance(data, dict) else None
    if version is None:
        raise UsageError("no plan: it has no version", path=name, hint=_HINT)
    if version != VERSION or isinstance(version, bool):
        raise UsageError(f"a plan of version {version}, and {VERSION} is what is applied", path=name, hint=_HINT)
    try:
        plan = msgspec.convert(data, Plan)
    except msgspec.ValidationError as error:
        raise UsageError(f"no plan: {error}", path=name, hint=_HINT) from None
    if data.get("digest") != _digest(data):
        raise UsageError(_EDITED, path=name, hint=_HINT)
    for wrong in _misfits(plan):
        raise UsageError(f"no plan: {wrong}", path=name, hint=_HINT)
    return plan


def _misfits(plan: Plan) -> Iterator[str]:
    """What is wrong with changes that are written as such are. All targets are made of containers."""
    for number, target in enumerate(plan.targets):
        for at, change in enumerate(target.changes):
            wrong = misfit(change, KIND.type)
            if wrong is not None:
                yield f"{wrong} - at `$.targets[{number}].changes[{at}]`"


def read(path: Path) -> Plan:
    """The plan in a file. Raises :class:`UsageError` for what cannot be read, or is no plan."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES)
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", path=str(path)) from None
    return from_json(data.decode("utf-8", "replace"), str(path))


def write(plan: Plan, path: Path) -> None:
    """Write a plan in one step, for its owner only; a link stays one, a device or a pipe is written to as it is.

    Raises :class:`UsageError` where that is impossible.
    """
    try:
        replace_file(path, [as_json(plan).encode()], 0o600)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise UsageError(f"cannot write the plan: {reason}", path=str(path)) from error
