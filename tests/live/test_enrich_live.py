"""Users and health checks settled by images on a real engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.documents.load import document
from policyengine.enrich.engine import opened
from policyengine.inputs import document_inputs
from policyengine.inputs.context import Context
from policyengine.model.provenance import Provenance
from policyengine.model.unknown import Unknown
from tests.live.registry import serving

if TYPE_CHECKING:
    from policyengine.model.resource import Resource
    from tests.live.conftest import Workbench

pytestmark = pytest.mark.live


def pod(*images: str) -> str:
    containers = "".join(f"    - {{name: c{index}, image: '{image}'}}\n" for index, image in enumerate(images))
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{name: shop}}\nspec:\n  containers:\n{containers}"


def enriched(kind: str, text: str, path: str = "input.yaml") -> list[Resource]:
    context = Context()
    read = document_inputs()[kind].read(document(path, text.encode()), context)
    with opened(context) as enrich:
        found = list(enrich(read))
    assert context.problems == []
    return found


def test_the_user_of_a_pods_containers(bench: Workbench) -> None:
    unprivileged, root = bench.image("USER 1000", "unprivileged"), bench.image("", "root")
    gone = bench.name("gone:1")
    found = enriched("kubernetes", pod(unprivileged, root, gone))
    first, second, third = (resource for resource in found if resource.kind == "container")
    assert (first.facts["user"], first.facts["runs_as_root"]) == ("1000", False)
    assert first.provenance(("user",)) == Provenance("inherited", f"image {unprivileged}")
    assert (second.facts["user"], second.facts["runs_as_root"]) == ("root", True)
    user = third.facts["user"]
    assert isinstance(user, Unknown)
    assert user.why.endswith(f"{gone} is not on the engine")
    assert user.settle == f"docker pull {gone}, then --resolve engine"


def test_a_compose_service_and_a_dockerfile(bench: Workbench) -> None:
    image = bench.image("USER app:app")
    (service,) = (r for r in enriched("compose", f"services: {{web: {{image: '{image}'}}}}") if r.kind == "container")
    assert (service.facts["user"], service.facts["runs_as_root"]) == ("app:app", False)
    (built,) = (r for r in enriched("dockerfile", f"FROM {image}\n", "Dockerfile") if r.kind == "dockerfile")
    assert built.facts["user"] == "app:app"
    assert built.provenance(("user",)) == Provenance("inherited", f"image {image}")


def test_health_checks(bench: Workbench) -> None:
    checked, none = bench.image("HEALTHCHECK --interval=9s CMD true"), bench.image("", "unchecked")
    text = f"services: {{a: {{image: '{checked}'}}, b: {{image: '{none}'}}, c: {{image: '{bench.name('gone:1')}'}}}}"
    found = {r.name: r for r in enriched("compose", text) if r.kind == "container"}
    assert found["a"].facts["healthcheck"] == {"test": ["CMD-SHELL", "true"]}
    assert found["a"].provenance(("healthcheck",)) == Provenance("inherited", f"image {checked}")
    assert "healthcheck" not in found["b"].facts
    assert isinstance(found["c"].facts["healthcheck"], Unknown)
    (built,) = (r for r in enriched("dockerfile", f"FROM {checked}\n", "Dockerfile") if r.kind == "dockerfile")
    assert built.facts["healthcheck"] == {"test": ["CMD-SHELL", "true"]}


def test_images_that_are_referred_to_by_digest(bench: Workbench) -> None:
    with serving("acme/app", "1", {"User": "7"}) as (host, digest):
        bench.client.images.pull(f"{host}/acme/app", tag="1")
    name = f"{host}/acme/app"
    bench.pulled(f"{name}:1")
    found = enriched("kubernetes", pod(f"{name}@{digest}", f"{name}:1@{digest}", f"{name}:2"))
    users = [resource.facts["user"] for resource in found if resource.kind == "container"]
    assert users[:2] == ["7", "7"]
    assert isinstance(users[2], Unknown)
