"""The image that a service is to run: a registry's, by its digest, for every node pulls it for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.errors import RemedyError, SourceError
from policyengine.policy.image_strategy import Pin
from policyengine.remediation.plan import ImageChange, Left

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policyengine.connections.docker import Answer
    from policyengine.policy.image_strategy import ImageStrategy
    from policyengine.remediation.desired import Wish
    from policyengine.remediation.images.asking import CurrentImage
    from policyengine.remediation.targets import Around

_UNREACHABLE = "an image that no registry has cannot be named to the nodes of a Swarm"
_UNPUSHED = "what is rebuilt must be pushed to a registry that all nodes can pull from"


def chosen(
    wishes: Sequence[Wish], written: str, container: Answer, around: Around
) -> tuple[ImageChange | None, list[Left]]:
    """The image that policies want, and those that want one in vain.

    Where none does, and the service names a tag: the digest of what ``container`` runs, for its new tasks are not to
    run something else meanwhile; None where that has no digest.
    """
    current = _current(written, container, around)
    strategies = {wish.policy: wish.image for wish in wishes if wish.image is not None}
    try:
        return _change(strategies or {"": Pin("running")}, written, current, around), []
    except RemedyError as error:
        reason = f"{error.message} ({error.hint})" if error.hint else error.message
        return None, [Left(policy, reason) for policy in strategies]


def _change(
    strategies: Mapping[str, ImageStrategy], written: str, current: CurrentImage, around: Around
) -> ImageChange | None:
    from policyengine.remediation.images.choosing import compliant

    if "" in strategies and "@" in written:
        return None
    found = compliant(strategies, current, around.asking)
    if found.build is not None and not around.care.push:
        raise RemedyError(_UNPUSHED, hint="remediate.push in the settings")
    if not found.digest:
        raise RemedyError(_UNREACHABLE, hint="push it")
    return ImageChange.to(found, written) if found.reference != written else None


def _current(written: str, container: Answer, around: Around) -> CurrentImage:
    from policyengine.remediation.images.asking import CurrentImage

    try:
        return CurrentImage(written, around.acting.engine.image(str(container.get("Image"))))
    except SourceError:  # it was removed while it runs
        return CurrentImage(written)


def deployed(image: ImageChange, around: Around) -> str:
    """The reference that a service is to have; what is rebuilt is built and pushed for it. Raises RemedyError."""
    if image.build is None:
        return image.after
    from policyengine.connections.docker_images import Images
    from policyengine.connections.registry_credentials import Credentials
    from policyengine.remediation.images.deploying import prepared

    return prepared(image.chosen, Images(around.acting, Credentials()), around.asking, around.care.push).reference
