"""What a file is to say of an image, so that it is the one that policies want."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.images.reference import implied, parse
from policyengine.remediation.images.asking import CurrentImage, spoken
from policyengine.remediation.images.choosing import compliant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.policy.image_strategy import ImageStrategy
    from policyengine.remediation.images.asking import Asking, Chosen


def pinned_reference(strategies: Mapping[str, ImageStrategy], written: str, asking: Asking) -> str:
    """The reference to write for an image in place of the one that is written: ``nginx:1.27@sha256:...``.

    Its registry is asked. The tag stays for readers, as the name does where the image stays where it is; where nobody
    wrote a tag, none is added. Raises :class:`RemedyError` where there is no such image.
    """
    return rewritten(written, compliant(strategies, CurrentImage(written), asking))


def rewritten(written: str, chosen: Chosen) -> str:
    """The reference to what was chosen, as much like the one that is written as it can be."""
    before = parse(written)
    if before is None:
        return chosen.reference
    stays = before.name == chosen.name
    name = _name(written, before.tag, before.digest) if stays else spoken(chosen.name)
    keeps_none = stays and before.tag == chosen.tag and "tag" in implied(written)
    tag = "" if keeps_none or not chosen.tag else f":{chosen.tag}"
    return f"{name}{tag}@{chosen.digest}"


def _name(written: str, tag: str | None, digest: str | None) -> str:
    """The name as it is written, without tag and digest."""
    name = written.removesuffix(f"@{digest}") if digest else written
    return name.removesuffix(f":{tag}") if tag else name
