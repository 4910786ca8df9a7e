"""Bare containers: each is replaced by one that is made of what it is made of, with the changes that are wanted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.connections.docker_errors import NotThereError
from policyengine.errors import RemedyError
from policyengine.model.kinds.container import KIND
from policyengine.remediation import backoff
from policyengine.remediation.desired import ordered, shown
from policyengine.remediation.docker import recovering, redeploying, rolling_back
from policyengine.remediation.docker import state as states
from policyengine.remediation.docker.asking import check
from policyengine.remediation.docker.carrying import carried
from policyengine.remediation.docker.fields import changed
from policyengine.remediation.docker.forgetting import forget as forgotten
from policyengine.remediation.docker.inspected import read
from policyengine.remediation.docker.order import Gate, Order
from policyengine.remediation.docker.ordering import image_of, same_image, together
from policyengine.remediation.images.asking import CurrentImage
from policyengine.remediation.images.granting import granted
from policyengine.remediation.ledger import told
from policyengine.remediation.plan import ImageChange, Left, Target
from policyengine.remediation.writes import warning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from policyengine.connections.docker import Answer, Engine
    from policyengine.remediation.desired import Wish
    from policyengine.remediation.docker.body import Body
    from policyengine.remediation.docker.order import Done
    from policyengine.remediation.docker.steps import Step
    from policyengine.remediation.docker.way import Chosen as Way
    from policyengine.remediation.images.asking import Chosen
    from policyengine.remediation.images.deploying import Prepared
    from policyengine.remediation.targets import Around, Wanted

NAME = "container"


def plan(wanted: Wanted, around: Around) -> Target:
    """What is to be done to a container. Raises :class:`RemedyError` where it cannot be replaced."""
    live, engine = wanted.containers[0], around.acting.engine
    old = image_of(engine, live.answer)
    body = carried(live.answer, old)
    possible, left = _possible(wanted.wishes, body, engine.api)
    reference = str(body.config.get("Image") or "")
    image, more = granted(possible, CurrentImage(reference, old or {}), around.asking)
    in_vain = {one.policy for one in more}
    wishes = [wish for wish in possible if wish.policy not in in_vain and (wish.changes or image)]
    changes = ordered(wishes)
    after = changed(body, changes)
    order, how = _order(live.answer, after, _shown(image) or reference, around)
    return Target(
        kind="container",
        name=wanted.owner.name,
        id=str(live.answer["Id"]),
        url=wanted.url,
        state=states.state(live.answer),
        changes=changes,
        image=ImageChange.to(image, reference) if image else None,
        shown=shown(wishes, live.resource, KIND.type),
        way=how.way,
        steps=tuple(_steps(image, order, engine)),
        gap=how.gap or 0,  # what does not run has none
        satisfies=tuple(wish.policy for wish in wishes),
        left=(*wanted.left, *left, *more),
        warnings=tuple(_warnings(order, how, wanted.written)),
    )


def state(target: Target, around: Around) -> str:
    """The hash of the state of a container now. Raises :class:`RemedyError` where it is gone."""
    return states.state(_answer(target, around.acting.engine))


def apply(target: Target, around: Around) -> str:
    """Replace a container; what came of it. Raises :class:`RemedyError` where the old one serves as before."""
    engine = around.acting.engine
    answer = _answer(target, engine)
    old = image_of(engine, answer)
    image = prepared(target, around)
    try:
        body = changed(carried(answer, old, image.image if image else None), target.changes)
        order, _ = _order(answer, body, image.reference if image else same_image(engine, answer), around)
        order = _known(order, target)
        return _said(redeploying.redeploy(around.acting, order, around.journal, _telling(around, target.name)))
    except BaseException:
        drop(image, around)
        raise


def recover(around: Around) -> list[str]:
    """Bring replacements to their end that broke off."""
    names = around.names or ("",)
    done = [one for name in names for one in recovering.recover(around.acting, around.journal, name)]
    return [f"container {one.name}: a replacement had broken off; the {one.serves} one serves" for one in done]


def rollback(name: str, around: Around) -> str:
    """Have the container serve again that was replaced. Raises :class:`RemedyError` where it is not kept."""
    gate, tell = _gate(around), _telling(around, name)
    return _said(rolling_back.rollback(around.acting, name, around.journal, gate, tell))


def forget(around: Around) -> list[str]:
    """Remove the containers that have been kept long enough."""
    gone = forgotten(around.acting, around.journal, datetime.now(UTC), around.names)
    return [f"container {name}: removed, it has been kept long enough" for name in gone]


def _answer(target: Target, engine: Engine) -> Answer:
    try:
        return engine.container(target.id)
    except NotThereError:
        raise RemedyError(f"{target.name} is gone, or another container now") from None


def _possible(wishes: Iterable[Wish], body: Body, api: tuple[int, int]) -> tuple[list[Wish], list[Left]]:
    """The wishes whose changes can be made, each with those before it; and the others, with the reason."""
    possible: list[Wish] = []
    left: list[Left] = []
    for wish in wishes:
        try:
            check(changed(body, ordered([*possible, wish])), api)
            possible.append(wish)
        except RemedyError as error:
            left.append(Left(wish.policy, str(error)))
    return possible, left


def _order(answer: Answer, body: Body, image: str, around: Around) -> tuple[Order, Way]:
    """What is asked of a redeploy, together with the containers that hang on it, and why in that way."""
    asked = Order(answer, body, image, around.run, "stop-first", _gate(around), around.care.soak)
    return together(around.acting.engine, asked)


def _gate(around: Around) -> Gate:
    return Gate(around.care.gate, around.care.stable)


def _known(order: Order, target: Target) -> Order:
    return replace(order, what=backoff.what(target), known=told(target))


def prepared(target: Target, around: Around) -> Prepared | None:
    """The image that a container is to run, brought to the engine; None where it stays the same."""
    if target.image is None:
        return None
    from policyengine.remediation.images import deploying

    around.tell(f"{target.kind} {target.name}: bring {target.image.after} to the engine")
    return deploying.prepared(target.image.chosen, around.images, around.asking, around.care.push)


def drop(image: Prepared | None, around: Around) -> None:
    """Remove from the engine what was brought there for nothing."""
    if image is not None:
        from policyengine.remediation.images.deploying import dropped

        dropped(image, around.images)


def _telling(around: Around, name: str) -> Callable[[Step], None]:
    return lambda step: around.tell(f"container {name}: {step.says}")


def _said(done: Done) -> str:
    note = f"; {done.note}" if done.note else ""
    return f"{done.id[:12]} {_taken_over(done.gap)}; {done.previous[:12]} is kept, stopped{note}"


def _taken_over(gap: float | None) -> str:
    if gap is None:  # it does not run, or how long nobody served was not seen
        return "has taken its place"
    return f"serves, after a gap of {gap:.2f} s" if gap else "serves, without a gap"


def _shown(image: Chosen | None) -> str:
    """What a plan calls the image that is chosen: one that is to be built has no name yet."""
    if image is None:
        return ""
    return "what was built" if image.build else image.reference


def _steps(image: Chosen | None, order: Order, engine: Engine) -> Iterator[str]:
    if image is not None:
        yield f"build an image on top of {image.reference}" if image.build else f"have {image.reference} on the engine"
    yield from (step.says for step in redeploying.steps(engine, order))


def _warnings(order: Order, how: Way, written: Iterable[str]) -> Iterator[str]:
    """What somebody should know before it is done."""
    state = read(order.container).state
    if state.restarting or (state.health and state.health.status == "unhealthy"):
        now = "it ends and is restarted" if state.restarting else "it is unhealthy"
        yield f"{now}, as it is: a new one that does no better does not take over"
    yield from order.body.notes
    lost = warning(tuple(written))
    if lost:
        yield lost
    if how.way == "stop-first" and how.gap is not None:
        yield f"it is stopped before the new one starts: {how.why}"
    if how.way == "warm":
        yield f"{how.why}: the new one reaches nothing else until it is healthy, and open connections end"
    for one in order.followers:
        yield f"{read(one.container).called} hangs on it: it is made anew together with it"
    config = order.body.config
    if how.gap is not None and not (config.get("Healthcheck") or order.body.defaults.get("Healthcheck")):
        yield f"it has no healthcheck: that it runs {order.gate.stable:g} s is all that is seen before it takes over"
