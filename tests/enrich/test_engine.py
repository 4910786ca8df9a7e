"""What images settle: what is asked, what is filled in, and how it says so. No engine is needed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from policyengine.documents.load import document
from policyengine.enrich import engine as engine_module
from policyengine.enrich import enrichment, enrichments
from policyengine.enrich.engine import Images as Looked
from policyengine.enrich.engine import Settling, opened
from policyengine.errors import SourceError, UsageError
from policyengine.inputs import document_inputs
from policyengine.inputs.context import Context
from policyengine.model.provenance import ABSENT, Provenance
from policyengine.model.unknown import Unknown
from tests.connections.engines import Closed, answering
from tests.judging import shown_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from policyengine.model.resource import Resource

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: shop}
spec:
  containers:
    - {name: web, image: "app:1"}
    - {name: own, image: "app:1", securityContext: {runAsUser: 7}}
    - {name: odd, image: "other:1", securityContext: {runAsNonRoot: true}}
"""
COMPOSE = """\
services:
  web: {image: "app:1"}
  own: {image: "app:1", user: "7"}
  built: {build: .}
  missing: {image: "gone:1"}
  shell: {image: "${IMAGE}"}
  other: {image: "app:1", user: "${UID}"}
"""


@dataclass
class Images:
    """The users of images by reference, the health check that all of them have, and what was asked."""

    users: dict[str, str]
    check: object = None
    asked: list[str] = field(default_factory=list)

    def config(self, reference: str) -> dict[str, object] | None:
        self.asked.append(reference)
        return {"User": self.users[reference], "Healthcheck": self.check} if reference in self.users else None


def read(kind: str, text: str, path: str = "input.yaml") -> Iterator[Resource]:
    return document_inputs()[kind].read(document(path, text.encode()), Context())


def resolve(resources: Iterable[Resource], images: Looked, context: Context) -> Iterator[Resource]:
    return Settling(images, context).enrich(resources)


def containers(kind: str, text: str, images: Images) -> dict[str, Resource]:
    found = resolve(read(kind, text), images, Context())
    return {resource.name: resource for resource in found if resource.kind == "container"}


@pytest.mark.parametrize(
    ("image_user", "user", "root"),
    [("1000", "1000", False), ("", "root", True), ("0:0", "0:0", True), ("app", "app", False), ("root", "root", True)],
)
def test_the_user_of_the_image_settles_that_of_a_pods_container(image_user: str, user: str, root: bool) -> None:
    web = containers("kubernetes", POD, Images({"app:1": image_user}))["web"]
    assert (web.facts["user"], web.facts["runs_as_root"]) == (user, root)
    for field_ in ("user", "runs_as_root"):
        assert web.provenance((field_,)) == Provenance("inherited", "image app:1")
    assert str(web.where()).startswith("input.yaml:6:")
    assert web.provenance(("name",)).how == "declared"
    assert shown_line(web, web.where()) == '    - {name: web, image: "app:1"}'


def test_only_what_is_open_is_filled() -> None:
    images = Images({"app:1": "1000", "other:1": ""})
    found = containers("kubernetes", POD, images)
    assert found["own"].facts["user"] == "7"
    assert found["odd"].facts["user"] == "root"
    assert found["odd"].facts["runs_as_root"] is False
    assert images.asked == ["app:1", "other:1"]


def test_compose_services() -> None:
    images = Images({"app:1": "1000"})
    found = containers("compose", COMPOSE, images)
    assert found["web"].facts["user"] == "1000"
    assert found["own"].facts["user"] == "7"
    assert images.asked == ["app:1", "app:1", "gone:1", "app:1"]
    for name in ("built", "shell", "other"):
        assert isinstance(found[name].facts["user"], Unknown)


def test_an_image_that_the_engine_lacks_stays_unknown_and_says_so() -> None:
    missing = containers("compose", COMPOSE, Images({}))["missing"]
    settle = "docker pull gone:1, then --resolve engine"
    for name in ("user", "runs_as_root"):
        assert missing.facts[name] == Unknown(
            "image.user", "the user depends on the image gone:1; gone:1 is not on the engine", settle
        )
        assert missing.provenance((name,)) == Provenance("unknown", settle)


@pytest.mark.parametrize(
    ("text", "users", "user", "asked"),
    [
        ("FROM app:1\n", {"app:1": "1000"}, "1000", ["app:1"]),
        ("FROM app:1\n", {"app:1": ""}, None, ["app:1"]),
        ("FROM app:1\n", {}, None, ["app:1"]),
        ("FROM app:1\nUSER 7\n", {"app:1": "1000"}, "7", ["app:1"]),
        ("FROM app:1\nUSER 7\nHEALTHCHECK CMD true\n", {"app:1": "1000"}, "7", []),
        ("FROM app:rootless\n", {"app:rootless": "1000"}, "1000", ["app:rootless"]),
        ("FROM app:rootless\n", {"app:rootless": ""}, "root", ["app:rootless"]),
        ("FROM app:rootless\n", {}, None, ["app:rootless"]),
        ("FROM scratch\n", {}, None, []),
        ("FROM app:1 AS build\nFROM build\n", {"app:1": "1000"}, "1000", ["app:1"]),
    ],
)
def test_a_dockerfile_inherits_the_user_of_its_base(
    text: str, users: dict[str, str], user: str | None, asked: list[str]
) -> None:
    images = Images(users)
    found = list(resolve(read("dockerfile", text, "Dockerfile"), images, Context()))
    (whole,) = (resource for resource in found if resource.kind == "dockerfile")
    value = whole.facts.get("user")
    assert (None if isinstance(value, Unknown) else value) == user
    assert images.asked == asked
    if user in ("1000", "root"):
        assert whole.provenance(("user",)) == Provenance("inherited", f"image {asked[0]}")
    elif users:
        assert user == "7" or whole.provenance(("user",)) == ABSENT


CHECK = {"Test": ["CMD", "true"], "Interval": 1000000000}
OWN = "services: {web: {image: 'app:1', healthcheck: %s}}"
LEFT = Unknown("image.healthcheck", "the health check depends on the image app:1", "--resolve engine or registry")


@pytest.mark.parametrize(
    ("of_image", "written", "found"),
    [
        (CHECK, "null", {"test": ["CMD", "true"]}),
        (CHECK, "{interval: 5s}", {"interval": 5.0, "test": ["CMD", "true"], "disable": False}),
        (CHECK, "{test: []}", {"test": ["CMD", "true"], "disable": False}),
        (CHECK, "{test: [CMD, 'false']}", {"test": ["CMD", "false"], "disable": False}),
        (CHECK, "{disable: true}", {"test": ["NONE"], "disable": True}),
        ({"Test": ["NONE"]}, "{disable: false}", {"test": ["NONE"], "disable": True}),
        ({"Test": []}, "null", None),
        ({}, "null", None),
        (None, "null", None),
        (None, "{interval: 5s}", {"interval": 5.0, "disable": False}),
    ],
)
def test_the_health_check_of_the_image_settles_that_of_a_service(
    of_image: object, written: str, found: dict[str, object] | None
) -> None:
    web = containers("compose", OWN % written, Images({"app:1": ""}, of_image))["web"]
    assert web.facts.get("healthcheck") == found
    open_ = written not in ("{test: [CMD, 'false']}", "{disable: true}")
    inherited = Provenance("inherited", "image app:1") if found else ABSENT
    assert web.provenance(("healthcheck",)) == (inherited if open_ else Provenance("declared"))


def test_a_health_check_of_an_image_that_the_engine_lacks_stays_unknown() -> None:
    settle = "docker pull app:1, then --resolve engine"
    left = replace(LEFT, why=f"{LEFT.why}; app:1 is not on the engine", settle=settle)
    assert containers("compose", OWN % "null", Images({}))["web"].facts["healthcheck"] == left
    own = containers("compose", OWN % "{interval: 5s}", Images({}))["web"].facts["healthcheck"]
    assert own == {"interval": 5.0, "test": left, "disable": False}


@pytest.mark.parametrize(
    ("text", "of_image", "found", "how"),
    [
        ("FROM app:1\n", CHECK, {"test": ["CMD", "true"]}, Provenance("inherited", "image app:1")),
        (
            "FROM app:1\n",
            {"Test": ["NONE"]},
            {"test": ["NONE"], "disable": True},
            Provenance("inherited", "image app:1"),
        ),
        ("FROM app:1\n", None, None, ABSENT),
        ("FROM app:1\nHEALTHCHECK NONE\n", CHECK, {"test": ["NONE"], "disable": True}, Provenance("declared")),
    ],
)
def test_a_dockerfile_inherits_the_health_check_of_its_base(
    text: str, of_image: object, found: object, how: Provenance
) -> None:
    resources = resolve(read("dockerfile", text, "Dockerfile"), Images({"app:1": "1"}, of_image), Context())
    (whole,) = (resource for resource in resources if resource.kind == "dockerfile")
    assert whole.facts.get("healthcheck") == found
    assert whole.provenance(("healthcheck",)) == how


def test_resources_pass_in_order_and_one_at_a_time() -> None:
    plain, enriched = read("kubernetes", POD), resolve(read("kubernetes", POD), Images({"app:1": ""}), Context())
    assert [(resource.kind, resource.name) for resource in enriched] == [(r.kind, r.name) for r in plain]

    def endless() -> Iterator[Resource]:
        while True:
            yield from read("compose", COMPOSE)

    assert next(resolve(endless(), Images({}), Context()))


def test_an_engine_that_fails_is_one_problem_and_the_resources_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = Context()
    answers = {"/images/app:1/json": {"Config": {"User": "1000"}}, "/images/gone:1/json": Closed()}
    with answering(tmp_path / "s", answers) as host:
        monkeypatch.setenv("DOCKER_HOST", host)
        with opened(context) as enrich:  # for two inputs
            twice = [*enrich(read("compose", COMPOSE)), *enrich(read("compose", COMPOSE))]
    found = [resource for resource in twice if resource.kind == "container"]
    assert len(found) == 12
    assert [problem.path for problem in context.problems] == ["docker://local"]
    assert found[0].facts["user"] == "1000"
    assert isinstance(found[6].facts["user"], Unknown)


def test_an_image_is_looked_up_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(tmp_path / "s", {"/images/app:1/json": {"Config": {"User": "1000"}}}) as host:
        monkeypatch.setenv("DOCKER_HOST", host)
        with engine_module.EngineImages() as images:
            assert images.config("app:1") == {"User": "1000"}
            assert images.config("gone:1") is None
    with images:
        assert images.config("app:1") == {"User": "1000"}  # the engine is no longer there to be asked


def test_no_engine_is_contacted_without_need(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere")
    context = Context()
    with opened(context) as enrich:
        assert list(enrich(read("compose", "services: {web: {image: app, user: '1', healthcheck: {disable: true}}}")))
        assert context.problems == []
        list(enrich(read("compose", "services: {web: {image: app}}")))
    assert context.problems[0].message.startswith("no engine runs at unix:///nowhere: there is no such socket")


def test_enrichments_are_found_by_name() -> None:
    assert enrichments()["engine"] is engine_module
    assert enrichment("engine") is engine_module
    with pytest.raises(UsageError) as caught:
        enrichment("engin")
    assert str(caught.value) == 'nothing called "engin" can resolve facts (did you mean "engine"?)'


def test_a_context_that_is_not_there_is_a_source_error() -> None:
    with engine_module.EngineImages("no-such-context") as images, pytest.raises(SourceError):
        images.config("app:1")
