"""The image that a service is to run: which runs now, and bringing another one to the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.remediation.docker.ordering import image_of
from policyengine.remediation.images.asking import CurrentImage
from policyengine.remediation.images.deploying import dropped, prepared

if TYPE_CHECKING:
    from policyengine.connections.docker import Answer, Engine
    from policyengine.remediation.images.deploying import Prepared
    from policyengine.remediation.plan import Target
    from policyengine.remediation.targets import Around


def reference(container: Answer) -> str:
    """The image that a container runs as it was asked for."""
    config = container.get("Config")
    return str(config.get("Image") or "") if isinstance(config, dict) else ""


def current(container: Answer, engine: Engine) -> CurrentImage:
    """The same as images are chosen for it."""
    return CurrentImage(reference(container), image_of(engine, container) or {})


def brought(target: Target, around: Around) -> Prepared | None:
    """The image that a target is to run, brought to the engine; None where it stays the same."""
    if target.image is None:
        return None
    around.tell(f"project {target.name}: bring {target.image.after} to the engine")
    return prepared(target.image.chosen, around.images, around.asking, around.care.push)


def taken_away(image: Prepared | None, around: Around) -> None:
    """Remove from the engine what was brought there for nothing."""
    if image is not None:
        dropped(image, around.images)
