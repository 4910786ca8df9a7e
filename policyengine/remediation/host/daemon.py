"""``daemon.json``, the settings of a Docker engine: what its policies want there, as a patch.

https://docs.docker.com/reference/cli/dockerd/#daemon-configuration-file. Options of ``dockerd`` itself say the same; an
engine that is told something both ways does not start.
"""

from __future__ import annotations

import json
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING

from policyengine.documents.editing.files import edited_bytes
from policyengine.documents.editing.meaning import Remove, Set
from policyengine.documents.load import decoded
from policyengine.errors import PolicyengineError, RemedyError
from policyengine.remediation.changes import AddItems, SetField
from policyengine.remediation.desired import changed, ordered
from policyengine.remediation.plan import Proposal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from policyengine.documents.editing.meaning import Edit
    from policyengine.remediation.changes import FieldChange
    from policyengine.remediation.desired import Wish

    Merge = dict[str, object]
    """What is to be different, as JSON Merge Patch has it: None takes a key away.
    https://www.rfc-editor.org/rfc/rfc7386"""

PLACE = Path("/etc/docker/daemon.json")
ROOTLESS = "~/.config/docker/daemon.json"
_AGAIN = "restart the engine"


def proposal(wishes: Sequence[Wish], facts: Mapping[str, object], *, local: bool) -> Proposal:
    """What policies want of an engine's settings; for an engine of this machine as a diff of its file.

    Raises :class:`RemedyError` where it is no matter of ``daemon.json``.
    """
    merge = merged(ordered(wishes), facts)
    policies = tuple(wish.policy for wish in wishes)
    if facts.get("rootless") is True:
        return Proposal(ROOTLESS, _as_json(merge), policies, f"JSON Merge Patch (RFC 7386); {_AGAIN}")
    diff = _diff(merge) if local else None
    if diff is None:
        return Proposal(str(PLACE), _as_json(merge), policies, f"JSON Merge Patch (RFC 7386); {_AGAIN}")
    return Proposal(str(PLACE), diff, policies, f"patch -p0 applies it; {_AGAIN}")


def merged(changes: Iterable[FieldChange], facts: Mapping[str, object]) -> Merge:
    """What changes of an engine come to in its settings. Raises :class:`RemedyError` for one that they are not."""
    found: Merge = {}
    now = dict(facts)
    for change in changes:
        field = str(change.path[0])
        if field not in FIELDS:
            raise RemedyError(f"{field} is no setting in daemon.json")
        found |= FIELDS[field](change, now)
        now[field] = changed(now.get(field), change)
    return found


def _switch(name: str) -> Callable[[FieldChange, Mapping[str, object]], Merge]:
    """A setting that is off where it is not there."""

    def rule(change: FieldChange, _: Mapping[str, object]) -> Merge:
        return {name: True if isinstance(change, SetField) and change.value is True else None}

    return rule


def _user_namespace(change: FieldChange, _: Mapping[str, object]) -> Merge:
    return {"userns-remap": "default" if isinstance(change, SetField) and change.value is True else None}


def _security(change: FieldChange, _: Mapping[str, object]) -> Merge:
    if isinstance(change, AddItems) and change.items == ("no-new-privileges",):
        return {"no-new-privileges": True}
    raise RemedyError("of the engine's security options only no-new-privileges is switched in daemon.json")


def _seccomp(change: FieldChange, _: Mapping[str, object]) -> Merge:
    return {"seccomp-profile": change.value if isinstance(change, SetField) else None}


def _insecure(change: FieldChange, facts: Mapping[str, object]) -> Merge:
    left = changed(facts.get("insecure_registries"), change)
    return {"insecure-registries": left or None}


FIELDS: Mapping[str, Callable[[FieldChange, Mapping[str, object]], Merge]] = {
    "experimental": _switch("experimental"),
    "insecure_registries": _insecure,
    "live_restore": _switch("live-restore"),
    "seccomp_profile": _seccomp,
    "security_options": _security,
    "userns_remap": _user_namespace,
}
"""By a field of an engine, how it is changed."""


def _as_json(merge: Merge) -> str:
    return json.dumps(merge, indent=2) + "\n"


def _diff(merge: Merge) -> str | None:
    """The change of the file, the rest of it as it is; None where it cannot be read or edited."""
    try:
        data = PLACE.read_bytes()
    except FileNotFoundError:
        settings = {name: value for name, value in merge.items() if value is not None}
        return _unified("", _as_json(settings), "/dev/null") if settings else None
    except OSError:
        return None
    try:
        after = edited_bytes(str(PLACE), data, _edits(merge))
        return _unified(decoded(str(PLACE), data), decoded(str(PLACE), after), str(PLACE))
    except PolicyengineError:  # it is told as a patch of what is not known
        return None


def _edits(merge: Merge) -> list[Edit]:
    return [Remove((0, name)) if value is None else Set((0, name), value) for name, value in merge.items()]


def _unified(before: str, after: str, origin: str) -> str:
    lines = unified_diff(before.splitlines(keepends=True), after.splitlines(keepends=True), origin, str(PLACE))
    return "".join(lines)
