"""``policyengine history``: what replaced what, when, why and by whom."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from policyengine.commands.tables import table
from policyengine.errors import UsageError, did_you_mean
from policyengine.outputs.style import visible
from policyengine.remediation.ledger import journal_in
from policyengine.remediation.locking import state_directory

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from policyengine.remediation.journal import Entry
    from policyengine.settings import Settings

_SHORT = 12
_HEAD = ["When", "Target", "Outcome", "From", "To", "Policies", "By", "Why"]


def history(settings: Settings, name: str = "") -> Sequence[Entry]:
    """Everything that was done, the oldest first; with a ``name`` to that target alone."""
    entries = journal_in(state_directory(settings.remediate.state_dir)).history()
    return [entry for entry in entries if name in ("", entry.target.partition(" ")[2])]


def render(entries: Sequence[Entry], format_: str, width: int | None) -> str:
    """The entries as a ``table`` or as ``json``. Raises :class:`UsageError` for another format."""
    if format_ not in ("table", "json"):
        hint = did_you_mean(format_, ("table", "json"))
        raise UsageError(f'format takes table or json, not "{format_}"', hint=hint)
    return history_json(entries) if format_ == "json" else history_table(entries, width)


def history_table(entries: Sequence[Entry], width: int | None) -> str:
    """A row for each target of each run."""
    if not entries:
        return "Nothing was replaced yet.\n"
    return table(_HEAD, [tuple(map(visible, _row(entry))) for entry in entries], width) + "\n"


def _row(entry: Entry) -> tuple[str, ...]:
    known = entry.known
    return (
        f"{entry.began:%Y-%m-%d %H:%M:%S}",
        entry.target,
        entry.outcome or "broken off",
        _image(known.get("before", "")),
        _image(known.get("after", "")),
        known.get("policies", ""),
        known.get("by", ""),
        entry.why,
    )


def _image(reference: str) -> str:
    """A reference with as much of its digest as tells it apart."""
    name, separator, digest = reference.rpartition("sha256:")
    return f"{name}{separator}{digest[:_SHORT]}" if separator else reference


def history_json(entries: Sequence[Entry]) -> str:
    """The same as JSON, with all that is known."""
    return json.dumps([_told(entry) for entry in entries], indent=2, ensure_ascii=False) + "\n"


def _told(entry: Entry) -> dict[str, object]:
    return {
        "engine": entry.engine,
        "run": entry.run,
        "target": entry.target,
        "began": _time(entry.began),
        "ended": entry.ended and _time(entry.ended),
        "outcome": entry.outcome,
        "why": entry.why,
        "steps": list(entry.steps),
        "known": dict(entry.known),
    }


def _time(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
