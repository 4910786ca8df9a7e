"""The newest image within a rule that the policies pass, never an older one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from policyengine.connections.registry import Name, NotThereError
from policyengine.errors import RemedyError
from policyengine.images.tags import newer
from policyengine.remediation.images.asking import mendable, spoken
from policyengine.remediation.images.inspected import inspected
from policyengine.remediation.images.moving import moved
from policyengine.remediation.images.pinning import fetched, referred

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyengine.connections.registry import Image
    from policyengine.images.reference import Reference
    from policyengine.policy.image_strategy import Within
    from policyengine.remediation.images.asking import Asking, CurrentImage, Found
    from policyengine.remediation.images.combining import Wanted

_TOLD = 3
"""So many images that do not pass are told of."""
_REAL = 1990
"""What claims to be older was built so that its time says nothing: https://reproducible-builds.org/docs/timestamps/"""


class _Tried(NamedTuple):
    """An image that was looked at, and the policies that it violates."""

    found: Found
    image: Image
    violated: frozenset[str]


def upgraded(current: CurrentImage, wanted: Wanted, within: Within, asking: Asking) -> Found:
    """The newest image of the same repository, or of the one that it is moved to.

    It violates no policy; where there is none such, none that what it replaces does not violate, and none of those
    that want the upgrade. The tag's own image is the last that is tried. Raises :class:`RemedyError` where none will
    do, or the one that does is older than what runs.
    """
    reference = referred(current)
    if reference.tag is None:
        raise RemedyError(f"{current.reference} names no tag: what would be newer is not known", hint="name its tag")
    where = _where(reference, wanted, asking)
    tried: list[_Tried] = []
    against: list[str] = []
    for tag in _candidates(where, reference.tag, within, asking):
        one = _looked_at(Name(*where, tag), current, wanted, asking)
        if isinstance(one, str):
            against.append(f"{tag}: {one}")
        elif not one.violated:
            return _told(one, current, within, reference)
        else:
            tried.append(one)
            against.append(f"{tag} violates {', '.join(sorted(one.violated))}")
    accepted = _accepted(current, tried, reference, wanted, asking)
    for one in tried:
        if one.violated <= accepted:
            return _told(one, current, within, reference)
    more = f", and {len(against) - _TOLD} more" if len(against) > _TOLD else ""
    name = spoken("/".join(where))
    raise RemedyError(f"no image of {name} will do within {within}: {'; '.join(against[:_TOLD])}{more}")


def _where(reference: Reference, wanted: Wanted, asking: Asking) -> tuple[str, str]:
    if wanted.moves is None:
        return reference.registry, reference.repository
    return moved(reference, {**wanted.moves, **asking.moves})


def _looked_at(name: Name, current: CurrentImage, wanted: Wanted, asking: Asking) -> _Tried | str:
    """An image as it is judged: by what is known of the one that runs, too. Or why there is none."""
    try:
        found, image = fetched(name, asking)
    except RemedyError as error:
        if isinstance(error.__cause__, NotThereError):
            return error.__cause__.message
        raise
    told = inspected(found.chosen, image)
    if current.image and "History" not in current.image:
        del told["History"]
    return _Tried(found, image, frozenset(asking.violated(told)) - wanted.layered)


def _accepted(
    current: CurrentImage, tried: Sequence[_Tried], reference: Reference, wanted: Wanted, asking: Asking
) -> frozenset[str]:
    """The policies that may be violated as before: by what runs, or by what the tag stands for."""
    if current.image:
        known = frozenset(asking.violated(dict(current.image)))
    else:
        own = (one.violated for one in tried if one.found.chosen.tag == reference.tag)
        known = next(own, frozenset())
    return known - wanted.sought


def _candidates(where: tuple[str, str], tag: str, within: Within, asking: Asking) -> list[str]:
    """The tags to try, in their order."""
    if within == "same-tag":
        return [tag]
    with mendable(f"the tags of {spoken('/'.join(where))} cannot be listed"):
        found = newer(tag, asking.registries.tags(*where), within)
    return [*found[: asking.tries - 1], tag]


def _check_age(one: _Tried, current: CurrentImage, reference: Reference) -> None:
    """Raise :class:`RemedyError` where the same tag stands for something older than what runs: it was put back."""
    tag = one.found.chosen.tag
    ran, serves = _moment(current.image.get("Created")), _moment(one.image.config.get("created"))
    if tag == reference.tag and ran and serves and serves < ran:
        raise RemedyError(
            f"{spoken(reference.name)}:{tag} stands for an older image than the one that runs: of {serves:%Y-%m-%d}",
            hint="pin what runs",
        )


def _moment(created: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(created) if isinstance(created, str) and created else None
    except ValueError:
        return None
    if found is None or found.year < _REAL:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _told(one: _Tried, current: CurrentImage, within: Within, reference: Reference) -> Found:
    """What was chosen, with why it is that."""
    _check_age(one, current, reference)
    chosen = one.found.chosen
    if any(digest.partition("@")[2] == chosen.digest for digest in current.digests):
        same = "" if chosen.name == reference.name else f", at {chosen.name}"
        why = f"it is what runs{same}"
    elif within == "same-tag":
        why = chosen.why
    else:
        passes = "passes" if not one.violated else "violates nothing that is not violated already"
        why = f"it is the newest within {within} of {reference.tag} that {passes}"
    return replace(one.found, chosen=replace(chosen, why=why))
