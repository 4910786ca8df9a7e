"""Services of Compose projects as targets: what is to be done to one, and doing it through the project's files."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from policyengine.connections.docker_compose import compose
from policyengine.errors import EditError, PolicyengineError, RemedyError
from policyengine.inputs.docker.alone import facts_of
from policyengine.model.kinds import container as container_kind
from policyengine.remediation import backoff, ledger
from policyengine.remediation.desired import ordered, shown
from policyengine.remediation.docker.ordering import image_of
from policyengine.remediation.docker.recovering import recover as recovered
from policyengine.remediation.images.granting import granted
from policyengine.remediation.plan import ImageChange, Left, Target
from policyengine.remediation.project.checking import in_time
from policyengine.remediation.project.composing import Composing
from policyengine.remediation.project.files import digest, hashed
from policyengine.remediation.project.images import brought, current, reference, taken_away
from policyengine.remediation.project.means import composed, means
from policyengine.remediation.project.record import Record, Records, Saved
from policyengine.remediation.project.recreating import Recreating
from policyengine.remediation.project.replacing import done, is_new, made, put_back
from policyengine.remediation.project.scene import scene
from policyengine.remediation.project.telling import gap, steps, warnings
from policyengine.remediation.project.work import Work

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policyengine.connections.docker import Engine
    from policyengine.remediation.desired import Wish
    from policyengine.remediation.images.asking import Chosen
    from policyengine.remediation.journal import Outcome
    from policyengine.remediation.plan import Kind
    from policyengine.remediation.project.means import Means
    from policyengine.remediation.project.patching import Patch
    from policyengine.remediation.project.scene import Scene
    from policyengine.remediation.project.work import Making
    from policyengine.remediation.targets import Around, Live, Wanted

NAME: Kind = "project"


def plan(wanted: Wanted, around: Around) -> Target:
    """What is to be done to a service: which lines of which files change, and how its containers are made anew.

    What cannot be written for sure is left, with the reason. Raises :class:`RemedyError` where nothing can be done:
    the files say otherwise than what runs, or somebody else's containers hang on it.
    """
    engine = around.acting.engine
    found = scene(wanted.owner.name, engine)
    live = _first(wanted, found)
    by = means(found, live.resource.facts, around)
    wishes, image, left = _granted(wanted.wishes, by, found, around)
    if not wishes:
        raise RemedyError("; ".join(dict.fromkeys(one.reason for one in left)))
    changes = ordered(wishes)
    patch = by.patch(changes, found, around, image)
    return Target(
        kind=NAME,
        name=wanted.owner.name,
        id=str(live.answer["Id"]),
        url=wanted.url,
        state=found.state(),
        changes=changes,
        image=ImageChange.to(image, reference(live.answer)) if image else None,
        shown=shown(wishes, live.resource, container_kind.KIND.type),
        way=by.way,
        steps=tuple(steps(found, by, patch, around, image)),
        gap=gap(found, by, changes, around),
        satisfies=tuple(wish.policy for wish in wishes),
        left=(*wanted.left, *left),
        warnings=tuple(warnings(found, by, patch, around, wanted.written)),
    )


def state(target: Target, around: Around) -> str:
    """The hash of the state that a service has now. Raises :class:`RemedyError` where it is gone."""
    return scene(target.name, around.acting.engine).state()


def apply(target: Target, around: Around) -> str:
    """Change a service as planned. Raises :class:`RemedyError` when that failed, after all is as before."""
    engine, records = around.acting.engine, Records(around.journal)
    project = target.name.partition("/")[0]
    with records.held(project) as lock, composed():
        found = scene(target.name, engine)
        by = means(found, _facts(target.id, engine), around)
        if by.way != target.way:
            raise RemedyError(by.missing_compose or by.missing_files or "Docker Compose is here now", hint="plan anew")
        patch = by.patch(target.changes, found, around, target.image.chosen if target.image else None)
        image = brought(target, around)
        try:
            in_time(found, target.changes, image, around)
            record = records.begin(_record(target, found, patch, around), patch.before)
            around.journal.began(record.run, record.target, backoff.what(target), ledger.told(target))
            made(Work(around, records, record, lock), by.making(target.changes, found, image), patch.after)
        except PolicyengineError:
            taken_away(image, around)
            raise
    return _done(found, patch)


def recover(around: Around) -> list[str]:
    """Bring what was begun and not finished to an end: what works already is kept, all else is put back."""
    records = Records(around.journal)
    waiting = [record for record in _meant(records, around) if record.done is None]
    return [_recovered(records, record, around) for record in waiting]


def rollback(name: str, around: Around) -> str:
    """Put the files and the containers back that were there before the last change of a service.

    Raises :class:`RemedyError` where that is not known any more, or somebody has changed it since.
    """
    records = Records(around.journal)
    of_name = [one for one in records.all(_engine(around.acting.engine)) if one.name == name and one.done is not None]
    record = max(of_name, key=lambda one: one.done or 0, default=None)
    if record is None:
        raise RemedyError("it is not known what it was before", hint="what was replaced is kept for the soak period")
    if record.way == "recreate":
        raise RemedyError("what its containers were is not kept: Docker Compose would have started them again")
    with _again(records, record, around) as (work, making):
        changed = [saved.path for saved in record.files if digest(saved.path) != saved.after]
        if changed or not making.are_new(work.own(), work):
            raise RemedyError("it was changed since", hint=", ".join(changed) or None)
        around.journal.began(around.run, record.target, "", {"by": ledger.by()})
        work.know(undo=around.run, done=None)
        put_back(work, making)
        around.journal.ended(around.run, record.target, "rolled back")
        records.erase(record)
    return f"{name} is what it was before"


def forget(around: Around) -> list[str]:
    """Give up what was before, where the soak period is over."""
    records, latest = Records(around.journal), time.time() - around.care.soak
    over = [one for one in _meant(records, around) if one.done is not None and one.done <= latest]
    for record in over:
        records.erase(record)
    return [f"project {record.name}: what its Compose files held before is no longer kept" for record in over]


def _meant(records: Records, around: Around) -> list[Record]:
    """The records of changes that a run is about: of the whole engine, or of containers that it names."""
    every = records.all(_engine(around.acting.engine))
    return [one for one in every if not around.names or not set(one.names).isdisjoint(around.names)]


def _first(wanted: Wanted, found: Scene) -> Live:
    """The container whose fields the changes are about."""
    ids = {str(one["Id"]) for one in found.members}
    for live in wanted.containers:
        if str(live.answer["Id"]) in ids:
            return live
    raise RemedyError("it has no container any more")


def _granted(
    wishes: Sequence[Wish], by: Means, found: Scene, around: Around
) -> tuple[list[Wish], Chosen | None, list[Left]]:
    """The wishes that can be fulfilled together, the image that they want, and why the others cannot."""
    possible: list[Wish] = []
    left: list[Left] = []
    for wish in wishes:
        try:
            by.patch(ordered([*possible, wish]), found, around)
            possible.append(wish)
        except (EditError, RemedyError) as error:
            left.append(Left(wish.policy, _said(error)))
    image, more = granted(possible, current(found.members[0], around.acting.engine), around.asking)
    in_vain = {one.policy for one in more}
    if image is not None:
        try:
            by.patch(ordered(possible), found, around, image)
        except (EditError, RemedyError) as error:
            more += [Left(one.policy, _said(error)) for one in possible if one.image and one.policy not in in_vain]
            image = None
    in_vain = {one.policy for one in more}
    kept = [one for one in possible if one.policy not in in_vain and (one.changes or image)]
    return kept, image, [*left, *more]


def _said(error: PolicyengineError) -> str:
    return f"{error.message} ({error.hint})" if error.hint else error.message


def _facts(id_: str, engine: Engine) -> Mapping[str, object]:
    answer = engine.container(id_)
    return facts_of(answer, image_of(engine, answer))


def _record(target: Target, found: Scene, patch: Patch, around: Around) -> Record:
    return Record(
        run=around.run,
        target=backoff.key(target),
        engine=_engine(around.acting.engine),
        project=found.service.project,
        service=found.service.name,
        way="compose" if target.way == "compose" else "recreate",
        up=found.up,
        hash=found.hash,
        names=tuple(sorted(found.names)),
        files=tuple(Saved(path, hashed(patch.before[path]), hashed(data), "") for path, data in patch.after.items()),
    )


def _engine(engine: Engine) -> str:
    return str(engine.info().get("ID") or engine.endpoint.host)


def _done(found: Scene, patch: Patch) -> str:
    names = ", ".join(sorted(found.names))
    return f"{', '.join(patch.after)} written, {names} made anew" if patch.after else f"{names} made anew"


@contextmanager
def _again(records: Records, record: Record, around: Around) -> Iterator[tuple[Work, Making]]:
    """A change that was begun or made before, under the lock of its project."""
    with records.held(record.project.name) as lock, composed():
        made_by: Making = Recreating()
        if record.way == "compose":
            made_by = Composing(compose(around.acting.engine.endpoint), {})
        yield Work(around, records, record, lock), made_by


def _recovered(records: Records, record: Record, around: Around) -> str:
    """What became of a change that had broken off."""
    try:
        with _again(records, record, around) as (work, making):
            for name in record.names if record.way == "recreate" else ():
                recovered(around.acting, around.journal, name)
            if not record.undo and is_new(work, making):
                done(work, making, "recovered")
                return f"{record.target}: its change is finished"
            note = put_back(work, making)
    except PolicyengineError as error:
        return f"{record.target}: it could not be put back: {error.message}"
    outcome: Outcome = "rolled back" if record.undo else "recovered"
    around.journal.ended(record.by, record.target, outcome, note or "it was put back")
    records.erase(record)
    return f"{record.target}: it is as before{f'; {note}' if note else ''}"
