"""Swarm services as targets: what is to be done to one, and doing it through the service itself."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from policyengine.connections.docker_services import Services
from policyengine.errors import PolicyengineError, RemedyError, SourceError
from policyengine.images.reference import parse
from policyengine.model.kinds import container as container_kind
from policyengine.remediation.backoff import key, what
from policyengine.remediation.desired import ordered, shown
from policyengine.remediation.ledger import by, told
from policyengine.remediation.plan import Left, Target
from policyengine.remediation.swarm import record as records
from policyengine.remediation.swarm.asking import Doing
from policyengine.remediation.swarm.checking import in_time
from policyengine.remediation.swarm.choosing import chosen, deployed
from policyengine.remediation.swarm.fields import changed, located
from policyengine.remediation.swarm.record import Record
from policyengine.remediation.swarm.rollout import START_FIRST, during, way
from policyengine.remediation.swarm.rules import Given
from policyengine.remediation.swarm.spec import CONTAINER, alike, changeable, image, part, replicas, seen, spec_of
from policyengine.remediation.swarm.spec import state as state_of
from policyengine.remediation.swarm.updating import UndoneError, update
from policyengine.remediation.swarm.updating import recover as recovered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from policyengine.connections.docker import Answer, Engine
    from policyengine.remediation.desired import Wish
    from policyengine.remediation.journal import Outcome
    from policyengine.remediation.plan import Kind
    from policyengine.remediation.swarm.rollout import Way
    from policyengine.remediation.swarm.spec import Spec
    from policyengine.remediation.targets import Around, Live, Wanted

NAME: Kind = "service"

_STACK = "com.docker.stack.namespace"
_TASK = "com.docker.swarm.task.id"


def plan(wanted: Wanted, around: Around) -> Target:
    """What is to be done to a service. What the Swarm cannot do of it is left, with the reason.

    Raises :class:`RemedyError` where nothing can be done: the engine is no manager, the service is a job or is being
    updated, its containers are left over from tasks of before.
    """
    services = _services(around)
    service = _service(services, wanted.owner.name)
    changeable(service)
    live = _current(wanted, services.tasks(str(service.get("ID"))))
    spec, given = spec_of(service), _given(around.acting.engine)
    granted, left = _granted(wanted.wishes, live.resource.facts, spec, given)
    new, refused = chosen(granted, image(spec), live.answer, around)
    granted = [wish for wish in granted if wish.policy not in {one.policy for one in refused}]
    changes = located(ordered(granted), live.resource.facts, spec)
    after = _with_image(changed(spec, changes, given), new.after if new else "")
    if granted and alike(after, spec):
        raise RemedyError("its service asks for that already")
    how = way(after)
    return Target(
        kind=NAME,
        name=wanted.owner.name,
        id=str(service.get("ID")),
        url=wanted.url,
        state=state_of(service),
        changes=changes,
        image=new if granted else None,
        shown=shown(granted, live.resource, container_kind.KIND.type),
        way=how.order,
        steps=tuple(_steps(after, how, around)),
        gap=how.gap,
        satisfies=tuple(wish.policy for wish in granted),
        left=(*wanted.left, *left, *refused),
        warnings=tuple(_warnings(spec, after, how, live)),
    )


def state(target: Target, around: Around) -> str:
    """The hash of the state that a service has now. Raises :class:`RemedyError` where it is gone."""
    return state_of(_service(_services(around), target.id))


def apply(target: Target, around: Around) -> str:
    """Update a service as planned. Raises :class:`RemedyError` when that failed, after it is what it was before."""
    services = _services(around)
    service = _service(services, target.id)
    changeable(service)
    planned = changed(spec_of(service), target.changes, _given(around.acting.engine))
    planned = _with_image(planned, target.image.after if target.image else "")
    _see_checks(services, service, planned, around, target.way or way(planned).order)
    around.journal.began(around.run, key(target), what(target), told(target))

    def act() -> str:
        after = changed(spec_of(service), target.changes, _given(around.acting.engine))
        after = _with_image(after, deployed(target.image, around) if target.image else "")
        return _updated(services, service, after, around, target.way or way(after).order)

    return _journalled(act, key(target), around, "replaced")


def recover(around: Around) -> list[str]:
    """Finish, or take back, what was begun on services of this Swarm and not finished; none where there is no Swarm."""
    services = Services(around.acting)
    if not services.is_manager():
        return []
    found = recovered(Doing(services, around.care.gate, lambda _: None))
    runs = [entry for entry in around.journal.open() if entry.target.startswith(f"{NAME} ")]
    whys = {f"{NAME} {one.name}": one.why for one in found}
    for entry in runs:
        around.journal.ended(entry.run, entry.target, "recovered", whys.get(entry.target, "nothing was left undone"))
    return [f"{NAME} {one.name}: {one.outcome}: {one.why}" for one in found]


def rollback(name: str, around: Around) -> str:
    """Make a service again what it was before it was changed last. Raises :class:`RemedyError` where that is not known,
    where somebody else has changed it since, and where it failed.
    """
    services = _services(around)
    service = _service(services, name)
    changeable(service)
    found = next((one for one in records.records(services) if one.id == service.get("ID")), None)
    if found is None:
        raise RemedyError("it is not known what it was before", hint="what was replaced is kept for the soak period")
    if found.done is None:
        raise RemedyError("a change of it was begun and not finished", hint="policyengine recover")
    if not alike(spec_of(service), found.after):
        raise RemedyError("it was changed since", hint="docker service update")
    before = found.before
    _see_checks(services, service, before, around, way(before).order)
    around.journal.began(around.run, f"{NAME} {name}", "", {"by": by()})

    def act() -> str:
        return _updated(services, service, before, around, way(before).order, undo=True)

    return _journalled(act, f"{NAME} {name}", around, "rolled back")


def forget(around: Around) -> list[str]:
    """Give up what services were before, where the soak period is over."""
    services = Services(around.acting)
    if not services.is_manager():
        return []
    latest = time.time() - around.care.soak
    over = [one for one in records.records(services) if one.done is not None and one.done <= latest]
    for one in over:
        records.erase(services, one.id)
    return [f"{NAME} {one.name}: what it was before is kept no longer" for one in over]


def _journalled(act: Callable[[], str], target: str, around: Around, outcome: Outcome) -> str:
    """Do it and write down how it ended; what nobody knows the end of has none."""
    try:
        told_ = act()
    except PolicyengineError as error:
        known = isinstance(error, RemedyError) and not isinstance(error, UndoneError)
        around.journal.ended(around.run, target, "put back" if known else "failed", error.message)
        raise
    around.journal.ended(around.run, target, outcome, told_)
    return told_


def _updated(
    services: Services, service: Answer, after: Spec, around: Around, order: str, *, undo: bool = False
) -> str:
    meanwhile = _during(services, service, after, around, order)
    name = str(seen(service, "Spec", "Name"))
    record = Record(str(service.get("ID")), name, around.run, spec_of(service), meanwhile, after, undo)

    def step(taken: str) -> None:
        around.journal.step(around.run, f"{NAME} {name}", taken)

    return update(Doing(services, around.care.gate, step, _auth(image(after))), record)


def _during(services: Services, service: Answer, after: Spec, around: Around, order: str) -> Spec:
    """What the Swarm is asked for, so that it becomes what it is to be after."""
    checked = _checked(services.tasks(str(service.get("ID"))), after, around.acting.engine)
    return during(after, order, around.care.stable, checked=checked)


def _see_checks(services: Services, service: Answer, after: Spec, around: Around, order: str) -> None:
    """Raise :class:`RemedyError` where no task could be healthy in time."""
    meanwhile = _during(services, service, after, around, order)
    in_time(around.acting.engine, str(seen(service, "Spec", "Name")), meanwhile, around.care.gate)


def _with_image(spec: Spec, reference: str) -> Spec:
    """A specification, changed in place, with another image where there is one."""
    if reference:
        part(spec, *CONTAINER)["Image"] = reference
    return spec


def _services(around: Around) -> Services:
    services = Services(around.acting)
    if not services.is_manager():
        raise RemedyError("only managers of a Swarm may change its services", hint="name the engine of a manager")
    return services


def _service(services: Services, name: str) -> Answer:
    try:
        return services.one(name)
    except SourceError as error:
        raise RemedyError(f"there is no such service: {error.message}") from None


def _given(engine: Engine) -> Given:
    host = next((str(one.get("Id")) for one in engine.networks() if one.get("Name") == "host"), "host")
    return Given(engine.api, frozenset({"host", host}))


def _current(wanted: Wanted, tasks: Iterable[Answer]) -> Live:
    """A container of a task that is to run. Those of others stay until the Swarm removes them, and never run again."""
    running = {task.get("ID") for task in tasks if task.get("DesiredState") == "running"}
    found = next((live for live in wanted.containers if _label(live.answer, _TASK) in running), None)
    if found is None:
        raise RemedyError("its task is over: the Swarm removes it in time, and never starts it again")
    return found


def _granted(
    wishes: Iterable[Wish], facts: Mapping[str, object], spec: Spec, given: Given
) -> tuple[list[Wish], list[Left]]:
    """The wishes that the Swarm can fulfil, and why it cannot the others."""
    granted: list[Wish] = []
    left: list[Left] = []
    for wish in wishes:
        try:
            changed(spec, located(ordered([wish]), facts, spec), given)
        except RemedyError as error:
            left.append(Left(wish.policy, f"{error.message} ({error.hint})" if error.hint else error.message))
        else:
            granted.append(wish)
    return granted, left


def _steps(after: Spec, how: Way, around: Around) -> Iterator[str]:
    number = replicas(after)
    yield "write down in the Swarm what the service was"
    first = "start a new one, then stop the old one" if how.order == START_FIRST else "stop it, then start a new one"
    each = f"each of {number} tasks, one at a time" if number != 1 else "its task"
    yield f"update the service; of {each}: {first}" + (f", for {how.why}" if how.why else "")
    yield "at the first task that fails, have the Swarm go back to what was before"
    yield "put the service's own update settings back"
    yield f"keep what it was for {around.care.soak:g} s: policyengine rollback"


def _warnings(spec: Spec, after: Spec, how: Way, live: Live) -> Iterator[str]:
    stack = seen(spec, "Labels", _STACK)
    if stack:
        yield f"it is of the stack {stack}: the next docker stack deploy undoes this, unless its file says so, too"
    if parse(image(after)) and "@" not in image(after):
        yield f"its image is the tag {image(after)}: nodes run what that names now"
    if not alike(during(after, how.order, 0, checked=True), after):
        yield "docker service rollback leads to the same afterwards: go back with policyengine rollback"
    if not _has_check(live.answer):
        yield "it has no healthcheck: a task counts as serving as soon as it has started"


def _checked(tasks: Iterable[Answer], after: Spec, engine: Engine) -> bool:
    """Whether a task is known to serve by a healthcheck: the service's, or that of the image of one that runs here."""
    test = seen(after, *CONTAINER, "Healthcheck", "Test")
    if isinstance(test, list) and test:
        return bool(test[0] != "NONE")
    ids = [str(seen(task, "Status", "ContainerStatus", "ContainerID") or "") for task in tasks]
    return any(id_ and _has_check(_container(engine, id_)) for id_ in ids)


def _container(engine: Engine, id_: str) -> Answer:
    try:
        return engine.container(id_)
    except SourceError:  # it is on another node
        return {}


def _has_check(container: Answer) -> bool:
    return seen(container, "State", "Health") is not None


def _label(container: Answer, name: str) -> object:
    return seen(container, "Config", "Labels", name)


def _auth(reference: str) -> str:
    """Who we are to an image's registry, for the nodes; empty where we are nobody: they go on with what they have."""
    from policyengine.connections.registry_credentials import Credentials

    named = parse(reference)
    login = Credentials().of(named.registry) if named else None
    if named is None or login is None:
        return ""
    from policyengine.connections.docker_images import identity

    return identity(named.registry, login)
