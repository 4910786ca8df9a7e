"""What is told while an engine is watched: lines and blocks for people, lines of JSON for programs."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.model.happening import Found, Noted
from policyengine.outputs.json import finding_data, notice_data, problem_data
from policyengine.outputs.options import DEFAULT, RenderOptions
from policyengine.outputs.style import Style, visible
from policyengine.outputs.summary import found
from policyengine.outputs.values import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policyengine.model.happening import Happening
    from policyengine.model.report import Finding
    from policyengine.outputs import Format

VERSION = 1
"""The version of the lines for programs: fields and events are added, never changed."""

_QUIETLY = {"look": "runs", "settings": "runs", "start": "started"}


def is_told(happening: Happening, options: RenderOptions) -> bool:
    """Whether something is told: what is as it was before only where it happened, and when not ``quiet``."""
    if isinstance(happening, Noted):
        return happening.failed or ((options.verbose or not happening.detail) and not options.quiet)
    return happening.is_news if options.quiet or happening.was_looked_at else True


def for_people(happening: Happening, form: Format, options: RenderOptions = DEFAULT) -> Iterator[str]:
    """Yield a line that says when what happened; of a container also what is new in a format, and what is gone.

    A container that is looked at, and violates nothing, is passed over: the line about all of them counts it.
    """
    if isinstance(happening, Noted):
        yield f"{_clock(happening.time)} {visible(happening.message)}\n"
        return
    if happening.was_looked_at and happening.first and not (happening.new or happening.report.problems):
        return
    style = Style(options.colour)
    url = happening.container.url
    head = style.paint(visible(f"{url} {_verb(happening)}"), "strong")
    yield f"{_clock(happening.time)} {head}: {_state(happening)}\n"
    told = replace(happening.report, findings=happening.new, skipped=())
    yield from form.render(told, replace(options, quiet=True, all=False))
    for one in happening.gone:
        yield f"{visible(url)}: {style.paint('gone', 'good')} {one.policy} {visible(one.message)}\n"


def for_programs(happening: Happening) -> str:
    """One line of JSON in ASCII."""
    said = _found(happening) if isinstance(happening, Found) else _noted(happening)
    when = datetime.fromtimestamp(happening.time, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    event = "judged" if isinstance(happening, Found) else happening.event
    return json.dumps(plain({"version": VERSION, "event": event, "time": when, **said}), allow_nan=False) + "\n"


def _clock(seconds: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(seconds))


def _verb(happening: Found) -> str:
    """What happened to the container: that it started says all."""
    words = [_QUIETLY[why] for why in ("start", "look", "settings") if why in happening.why]
    return words[0] if words else f"changed ({', '.join(happening.why)})"


def _state(happening: Found) -> str:
    """How many findings there are, and how many of them are new."""
    state = found(one for one in happening.report.findings if one.status != "waived")
    if happening.first:
        return state
    parts = [f"{len(happening.new)} new"] if happening.new else []
    parts += [f"{len(happening.gone)} gone"] if happening.gone else []
    return f"{state}; {', '.join(parts) or 'as before'}"


def _found(happening: Found) -> dict[str, object]:
    container, report = happening.container, happening.report
    return {
        "container": {"id": container.id, "name": container.name, "url": container.url, "image": container.image},
        "why": list(happening.why),
        "seconds": round(happening.seconds, 3),
        "exit_code": report.exit_code,
        "first": happening.first,
        "findings": [finding_data(one) for one in report.findings],
        "new": _fingerprints(happening.new),
        "gone": [finding_data(one) for one in happening.gone],
        "problems": [problem_data(one) for one in report.problems],
        "notices": [notice_data(one) for one in report.notices],
    }


def _fingerprints(findings: Iterable[Finding]) -> list[str]:
    return [one.fingerprint for one in findings]


def _noted(happening: Noted) -> dict[str, object]:
    return {"message": happening.message, **happening.data}
