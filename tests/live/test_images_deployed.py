"""Images that are brought to a real engine: pulled, built, judged, pushed; and nothing left where it fails."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from policyengine.connections.docker_acting import acting
from policyengine.connections.docker_context import endpoint
from policyengine.connections.docker_images import Images, platform_of
from policyengine.connections.registry import Name, Options, Platform, Registries
from policyengine.connections.registry_credentials import Credentials
from policyengine.errors import RemedyError, SourceError
from policyengine.policy.image_strategy import Pin, Rebuild, Upgrade
from policyengine.remediation.images.asking import Asking, Chosen, CurrentImage
from policyengine.remediation.images.choosing import compliant
from policyengine.remediation.images.deploying import Prepared, dropped, prepared
from policyengine.remediation.images.recipe import MARK
from tests.live.conftest import LABEL, Workbench
from tests.live.distribution import Distribution, distribution, htpasswd
from tests.once import ONCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from policyengine.policy.image_strategy import ImageStrategy

pytestmark = [pytest.mark.live, ONCE]

USER, PASSWORD = "ann", "s3cret:word"
AUTH = b64encode(f"{USER}:{PASSWORD}".encode()).decode()


@pytest.fixture(scope="module")
def registry(program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Distribution]:
    with distribution(program, tmp_path_factory.mktemp("deployed") / "registry") as running:
        yield running


@pytest.fixture(scope="module")
def closed(program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Distribution]:
    """With passwords."""
    place = tmp_path_factory.mktemp("closed")
    with distribution(program, place / "registry", auth=htpasswd(place / "htpasswd", USER, PASSWORD)) as running:
        running.headers = {"Authorization": f"Basic {AUTH}"}
        yield running


class Yard:
    """An engine, the registries as one user knows them, and what the engine has of ours."""

    def __init__(self, images: Images, asking: Asking, bench: Workbench) -> None:
        self.images = images
        self.asking = asking
        self.bench = bench

    def published(self, registry: Distribution, repository: str, tag: str, instructions: str) -> str:
        """Build an image, push it to a registry, and have the engine forget it; gives its digest."""
        name = f"{registry.host}/{repository}"
        local = self.bench.image(instructions)
        self.images.tag(local, name, tag)
        digest = self.images.push(registry.host, name, tag)
        self.images.remove(f"{name}:{tag}")
        self.images.remove(f"{name}@{digest}")
        self.images.remove(local)
        assert self.images.found(f"{name}@{digest}") is None
        return digest

    def choose(self, strategy: ImageStrategy, reference: str) -> Chosen:
        there = self.images.found(reference)
        current = CurrentImage(reference, there or {})
        return compliant({"p": strategy}, current, self.asking)

    def prepare(self, chosen: Chosen, push: str = "") -> Prepared:
        return prepared(chosen, self.images, self.asking, push)

    def refused(self, chosen: Chosen, push: str = "") -> str:
        """Why an image cannot be had, all being as it was before."""
        before = self.state()
        with pytest.raises(RemedyError) as caught:
            self.prepare(chosen, push)
        assert self.state() == before
        return str(caught.value)

    def state(self) -> tuple[list[Any], list[Any]]:
        """The images that could be ours, all intermediate ones and names with them, and the containers that build."""
        api = self.bench.client.api
        images = [
            (image["Id"], sorted(image["RepoTags"] or []), sorted(image["RepoDigests"] or []))
            for image in api.images(all=True, filters={"label": f"{LABEL}={self.bench.prefix}"})
        ]
        mine = {"label": [MARK, f"{LABEL}={self.bench.prefix}"]}
        containers = [one["Id"] for one in api.containers(all=True, filters=mine)]
        return sorted(images), containers


@pytest.fixture
def yard(bench: Workbench, tmp_path: Path) -> Iterator[Yard]:
    with acting(endpoint()) as engine, Registries(Options(config=tmp_path)) as registries:
        asking = Asking(registries, platform_of(engine.engine))
        made = Yard(Images(engine, Credentials(tmp_path)), asking, bench)
        yield made
        for image in made.state()[0]:  # whatever tests have pulled and built
            bench.client.images.remove(image[0], force=True) if not image[1] else None


def login(place: Path, host: str, password: str = PASSWORD) -> None:
    auth = b64encode(f"{USER}:{password}".encode()).decode()
    (place / "config.json").write_text(json.dumps({"auths": {host: {"auth": auth}}}))


def run(yard: Yard, reference: str, *command: str) -> str:
    """What a command says in a container of an image."""
    made = yard.bench.create(reference, "run", entrypoint=list(command), command=[], network_mode="none", start=True)
    container = yard.bench.client.containers.get(made)
    container.wait()
    said = container.logs().decode()
    container.remove()
    return said


def test_the_platform_of_the_engine(yard: Yard) -> None:
    assert yard.asking.platform == Platform("linux", "amd64")


def test_pulled_by_its_digest(yard: Yard, registry: Distribution) -> None:
    name = f"{registry.host}/acme/pulled"
    digest = yard.published(registry, "acme/pulled", "1", "LABEL is=pulled")
    before = yard.state()
    chosen = yard.choose(Pin("served"), f"{name}:1")
    assert yard.state() == before  # nothing is pulled to look
    made = yard.prepare(chosen)
    assert (made.reference, made.brought, made.notes) == (f"{name}@{digest}", (f"{name}@{digest}",), ())
    assert made.image["RepoTags"] == []
    assert run(yard, made.reference, "/bin/busybox", "echo", "it runs") == "it runs\n"
    assert yard.prepare(chosen).brought == ()  # it is there
    dropped(made, yard.images)
    assert yard.state() == before


def test_an_index_that_we_made(yard: Yard, registry: Distribution) -> None:
    """The engine is given the index's digest, and keeps it."""
    name = f"{registry.host}/acme/many"
    own = yard.published(registry, "acme/many", "amd64", "LABEL is=many")
    arm = registry.push("acme/many", "arm64", {}, docker=True, architecture="arm64")
    index = registry.index("acme/many", "1", {"linux/arm64/v8": arm, "linux/amd64": own})
    chosen = yard.choose(Pin("served"), f"{name}:1")
    assert chosen.reference == f"{name}@{index}"
    made = yard.prepare(chosen)
    assert (made.image["RepoDigests"], made.image["Architecture"]) == ([f"{name}@{index}"], "amd64")
    # What runs by the index is pinned by the index.
    assert yard.choose(Pin("running"), made.reference).reference == f"{name}@{index}"
    dropped(made, yard.images)


def test_from_a_registry_with_passwords(yard: Yard, closed: Distribution, tmp_path: Path) -> None:
    login(tmp_path, closed.host)
    yard.published(closed, "acme/secret", "1", "LABEL is=secret")
    made = yard.prepare(yard.choose(Pin("served"), f"{closed.host}/acme/secret:1"))
    assert made.brought
    dropped(made, yard.images)


def test_what_is_not_ours_is_not_pulled(yard: Yard, closed: Distribution, tmp_path: Path) -> None:
    login(tmp_path, closed.host)
    digest = yard.published(closed, "acme/secret", "2", "LABEL is=secret-too")
    login(tmp_path, closed.host, "wr0ng")
    yard.images = Images(yard.images.acting, Credentials(tmp_path))
    name = f"{closed.host}/acme/secret"
    why = yard.refused(Chosen(f"{name}@{digest}", "", name, "2"))
    assert why.startswith(f"docker://local: {name}@{digest} cannot be had: ")
    assert "unauthorized" in why or "no basic auth credentials" in why
    assert "wr0ng" not in why


def test_the_digest_is_gone(yard: Yard, registry: Distribution) -> None:
    name, digest = f"{registry.host}/acme/gone", "sha256:" + "0" * 64
    why = yard.refused(Chosen(f"{name}@{digest}", "", name, "1"))
    assert why.startswith(f"docker://local: {name}@{digest} cannot be had: ")
    assert "not found" in why or "manifest unknown" in why


def test_the_registry_is_down(yard: Yard) -> None:
    name, digest = "127.0.0.1:1/acme/app", "sha256:" + "0" * 64
    why = yard.refused(Chosen(f"{name}@{digest}", "", name, "1"))
    assert why.startswith(f"docker://local: {name}@{digest} cannot be had: ")
    assert "connection refused" in why


def test_an_image_for_another_platform_is_not_kept(yard: Yard, registry: Distribution) -> None:
    label = {"Labels": {LABEL: yard.bench.prefix}}
    digest = registry.push("acme/arm", "1", label, docker=True, architecture="arm64", rootfs=EMPTY_LAYER)
    name = f"{registry.host}/acme/arm"
    why = yard.refused(Chosen(f"{name}@{digest}", "", name, "1"))
    assert "linux/amd64" in why
    assert yard.images.found(f"{name}@{digest}") is None


def test_an_image_for_another_platform_that_is_there(yard: Yard, registry: Distribution) -> None:
    name = f"{registry.host}/acme/there"
    yard.published(registry, "acme/there", "1", "LABEL is=there")
    chosen = yard.choose(Pin("served"), f"{name}:1")
    made = yard.prepare(chosen)
    yard.asking = replace(yard.asking, platform=Platform("linux", "arm64"))
    assert yard.refused(chosen) == f"{chosen.reference} is for linux/amd64, and one for linux/arm64 is wanted"
    dropped(made, yard.images)


EMPTY_LAYER = {
    "type": "layers",
    "diff_ids": ["sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"],
}
"""Of 1024 zero bytes."""

BASE = """
RUN ["/bin/busybox", "mkdir", "-p", "/usr/bin", "/sbin", "/etc"]
RUN ["/bin/busybox", "--install", "-s", "/bin"]
RUN cp /bin/busybox /usr/bin/su && chmod 4755 /usr/bin/su && cp /bin/busybox /sbin/apk && echo yes > /etc/weak
"""


def based(yard: Yard, more: str = "") -> str:
    """An image with a shell, a program with its owner's rights, a package manager, and a weak setting."""
    return yard.bench.image(f"{BASE}{more}", "weak")


def test_rebuilt_and_deployed_by_its_id(yard: Yard) -> None:
    reference = based(yard)
    before = yard.state()
    layer = Rebuild(
        user="65532:65532",
        remove_setuid=True,
        remove=("package-managers",),
        files={"/etc/weak": "no\n", "/etc/new/deep": "new\n"},
    )
    chosen = yard.choose(layer, reference)
    assert yard.state() == before
    made = yard.prepare(chosen)
    name = made.brought[0]
    assert made.reference == made.image["Id"]
    assert name.startswith("localhost/policyengine/unnamed:")
    assert made.notes == (f"{name} is pushed nowhere: it is deployed by its id",)
    listed = "id -u; cat /etc/weak /etc/new/deep; stat -c '%a %n' /usr/bin/su /etc/weak; ls /sbin"
    assert run(yard, made.reference, "/bin/sh", "-c", listed) == ("65532\nno\nnew\n755 /usr/bin/su\n644 /etc/weak\n")
    again = yard.prepare(chosen)  # a second container of the same image
    assert (again.reference, again.brought) == (made.reference, ())
    dropped(made, yard.images)
    assert yard.state() == before


def test_rebuilt_without_a_shell(yard: Yard) -> None:
    """As distroless images are: a user and files need none."""
    reference = yard.bench.image("LABEL is=bare", "bare")
    made = yard.prepare(yard.choose(Rebuild(user="1000", files={"/etc/x": "x"}), reference))
    assert run(yard, made.reference, "/bin/busybox", "id", "-u") == "1000\n"
    dropped(made, yard.images)


def test_the_build_fails(yard: Yard) -> None:
    """After steps that worked: their images go, too."""
    reference = based(yard)
    why = yard.refused(yard.choose(Rebuild(files={"/etc/a": "a"}, run=("echo fine", "exit 3")), reference))
    id_ = yard.bench.client.images.get(reference).id
    assert why == (
        f"docker://local: {id_} cannot be rebuilt: The command '/bin/sh -c exit 3' returned a non-zero code: 3"
    )


def test_what_is_built_is_judged(yard: Yard) -> None:
    """It has to mend what it is for, and to violate nothing that its base does not."""
    reference = based(yard)
    id_ = yard.bench.client.images.get(reference).id
    chosen = yard.choose(Rebuild(user="1000"), reference)
    judges = {
        "p": lambda user: ("p", "other"),
        "new": lambda user: ("new", "other") if user else ("p", "other"),
    }
    for policy, judge in judges.items():
        yard.asking = replace(yard.asking, violated=lambda image, judge=judge: judge(image["Config"]["User"]))
        assert yard.refused(chosen) == f"{id_} rebuilt violates {policy}"
    yard.asking = replace(yard.asking, violated=lambda _: ("other",))
    dropped(yard.prepare(chosen), yard.images)


def test_rebuilt_pushed_and_deployed_by_its_digest(yard: Yard, registry: Distribution) -> None:
    name = f"{registry.host}/acme/base"
    digest = yard.published(registry, "acme/base", "1.27", BASE)
    base = yard.prepare(yard.choose(Pin("served"), f"{name}:1.27"))
    yard.images.tag(base.reference, name, "1.27")
    chosen = yard.choose(Rebuild(user="1000"), f"{name}:1.27")
    made = yard.prepare(chosen, f"{registry.host}/hardened")
    pushed, _, own = made.reference.partition("@")
    assert pushed == f"{registry.host}/hardened/acme/base"
    assert made.notes == ()
    tag = made.brought[0].rpartition(":")[2]
    assert tag.startswith("1.27-")
    assert yard.asking.registries.digest(Name(registry.host, "hardened/acme/base", tag)) == own
    labels = made.image["Config"]["Labels"]  # type: ignore[index]
    assert labels["org.opencontainers.image.base.name"] == f"{name}:1.27"
    assert labels["org.opencontainers.image.base.digest"] == digest
    assert yard.choose(Pin("running"), made.reference).reference == made.reference
    yard.bench.pulled(made.brought[0])
    yard.bench.pulled(f"{name}:1.27")


def test_pushing_is_refused(yard: Yard, closed: Distribution) -> None:
    reference = based(yard)
    why = yard.refused(yard.choose(Rebuild(user="1000"), reference), f"{closed.host}/hardened")
    assert why.startswith(f"docker://local: {closed.host}/hardened/unnamed:")
    assert " cannot be pushed: " in why
    assert "no basic auth credentials" in why or "unauthorized" in why


def test_the_registry_that_is_pushed_to_is_down(yard: Yard) -> None:
    reference = based(yard)
    why = yard.refused(yard.choose(Rebuild(user="1000"), reference), "127.0.0.1:1/hardened")
    assert " cannot be pushed: " in why
    assert "connection refused" in why


def test_an_upgrade_is_pulled_and_built_upon(yard: Yard, registry: Distribution) -> None:
    name = f"{registry.host}/acme/old"
    old = yard.published(registry, "acme/old", "1.0.0", "LABEL is=old")
    new = yard.published(registry, "acme/old", "1.0.1", "LABEL is=new")
    before = yard.state()
    current = CurrentImage(f"{name}:1.0.0", {"Id": "sha256:1", "RepoDigests": [f"{name}@{old}"]})
    strategies: dict[str, ImageStrategy] = {"a": Upgrade("patch"), "b": Rebuild(user="1000")}
    chosen = compliant(strategies, current, yard.asking)
    assert chosen.reference == f"{name}@{new}"
    made = yard.prepare(chosen)
    assert len(made.brought) == 2
    config: Any = made.image["Config"]
    assert (config["Labels"]["is"], config["User"]) == ("new", "1000")
    dropped(made, yard.images)
    assert yard.state() == before
    # Where it fails, what was pulled for it goes, too.
    yard.asking = replace(yard.asking, violated=lambda _: ("b",))
    assert yard.refused(chosen) == f"{name}@{new} rebuilt violates b"


def test_an_interrupt_leaves_nothing(yard: Yard) -> None:
    reference = based(yard)
    chosen = yard.choose(Rebuild(user="1000"), reference)
    before = yard.state()

    def interrupted(_: dict[str, Any]) -> Sequence[str]:
        raise KeyboardInterrupt

    yard.asking = replace(yard.asking, violated=interrupted)
    with pytest.raises(KeyboardInterrupt):
        yard.prepare(chosen)
    assert yard.state() == before


def test_an_error_in_the_stream_is_an_error(yard: Yard) -> None:
    """The status is 200, and only the last line says that it failed."""
    with pytest.raises(SourceError) as caught:
        yard.images.pull("127.0.0.1:1", "127.0.0.1:1/x", "sha256:" + "0" * 64, Platform())
    assert "connection refused" in str(caught.value)
