"""What registries settle: who is asked for what, how often, and what is said where they cannot. None is real here."""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from policyengine.documents.load import document
from policyengine.enrich import engine, enrichment, registry
from policyengine.enrich.engine import Settling as OfEngine
from policyengine.enrich.registry import opened
from policyengine.inputs import document_inputs
from policyengine.inputs.context import Context
from policyengine.model.provenance import ABSENT, Provenance
from policyengine.model.unknown import Unknown
from tests.connections.servers import Asked, Said, site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from policyengine.model.resource import Resource
    from tests.connections.servers import Site

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CHECK = {"Test": ["CMD", "true"]}


@pytest.fixture(autouse=True)
def nobodys_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))


def digest(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


class Fake:
    """A registry of images by ``repository:tag``, each an image, or several by platform."""

    def __init__(self, images: dict[str, object]) -> None:
        self._served: dict[str, tuple[bytes, str]] = {}
        for name, configs in images.items():
            repository, _, tag = name.partition(":")
            self._put(repository, tag, configs)

    def __call__(self, asked: Asked) -> Said:
        if asked.path not in self._served:
            return Said(404, json.dumps({"errors": [{"code": "MANIFEST_UNKNOWN", "message": "unknown here"}]}).encode())
        body, type_ = self._served[asked.path]
        return Said(200, body, {"Content-Type": type_})

    def _put(self, repository: str, tag: str, configs: object) -> None:
        if not isinstance(configs, list):
            body, type_ = self._image(repository, configs), MANIFEST
        else:
            listed = []
            for architecture, config in configs:
                image = self._image(repository, config)
                self._served[f"/v2/{repository}/manifests/{digest(image)}"] = (image, MANIFEST)
                platform = {"os": "linux", "architecture": architecture}
                listed.append({"digest": digest(image), "platform": platform})
            body, type_ = json.dumps({"mediaType": INDEX, "manifests": listed}).encode(), INDEX
        self._served[f"/v2/{repository}/manifests/{tag}"] = (body, type_)

    def _image(self, repository: str, config: object) -> bytes:
        blob = json.dumps({"config": config}).encode()
        self._served[f"/v2/{repository}/blobs/{digest(blob)}"] = (blob, "application/octet-stream")
        return json.dumps({"mediaType": MANIFEST, "config": {"digest": digest(blob)}}).encode()


@contextmanager
def serving(images: dict[str, object]) -> Iterator[Site]:
    with site(Fake(images)) as running:
        yield running


def read(kind: str, text: str, path: str = "input.yaml") -> list[Resource]:
    return list(document_inputs()[kind].read(document(path, text.encode()), Context()))


def enriched(context: Context, *texts: str, kind: str = "compose", path: str = "input.yaml") -> list[Resource]:
    with opened(context) as enrich:
        found = [resource for text in texts for resource in enrich(read(kind, text, path))]
    return [resource for resource in found if resource.kind in ("container", "dockerfile")]


def services(*images: str) -> str:
    return json.dumps({"services": {f"s{number}": {"image": image} for number, image in enumerate(images)}})


def test_user_and_health_check() -> None:
    with serving({"acme/app:1": {"User": "1000", "Healthcheck": CHECK}, "acme/root:1": {}}) as running:
        app, root = f"{running.host}/acme/app:1", f"{running.host}/acme/root:1"
        found = enriched(context := Context(), services(app, root))
    assert context.problems == []
    assert [resource.facts["user"] for resource in found] == ["1000", "root"]
    assert [resource.facts["runs_as_root"] for resource in found] == [False, True]
    assert found[0].facts["healthcheck"] == {"test": ["CMD", "true"]}
    assert found[0].provenance(("user",)) == Provenance("inherited", f"image {app}")
    assert found[1].provenance(("healthcheck",)) == ABSENT


def test_a_dockerfile() -> None:
    with serving({"acme/base:1": {"User": "7"}}) as running:
        text = f"FROM {running.host}/acme/base:1\n"
        (found,) = enriched(Context(), text, kind="dockerfile", path="Dockerfile")
    assert found.facts["user"] == "7"


def test_the_platform_that_a_resource_states() -> None:
    with serving({"acme/app:1": [("arm64", {"User": "arm"}), ("amd64", {"User": "amd"})]}) as running:
        image = f"{running.host}/acme/app:1"
        stated = {
            "a": {},
            "b": {"platform": "linux/arm64"},
            "c": {"platform": "linux/s390x"},
            "d": {"platform": "a/b/c/d"},
        }
        text = json.dumps({"services": {name: {"image": image, **more} for name, more in stated.items()}})
        found = enriched(context := Context(), text)
    assert [resource.facts["user"] for resource in found[:2]] == ["amd", "arm"]
    assert [resource.facts["user"] for resource in found[2:]] == [
        Unknown(
            "image.user",
            f"the user depends on the image {image}; {running.host} says: {image} has no image for linux/s390x, "
            "only for linux/amd64, linux/arm64",
            "--resolve engine",
        ),
        Unknown("image.user", f'the user depends on the image {image}; "a/b/c/d" is no platform', "--resolve engine"),
    ]
    assert context.problems == []


def test_each_image_is_asked_for_once_in_a_run() -> None:
    with serving({"acme/app:1": {"User": "1000"}}) as running:
        text = services(*[f"{running.host}/acme/app:1"] * 5, f"{running.host}/acme/none:1")
        found = enriched(Context(), text, text)
    assert [resource.facts["user"] for resource in found if not isinstance(resource.facts["user"], Unknown)] == [
        "1000"
    ] * 10
    paths = [asked.path for asked in running.asked if "/manifests/" in asked.path]
    assert sorted(paths) == ["/v2/acme/app/manifests/1", "/v2/acme/none/manifests/1"]


def test_what_a_registry_does_not_have_stays_unknown_and_is_no_problem() -> None:
    with serving({}) as running:
        image = f"{running.host}/acme/none:1"
        (found,) = enriched(context := Context(), services(image))
    why = f"the user depends on the image {image}; {running.host} says: unknown here"
    assert found.facts["user"] == Unknown("image.user", why, "--resolve engine")
    assert context.problems == []


def test_a_registry_that_does_not_answer_is_one_problem_and_asked_no_more() -> None:
    context = Context(insecure_registries=("registry.invalid",))
    images = [f"127.0.0.1:1/acme/app:{number}" for number in range(9)]
    found = enriched(context, services(*images), services(*images))
    message = "the registry 127.0.0.1:1 cannot be reached: connection refused"
    assert [(problem.path, problem.message) for problem in context.problems] == [
        ("registry://127.0.0.1:1", f"{message} (is it running?)")
    ]
    assert {resource.facts["user"] for resource in found} == {
        Unknown("image.user", f"the user depends on the image {image}; {message}", "--resolve engine")
        for image in images
    }


def test_a_registry_that_cannot_now_is_left_in_peace() -> None:
    with site(lambda _: Said(503, headers={"Retry-After": "3600"})) as running:
        text = services(*[f"{running.host}/acme/app:{number}" for number in range(20)])
        found = enriched(context := Context(), text, text)
    assert len(running.asked) <= 4  # those that were on their way
    assert len(context.problems) == 1
    assert all(isinstance(resource.facts["user"], Unknown) for resource in found)


def test_refusals_are_one_problem_and_other_images_are_asked_for() -> None:
    fake = Fake({"acme/app:1": {"User": "1000"}})

    def answer(asked: Asked) -> Said:
        return Said(401, headers={"WWW-Authenticate": 'Basic realm="x"'}) if "secret" in asked.path else fake(asked)

    with site(answer) as running:
        names = ("secret/a", "secret/b", "acme/app", "secret/c")
        found = enriched(context := Context(), services(*[f"{running.host}/{name}:1" for name in names]))
    assert [problem.message for problem in context.problems] == [
        f"the registry {running.host} does not let us see secret/a "
        f"(is there such a repository? docker login {running.host})"
    ]
    user = found[0].facts["user"]
    assert isinstance(user, Unknown)
    assert user.why.endswith(f"; the registry {running.host} does not let us see secret/a")
    assert user.settle == f"docker login {running.host}, then --resolve registry"
    assert [isinstance(resource.facts["user"], Unknown) for resource in found] == [True, True, False, True]


def test_what_is_built_or_settled_is_not_asked_for() -> None:
    with serving({}) as running:
        image = f"{running.host}/acme/app:1"
        settled = {"image": image, "user": "7", "healthcheck": {"disable": True}}
        text = json.dumps({"services": {"built": {"build": ".", "image": image}, "settled": settled}})
        enriched(Context(), text)
    assert running.asked == []


def test_plain_http_only_where_it_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """The registry's address is this machine's, and its name is not."""
    import socket

    with serving({"acme/app:1": {"User": "1000"}}) as running:
        port = running.host.partition(":")[2]
        real = socket.create_connection
        monkeypatch.setattr(socket, "create_connection", lambda _, *rest: real(("127.0.0.1", int(port)), *rest))
        host = f"registry.example:{port}"
        (refused,) = enriched(context := Context(), services(f"{host}/acme/app:1"))
        assert isinstance(refused.facts["user"], Unknown)
        assert [problem.message for problem in context.problems] == [
            f"the registry {host} speaks no TLS that we understand "
            "(if it speaks plain HTTP and may, name it in insecure_registries)"
        ]
        assert running.asked == []
        (found,) = enriched(Context(insecure_registries=(host,)), services(f"{host}/acme/app:1"))
    assert found.facts["user"] == "1000"


def test_a_daemons_mirrors(tmp_path: Path) -> None:
    with serving({"library/app:1": {"User": "mirrored"}}) as running:
        (tmp_path / "daemon.json").write_text(json.dumps({"registry-mirrors": [f"http://{running.host}/"]}))
        (found,) = enriched(Context(registry_mirrors=(str(tmp_path / "daemon.json"),)), services("app:1"))
    assert found.facts["user"] == "mirrored"


def test_a_daemon_json_that_cannot_be_read_is_one_problem(tmp_path: Path) -> None:
    context = Context(registry_mirrors=(str(tmp_path / "daemon.json"),))
    found = enriched(context, services("app:1", "other.example/app:1"))
    assert [str(problem.path) for problem in context.problems] == [str(tmp_path / "daemon.json")]
    assert all(isinstance(resource.facts["user"], Unknown) for resource in found)


@pytest.mark.parametrize("order", ["engine first", "registry first"])
def test_the_first_that_knows_counts(order: str) -> None:
    class Engine:
        def config(self, reference: str) -> dict[str, object] | None:
            return {"User": "engine's"} if reference.endswith("app:1") else None

    with serving({"acme/app:1": {"User": "registry's"}, "acme/other:1": {"User": "registry's"}}) as running:
        resources = iter(read("compose", services(f"{running.host}/acme/app:1", f"{running.host}/acme/other:1")))
        with opened(context := Context()) as enrich:
            of_engine = OfEngine(Engine(), context).enrich
            both = (of_engine, enrich) if order == "engine first" else (enrich, of_engine)
            found = [one.facts["user"] for one in both[1](both[0](resources)) if one.kind == "container"]
    assert found == (["engine's", "registry's"] if order == "engine first" else ["registry's"] * 2)


def test_it_is_found_by_name_beside_the_engine() -> None:
    assert enrichment("registry") is registry
    assert enrichment("engine") is engine


def test_nothing_is_asked_for_without_need(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_registries", lambda _: pytest.fail("nobody needs a registry"))
    assert enriched(Context(), services(), "services: {web: {build: .}}")
