"""From findings on an engine to what is wanted of each target, and to what nothing is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from policyengine.commands.wishing import Wishes
from policyengine.connections.docker_errors import NotThereError
from policyengine.errors import RemedyError
from policyengine.inputs import inputs
from policyengine.inputs.docker.url import KINDS, SCHEME
from policyengine.model.kinds import kind as kind_named
from policyengine.relations import Index
from policyengine.remediation.belts import own_ids, refusal
from policyengine.remediation.desired import Wish, agreeing, united
from policyengine.remediation.docker.mounts import places
from policyengine.remediation.host.daemon import proposal
from policyengine.remediation.owners import Owner, owner
from policyengine.remediation.plan import Left, Untouched
from policyengine.remediation.targets import Live, Wanted
from policyengine.remediation.writes import with_room, written
from policyengine.sources import Reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from policyengine.commands.wishing import Wishing
    from policyengine.connections.docker import Engine
    from policyengine.connections.docker_acting import Acting
    from policyengine.model.report import Finding
    from policyengine.model.resource import Resource
    from policyengine.remediation.plan import Proposal
    from policyengine.remediation.targets import Around
    from policyengine.settings import Settings

_NOBODY = {
    "container": "it was not found again",
    "image": "no container that is judged runs it, and images are not changed: remove it, or build it anew",
    "network": "a network is not changed: make it anew",
    "volume": "a volume is not changed: make it anew",
}
"""Why nothing is done to what is no target, by its kind."""

Found = dict[str, list["Resource"]]
"""The resources by the URL that findings have as their place: a container with the reference to its image."""


def found(sources: Sequence[str], settings: Settings) -> Found:
    """What is on the engine now. What cannot be read was a problem of the run already."""
    reader = Reader(settings.env, settings.exclude, settings.exclusions, _told())
    by_url: Found = {}
    for item in reader.items(sources):
        index, resources = Index(), list(reader.read(item).resources)
        for resource in resources:
            index.add(resource)
        for resource in resources:
            by_url.setdefault(resource.where().path, []).append(index.relate(resource))
    return by_url


def _told() -> frozenset[tuple[str, str]]:
    """All that an engine tells itself: files of containers are not mended, and take long to read."""
    supplied = inputs()[SCHEME].supplies()
    return frozenset((kind, name) for kind, names in supplied.items() for name in names)


class _Part(NamedTuple):
    """What is wanted of one container, or of another object of the engine: then without ``live``."""

    url: str
    owner: Owner
    wishes: Wishes
    live: Live | None = None
    engine: Resource | None = None
    kind: str = "container"


class Wants(NamedTuple):
    """What is wanted of each target, what is proposed for the host, and what stays as it is."""

    targets: list[Wanted]
    proposed: list[Proposal]
    untouched: list[Untouched]


def wanted(findings: Iterable[Finding], there: Found, wishing: Wishing, around: Around) -> Wants:
    """What is wanted of each target by the policies that ``findings`` are of."""
    own, engine = own_ids(), around.acting.engine
    targets: dict[Owner, list[_Part]] = {}
    proposed: list[Proposal] = []
    untouched: list[Untouched] = []
    for part in _parts(_placed(findings, there, engine, wishing), there, engine, wishing):
        if part.engine is not None and part.wishes.asked:
            part = _proposed(part, part.engine, proposed, local=engine.endpoint.host.startswith("unix://"))
        reason = refusal(part.live.answer, part.owner, around.care.protected, own) if part.live else ""
        if part.live is None or reason:
            untouched.append(_refused(part, reason or ""))
        else:
            targets.setdefault(part.owner, []).append(part)
    made = [_wanted(of, parts, around.acting) for of, parts in targets.items()]
    untouched += [Untouched(one.owner.name, one.url, one.left) for one in made if not one.wishes]
    return Wants([one for one in made if one.wishes], proposed, untouched)


def _proposed(part: _Part, engine: Resource, proposed: list[Proposal], *, local: bool) -> _Part:
    """Propose what policies want of an engine; what is left of it is told as what nothing is done about."""
    try:
        found = proposal(part.wishes.asked, engine.facts, local=local)
    except RemedyError as error:
        reason = error.message
    else:
        proposed.append(found)
        reason = f"a change of {found.path} is proposed; it is not applied from here"
    left = (Left(wish.policy, reason) for wish in part.wishes.asked)
    return part._replace(wishes=Wishes((), (*part.wishes.left, *left)))


def _placed(findings: Iterable[Finding], there: Found, engine: Engine, wishing: Wishing) -> Mapping[str, list[Finding]]:
    """The findings by the URL of what is to be mended: of an image whose containers can run another one, these."""
    users: dict[str, list[str]] | None = None
    placed: dict[str, list[Finding]] = {}
    for finding in findings:
        places = [finding.location.path]
        if finding.resource.kind == "image" and wishing.changes_image(finding.policy):
            users = _users(there, engine) if users is None else users
            places = users.get(finding.location.path) or places
        for place in places:
            placed.setdefault(place, []).append(finding)
    return placed


def _users(there: Found, engine: Engine) -> dict[str, list[str]]:
    """By an image's URL those of the containers that run it."""
    runs = {str(one.get("Id")): str(one.get("ImageID")) for one in engine.containers()}
    images = {one.handle["id"]: url for url, of in there.items() for one in of if one.kind == "image"}
    users: dict[str, list[str]] = {}
    for url, of in there.items():
        for one in of:
            if one.kind == "container" and (image := images.get(runs.get(one.handle["id"], ""))):
                users.setdefault(image, []).append(url)
    return users


def _parts(placed: Mapping[str, list[Finding]], there: Found, engine: Engine, wishing: Wishing) -> Iterator[_Part]:
    for url, findings in placed.items():
        resources = there.get(url, [])
        wishes = wishing.wishes(findings, resources)
        yield _part(url, resources, wishes, engine)


def _part(url: str, resources: Iterable[Resource], wishes: Wishes, engine: Engine) -> _Part:
    nobody = Owner("container", url.partition("://")[2].partition("/")[2] or "engine")
    by_kind = {one.kind: one for one in resources}
    resource = by_kind.get("container")
    if resource is None:
        kind = next((kind for kind in by_kind if kind in KINDS), "container")
        return _Part(url, nobody, wishes, engine=by_kind.get("engine"), kind=kind)
    try:
        answer = engine.container(resource.handle["id"])
    except NotThereError:
        return _Part(url, nobody, wishes)
    return _Part(url, owner(answer), wishes, Live(answer, resource))


def _refused(part: _Part, reason: str) -> Untouched:
    left = (Left(wish.policy, reason or _NOBODY[part.kind]) for wish in part.wishes.asked)
    return Untouched(part.owner.name, part.url, (*part.wishes.left, *left))


def _wanted(of: Owner, parts: Sequence[_Part], acting: Acting) -> Wanted:
    """What is wanted of a target; where policies contradict, nothing is. What is to be read-only gets room to write."""
    asked, against = agreeing(united(part.wishes.asked for part in parts), kind_named("container").type)
    left = dict.fromkeys(one for part in parts for one in part.wishes.left)
    live = tuple(part.live for part in parts if part.live is not None)
    files = _files(live, acting) if asked else ()
    roomy = [(wish.policy, with_room(wish, files, live[0].resource.facts)) for wish in asked]
    cramped = (Left(policy, found) for policy, found in roomy if isinstance(found, str))
    kept = tuple(found for _, found in roomy if isinstance(found, Wish))
    return Wanted(of, parts[0].url, live, kept, (*left, *against, *cramped), files)


def _files(live: Iterable[Live], acting: Acting) -> tuple[str, ...]:
    """The files that containers have written into their own."""
    found = (path for one in live for path in written(acting.changes(str(one.answer["Id"])), places(one.answer)))
    return tuple(dict.fromkeys(found))
