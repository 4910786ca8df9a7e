"""A plan for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.model.masking import concealed
from policyengine.outputs.style import Style, visible
from policyengine.outputs.summary import plural
from policyengine.outputs.values import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policyengine.model.care import Hooks
    from policyengine.remediation.plan import ImageChange, Left, Plan, Proposal, Shown, Target, Untouched

_SHORT = 12
_SIGNS = {"-": "critical", "+": "good"}


def plan_text(plan: Plan, width: int, hooks: Hooks, *, colour: bool = False) -> str:
    """What a plan says: a block for each target, then what is proposed, then what nothing is done to; and a sum."""
    style = Style(colour)
    blocks = [list(_target(target, width, style)) for target in plan.targets]
    blocks += [list(_proposal(one, style)) for one in plan.proposed]
    blocks += [list(_untouched(one, style)) for one in plan.untouched]
    if plan.targets:
        blocks.append(list(_hooks(hooks)))
    blocks.append([_sum(plan)])
    return "\n".join("".join(f"{line}\n" for line in block) for block in blocks if block)


def _target(target: Target, width: int, style: Style) -> Iterator[str]:
    yield f"{style.paint(visible(f'{target.kind} {target.name}'), 'strong')}  {visible(target.url)}"
    if target.image is not None:
        yield from _image(target.image, style)
    for change in target.shown:
        yield from _change(change, width, style)
    yield f"  how, with {_gap(target.gap)}:"
    yield from (f"    {number}. {visible(step)}" for number, step in enumerate(target.steps, 1))
    yield f"  satisfies {', '.join(target.satisfies)}"
    yield from (f"  still violates {line}" for line in _left(target.left))
    yield from (f"  {style.paint('warning', 'medium')}: {visible(warning)}" for warning in target.warnings)


def _image(image: ImageChange, style: Style) -> Iterator[str]:
    yield _line("-", f"image: {_reference(image.before)}", style)
    yield _line("+", f"image: {_reference(image.after)}{' with a layer of its own' if image.build else ''}", style)
    yield f"    {visible(image.why)}"
    if image.build is not None:
        yield from (f"    | {visible(line)}" for line in image.build.dockerfile().splitlines())


def _reference(reference: str) -> str:
    """A reference with as much of its digest as tells it apart."""
    name, separator, digest = reference.rpartition("sha256:")
    return f"{name}{separator}{digest[:_SHORT]}" if separator else reference


def _change(change: Shown, width: int, style: Style) -> Iterator[str]:
    for sign, value in (("-", change.before), ("+", change.after)):
        if value is not None:
            yield _line(sign, f"{change.field}: {shown(value, width)}", style)


def _line(sign: str, text: str, style: Style) -> str:
    return f"  {style.paint(visible(f'{sign} {text}'), _SIGNS[sign])}"


def _gap(seconds: float | None) -> str:
    if seconds is None:
        return "a gap of unknown length"
    return f"a gap of about {seconds:g} s" if seconds else "no gap"


def _proposal(one: Proposal, style: Style) -> Iterator[str]:
    yield f"{style.paint(visible(f'proposed for {one.path}'), 'strong')}  ({', '.join(one.policies)}; {one.note})"
    for line in one.patch.splitlines():
        yield f"  {style.paint(visible(line), _SIGNS.get(line[:1], ''))}"


def _untouched(one: Untouched, style: Style) -> Iterator[str]:
    yield f"{style.paint(visible(one.name), 'strong')}  {visible(one.url)}: nothing is done"
    yield from (f"  violates {line}" for line in _left(one.left))


def _left(left: Iterable[Left]) -> Iterator[str]:
    """A line for each reason, with the policies that it is for."""
    by_reason: dict[str, list[str]] = {}
    for one in left:
        by_reason.setdefault(one.reason, []).append(one.policy)
    yield from (f"{', '.join(policies)}: {visible(reason)}" for reason, policies in by_reason.items())


def _hooks(hooks: Hooks) -> Iterator[str]:
    for when, called in (("before", hooks.before), ("after", hooks.after)):
        yield from (f"{when} each target: {visible(concealed(hook))}" for hook in called)


def _sum(plan: Plan) -> str:
    mended = sum(len(target.satisfies) for target in plan.targets)
    still = sum(len(target.left) for target in plan.targets) + sum(len(one.left) for one in plan.untouched)
    if not plan.targets:
        return f"Nothing to do; {plural(still, 'violation')} left."
    return f"{plural(len(plan.targets), 'target')} to replace: {plural(mended, 'violation')} mended, {still} left."
