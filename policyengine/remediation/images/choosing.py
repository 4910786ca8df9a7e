"""The image that policies want something to run: chosen by asking, without anything being pulled or changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.errors import RemedyError
from policyengine.policy.image_strategy import Upgrade
from policyengine.remediation.images.asking import Chosen, Found
from policyengine.remediation.images.combining import combined
from policyengine.remediation.images.pinning import must_run, running, served
from policyengine.remediation.images.rebuilding import recipe
from policyengine.remediation.images.upgrading import upgraded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.policy.image_strategy import ImageStrategy
    from policyengine.remediation.images.asking import Asking, CurrentImage
    from policyengine.remediation.images.combining import Wanted


def compliant(strategies: Mapping[str, ImageStrategy], current: CurrentImage, asking: Asking) -> Chosen:
    """The image that policies, by id, want instead of the current one.

    Where nothing runs, ``running`` means what is served. Raises :class:`RemedyError` where there is none, or two of
    the policies want what cannot be had together.
    """
    wanted = combined(strategies)
    if wanted.layer is None:
        return _base(wanted, current, asking).chosen
    if not current.id:
        raise RemedyError("what a file names is not rebuilt", hint="change the Dockerfile that it is built of")
    found = _built_on(current) if _keeps(wanted) else _base(wanted, current, asking)
    why = f"{found.chosen.why}, with what {' and '.join(sorted(wanted.layered))} says on top"
    return replace(found.chosen, why=why, build=recipe(found, wanted.layer, sorted(wanted.layered)))


def _keeps(wanted: Wanted) -> bool:
    """Whether what runs is to stay what it is."""
    return not isinstance(wanted.base, Upgrade) and wanted.base.to == "running"


def _base(wanted: Wanted, current: CurrentImage, asking: Asking) -> Found:
    if isinstance(wanted.base, Upgrade):
        return upgraded(current, wanted, wanted.base.within, asking)
    if _keeps(wanted) and current.id:
        return must_run(current)
    return served(current, asking)


def _built_on(current: CurrentImage) -> Found:
    """What runs, by its id where it has no digest: an image can be derived from one that was never pushed."""
    found = running(current)
    return found or Found(Chosen(current.id, "it is what runs"), current.config)
