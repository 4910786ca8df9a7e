"""What came of a plan, for people and for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from policyengine.outputs import formats
from policyengine.outputs.options import RenderOptions
from policyengine.outputs.style import Style, visible
from policyengine.outputs.summary import summary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.commands.apply import Applied
    from policyengine.remediation.acts import Act

_LOOKS = {"replaced": "good", "skipped": "medium", "failed": "critical", "left": "medium"}


def applied_text(done: Applied, width: int, *, colour: bool = False) -> str:
    """A line for each target, then a line for each violation that is there now, and a sum."""
    style = Style(colour)
    lines = "".join(f"{line}\n" for line in _lines(done, style))
    options = RenderOptions(width=width, colour=colour, quiet=True)
    return f"{lines}{''.join(formats()['text'].render(done.report, options))}{summary(done.report)}\n"


def _lines(done: Applied, style: Style) -> Iterator[str]:
    for act in done.acts:
        result = style.paint(act.result, _LOOKS[act.result])
        yield f"{result} {visible(f'{act.target.kind} {act.target.name}: {act.detail}')}"


def applied_json(done: Applied) -> str:
    """The same as JSON, with the report as ``check --format json`` has it."""
    report = json.loads("".join(formats()["json"].render(done.report, RenderOptions())))
    told = {"version": 1, "acts": [_act(act) for act in done.acts], "report": report}
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def _act(act: Act) -> dict[str, str]:
    target = act.target
    return {"kind": target.kind, "name": target.name, "url": target.url, "result": act.result, "detail": act.detail}
