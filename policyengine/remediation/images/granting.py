"""The image for all the policies that want one, as far as it can be had."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.errors import RemedyError
from policyengine.policy.image_strategy import Pin
from policyengine.remediation.images.choosing import compliant
from policyengine.remediation.plan import Left

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from policyengine.policy.image_strategy import ImageStrategy
    from policyengine.remediation.desired import Wish
    from policyengine.remediation.images.asking import Asking, Chosen, CurrentImage

_UNPUSHED = "what is rebuilt has a digest only where it is pushed (remediate.push in the settings)"


def granted(wishes: Sequence[Wish], current: CurrentImage, asking: Asking) -> tuple[Chosen | None, list[Left]]:
    """The image that policies want, None where none wants one or it runs already; and those that want it in vain.

    Where it cannot be had for all of them together, it is for as many as it can be, from the first on. What is built
    and not pushed has no digest: that is in vain for those that want one.
    """
    chosen, left = _granted(wishes, current, asking)
    if chosen is None or chosen.build is None or asking.pushes:
        return chosen, left
    known = {one.policy for one in left}
    pins = [wish.policy for wish in wishes if isinstance(wish.image, Pin) and wish.policy not in known]
    return chosen, [*left, *(Left(policy, _UNPUSHED) for policy in pins)]


def _granted(wishes: Iterable[Wish], current: CurrentImage, asking: Asking) -> tuple[Chosen | None, list[Left]]:
    wanted = {wish.policy: wish.image for wish in wishes if wish.image is not None}
    if not wanted:
        return None, []
    try:
        return _other(compliant(wanted, current, asking), current), []
    except RemedyError as error:
        if len(wanted) == 1:
            return None, [Left(policy, str(error)) for policy in wanted]
    return _some(wanted, current, asking)


def _some(wanted: dict[str, ImageStrategy], current: CurrentImage, asking: Asking) -> tuple[Chosen | None, list[Left]]:
    together: dict[str, ImageStrategy] = {}
    chosen: Chosen | None = None
    left: list[Left] = []
    for policy, strategy in wanted.items():
        try:
            chosen = compliant({**together, policy: strategy}, current, asking)
            together[policy] = strategy
        except RemedyError as error:
            left.append(Left(policy, str(error)))
    return chosen and _other(chosen, current), left


def _other(chosen: Chosen, current: CurrentImage) -> Chosen | None:
    return None if chosen.reference == current.reference and chosen.build is None else chosen
