"""Which image is chosen, by what a real registry serves: Debian's docker-registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from policyengine.connections.registry import Options, Platform, Registries
from policyengine.connections.registry_manifest import platform
from policyengine.errors import RemedyError
from policyengine.policy.image_strategy import Pin, Rebuild, Upgrade
from policyengine.remediation.images.asking import Asking, Chosen, CurrentImage
from policyengine.remediation.images.choosing import compliant
from policyengine.remediation.images.texts import pinned_reference
from tests.live.conftest import missing
from tests.live.distribution import Distribution, distribution, htpasswd, installed
from tests.once import ONCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from policyengine.policy.image_strategy import ImageStrategy

pytestmark = [pytest.mark.live, ONCE]

GONE = "sha256:" + "0" * 64
PLATFORMS = {"linux/arm64/v8": {"User": "arm"}, "linux/amd64": {"User": "amd"}}


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Distribution]:
    program = installed()
    if program is None:
        missing("there is no docker-registry (Debian: docker-registry)")
    with distribution(program, tmp_path_factory.mktemp("choice") / "registry") as running:
        yield running


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[Asking]:
    with Registries(Options(config=tmp_path)) as registries:
        yield Asking(registries, Platform())


def chosen(strategy: ImageStrategy, reference: str, asking: Asking, **running: Any) -> Chosen:
    return compliant({"p": strategy}, CurrentImage(reference, running), asking)


def refused(strategy: ImageStrategy, reference: str, asking: Asking, **running: Any) -> str:
    with pytest.raises(RemedyError) as caught:
        chosen(strategy, reference, asking, **running)
    return str(caught.value)


def rooted(image: dict[str, Any]) -> Sequence[str]:
    """A judge: whose user is empty violates."""
    return () if image["Config"].get("User") else ("user-missing",)


@pytest.mark.parametrize("docker", [True, False], ids=["docker", "oci"])
def test_an_index_is_pinned_by_its_own_digest(registry: Distribution, asking: Asking, docker: bool) -> None:
    index = registry.push_index("acme/many", "1.0", PLATFORMS, docker=docker)
    name = f"{registry.host}/acme/many"
    wanted = Chosen(f"{name}@{index}", f"{registry.host} serves it under 1.0 now", name, "1.0")
    assert chosen(Pin("served"), f"{name}:1.0", asking) == wanted
    assert chosen(Pin("running"), f"{name}:1.0", asking) == wanted  # in a file nothing runs
    assert chosen(Upgrade("same-tag"), f"{name}:1.0", asking) == wanted
    assert pinned_reference({"p": Pin("served")}, f"{name}:1.0", asking) == f"{name}:1.0@{index}"
    by_digest = chosen(Pin("served"), f"{name}@{index}", asking)
    assert (by_digest.reference, by_digest.tag, by_digest.why) == (
        wanted.reference,
        "",
        f"{registry.host} serves it still",
    )


def test_a_tag_that_has_moved(registry: Distribution, asking: Asking) -> None:
    old = registry.push("acme/moving", "1", {"User": "old"})
    new = registry.push("acme/moving", "1", {"User": "new"})
    name = f"{registry.host}/acme/moving"
    running: dict[str, Any] = {"Id": "sha256:1", "RepoDigests": [f"{name}@{old}"]}
    assert chosen(Pin("running"), f"{name}:1", asking, **running).digest == old
    assert chosen(Pin("served"), f"{name}:1", asking, **running).digest == new
    assert chosen(Pin("served"), f"{name}:1@{old}", asking, **running).digest == new
    assert chosen(Upgrade("patch"), f"{name}:1", asking, **running).digest == new


VERSIONS = ("1.27.3", "1.27.4", "1.27.10", "1.28.0", "2.0.0", "1.27.11-alpine", "1.27.12-rc1", "1.27", "latest")


@pytest.fixture(scope="module")
def versions(registry: Distribution) -> str:
    """A repository of versions: 1.27.10 and 1.28.0 set no user."""
    for tag in VERSIONS:
        user = "" if tag in ("1.27.10", "1.28.0") else "1000"
        registry.push("acme/versions", tag, {"User": user, "Labels": {"tag": tag}})
    return f"{registry.host}/acme/versions"


UPGRADES = [
    ("1.27.3", "patch", "1.27.10"),
    ("1.27.3", "minor", "1.28.0"),
    ("1.27.10", "patch", "1.27.10"),
    ("1.28.0", "minor", "1.28.0"),
    ("1.27", "patch", "1.27"),
    ("latest", "minor", "latest"),
    ("1.27.11-alpine", "minor", "1.27.11-alpine"),
]
PASSING = [("1.27.3", "patch", "1.27.4"), ("1.27.3", "minor", "1.27.4"), ("1.27.4", "minor", "1.27.4")]


@pytest.mark.parametrize(("tag", "within", "wanted"), UPGRADES)
def test_the_newest_within_a_rule(versions: str, asking: Asking, tag: str, within: Any, wanted: str) -> None:
    found = chosen(Upgrade(within), f"{versions}:{tag}", asking)
    assert found.tag == wanted
    assert found.why == f"it is the newest within {within} of {tag} that passes"


@pytest.mark.parametrize(("tag", "within", "wanted"), PASSING)
def test_the_newest_that_passes(versions: str, asking: Asking, tag: str, within: Any, wanted: str) -> None:
    judged = replace(asking, violated=rooted)
    assert chosen(Upgrade(within), f"{versions}:{tag}", judged).tag == wanted


def test_none_passes(versions: str, asking: Asking) -> None:
    judged = replace(asking, violated=lambda image: ["p", "q"] if image["Config"]["User"] else ["p", "user-missing"])
    assert refused(Upgrade("minor"), f"{versions}:1.27.3", judged) == (
        f"no image of {versions} will do within minor: 1.28.0 violates p, user-missing; 1.27.10 violates p, "
        "user-missing; 1.27.4 violates p, q, and 1 more"
    )


def test_not_more_are_tried_than_may_be(versions: str, asking: Asking) -> None:
    tried: list[str] = []

    def judge(image: dict[str, Any]) -> Sequence[str]:
        tried.append(image["RepoTags"][0].rpartition(":")[2])
        return ("p",)

    refused(Upgrade("minor"), f"{versions}:1.27.3", replace(asking, violated=judge, tries=2))
    assert tried == ["1.28.0", "1.27.3"]


def worse(image: dict[str, Any]) -> Sequence[str]:
    """A judge to whom every image violates something."""
    return ("healthcheck-missing", *rooted(image))


def test_what_is_violated_already_is_no_reason_against_an_image(versions: str, asking: Asking) -> None:
    judged = replace(asking, violated=worse)
    rootless: dict[str, Any] = {"Id": "sha256:1", "Config": {"User": "1000"}}
    found = chosen(Upgrade("minor"), f"{versions}:1.27.3", judged, **rootless)
    assert found.tag == "1.27.4"
    assert found.why == "it is the newest within minor of 1.27.3 that violates nothing that is not violated already"
    root: dict[str, Any] = {"Id": "sha256:1", "Config": {"User": ""}}
    assert chosen(Upgrade("minor"), f"{versions}:1.27.3", judged, **root).tag == "1.28.0"
    # In a file what the tag stands for is what there is already.
    assert chosen(Upgrade("minor"), f"{versions}:1.27.3", judged).tag == "1.27.4"


def test_what_the_upgrade_is_for_must_pass(versions: str, asking: Asking) -> None:
    judged = replace(asking, violated=worse)
    current = CurrentImage(f"{versions}:1.27.3", {"Id": "sha256:1", "Config": {"User": ""}})
    assert compliant({"user-missing": Upgrade("minor")}, current, judged).tag == "1.27.4"
    with pytest.raises(RemedyError) as caught:
        compliant({"healthcheck-missing": Upgrade("patch")}, current, judged)
    assert caught.value.message == (
        f"no image of {versions} will do within patch: 1.27.10 violates healthcheck-missing, user-missing; "
        "1.27.4 violates healthcheck-missing; 1.27.3 violates healthcheck-missing"
    )


def test_what_the_layer_mends_is_no_reason_against_an_image(versions: str, asking: Asking) -> None:
    strategies: dict[str, ImageStrategy] = {"user-missing": Rebuild(user="1000"), "old": Upgrade("minor")}
    current = CurrentImage(f"{versions}:1.27.3", {"Id": "sha256:1"})
    found = compliant(strategies, current, replace(asking, violated=rooted))
    assert found.tag == "1.28.0"
    assert found.build is not None
    assert found.build.dockerfile().splitlines()[-1] == "USER 1000"
    assert found.why.endswith(", with what user-missing says on top")


def test_what_is_judged_is_as_an_engine_tells_it(versions: str, asking: Asking) -> None:
    seen: list[dict[str, Any]] = []
    found = chosen(
        Upgrade("same-tag"),
        f"{versions}:1.27.4",
        replace(asking, violated=lambda image: seen.append(image) or ()),  # type: ignore[func-returns-value]
    )
    assert seen == [
        {
            "Id": found.digest,
            "RepoTags": [f"{versions}:1.27.4"],
            "RepoDigests": [found.reference],
            "Architecture": "amd64",
            "Os": "linux",
            "Config": {"User": "1000", "Labels": {"tag": "1.27.4"}},
            "RootFS": {"Type": "layers", "Layers": []},
            "History": [],
        }
    ]


def test_a_tag_that_was_put_back(registry: Distribution, asking: Asking) -> None:
    """Never down, though the tag is the same."""
    name = f"{registry.host}/acme/back"
    registry.push("acme/back", "1", {}, created="2024-02-01T00:00:00Z")
    running: dict[str, Any] = {"Id": "sha256:1", "Created": "2024-03-01T00:00:00.123456789Z"}
    assert refused(Upgrade("same-tag"), f"{name}:1", asking, **running) == (
        f"{name}:1 stands for an older image than the one that runs: of 2024-02-01 (pin what runs)"
    )
    assert chosen(Pin("served"), f"{name}:1", asking, **running)  # asked for by name
    for created in ("2024-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "", "?"):
        assert chosen(Upgrade("same-tag"), f"{name}:1", asking, Id="sha256:1", Created=created)


def test_another_registry(registry: Distribution, asking: Asking) -> None:
    digest = registry.push("hub/library/app", "1.27", {"User": "7"})
    moves = replace(asking, moves={"docker.io": f"{registry.host}/hub"})
    found = chosen(Upgrade("same-tag", "mapped"), "app:1.27", moves, RepoDigests=[f"app@{digest}"])
    name = f"{registry.host}/hub/library/app"
    assert found == Chosen(f"{name}@{digest}", f"it is what runs, at {name}", name, "1.27")
    stated = Upgrade("same-tag", {"docker.io/library": f"{registry.host}/hub/library"})
    assert pinned_reference({"p": stated}, "app:1.27", asking) == f"{name}:1.27@{digest}"
    # What the settings say counts more than what the policy does.
    elsewhere = Upgrade("same-tag", {"docker.io": f"{registry.host}/nowhere"})
    assert chosen(elsewhere, "app:1.27", moves).reference == found.reference


def test_another_registry_that_does_not_have_it(registry: Distribution, asking: Asking) -> None:
    moves = replace(asking, moves={"docker.io": f"{registry.host}/hub"})
    assert refused(Upgrade("same-tag", "mapped"), "nosuch:1.27", moves).startswith(
        f"no image of {registry.host}/hub/library/nosuch will do within same-tag: 1.27: "
    )
    assert refused(Upgrade("same-tag", "mapped"), "ghcr.io/acme/app:1", moves) == (
        "no registry is set that ghcr.io/acme/app may come from instead (remediate.registries)"
    )


def test_the_tag_is_gone(registry: Distribution, asking: Asking) -> None:
    registry.push("acme/app", "1", {})
    name = f"{registry.host}/acme/app"
    assert refused(Pin("served"), f"{name}:2", asking) == (
        f"registry://{registry.host}: {name}:2 cannot be looked up: manifest unknown"
    )


def test_the_digest_is_gone(registry: Distribution, asking: Asking) -> None:
    registry.push("acme/app", "1", {})
    name = f"{registry.host}/acme/app"
    assert refused(Pin("served"), f"{name}@{GONE}", asking) == (
        f"registry://{registry.host}: {name}@{GONE} cannot be looked up: manifest unknown"
    )


def test_another_platform(registry: Distribution, asking: Asking) -> None:
    registry.push_index("acme/many", "2.0", PLATFORMS, docker=True)
    registry.push("acme/one", "1", {})
    risc = platform("linux/riscv64")
    assert risc is not None
    other = replace(asking, platform=risc)
    host = registry.host
    assert refused(Pin("served"), f"{host}/acme/many:2.0", other) == (
        f"registry://{host}: {host}/acme/many:2.0 cannot be looked up: {host}/acme/many:2.0 has no image for "
        "linux/riscv64, only for linux/amd64, linux/arm64/v8"
    )
    assert refused(Pin("served"), f"{host}/acme/one:1", other) == (
        f"{host}/acme/one:1 cannot be looked up: the image is for linux/amd64, and one for linux/riscv64 is wanted"
    )


def test_a_newer_image_for_another_platform_is_passed_over(registry: Distribution, asking: Asking) -> None:
    registry.push("acme/mixed", "1.0.0", {})
    registry.push_index("acme/mixed", "1.0.1", {"linux/arm64/v8": {}}, docker=False)
    assert chosen(Upgrade("patch"), f"{registry.host}/acme/mixed:1.0.0", asking).tag == "1.0.0"


def test_the_registry_is_down(asking: Asking) -> None:
    for strategy in (Pin("served"), Upgrade("same-tag"), Upgrade("minor")):
        why = refused(strategy, "127.0.0.1:1/acme/app:1.0.0", asking)
        assert why.startswith("registry://127.0.0.1:1: ")
        assert why.endswith("the registry 127.0.0.1:1 cannot be reached: connection refused (is it running?)")


def test_the_registry_lets_us_not_in(asking: Asking, tmp_path: Path) -> None:
    program = installed()
    assert program is not None
    auth = htpasswd(tmp_path / "htpasswd", "ann", "s3cret")
    with distribution(program, tmp_path / "closed", auth=auth) as closed:
        assert refused(Pin("served"), f"{closed.host}/acme/app:1", asking) == (
            f"registry://{closed.host}: {closed.host}/acme/app:1 cannot be looked up: the registry {closed.host} does "
            f"not let us see acme/app (is there such a repository? docker login {closed.host})"
        )
