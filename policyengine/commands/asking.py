"""How images are chosen that violate none of the policies of a run."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from policyengine.commands.choice import choice
from policyengine.commands.mending import violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.connections.docker import Engine
    from policyengine.remediation.images.asking import Asking
    from policyengine.settings import Settings


@contextmanager
def asking(settings: Settings, engine: Engine) -> Iterator[Asking]:
    """Whom to ask for images that are to run on an engine: registries as the settings have them."""
    from policyengine.connections.docker_images import platform_of
    from policyengine.connections.registry import registries
    from policyengine.remediation.images.asking import Asking

    with registries(settings.insecure_registries, settings.registry_mirrors) as asked:
        care, judge = settings.remediate, partial(violated, settings)
        yield Asking(asked, platform_of(engine), judge, care.registries, pushes=bool(care.push))


def violated(settings: Settings, image: dict[str, object]) -> list[str]:
    """The policies that an image violates, as ``/images/NAME/json`` tells of it."""
    from policyengine.inputs.docker.alone import image_of

    chosen, resource = choice(settings), image_of(image)
    policies = (policy for policy, _ in chosen.policies)
    return [one.id for one in policies if any(violations(one, resource, chosen.parameters.get(one.id, {})))]
