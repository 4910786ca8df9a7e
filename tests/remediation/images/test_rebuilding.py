"""Recipes: the whole Dockerfile for each layer, and what no recipe is made for."""

from __future__ import annotations

import io
import tarfile
from typing import Any

import pytest

from policyengine.errors import RemedyError
from policyengine.policy.image_strategy import Rebuild
from policyengine.remediation.images.asking import Chosen, Found
from policyengine.remediation.images.rebuilding import recipe

DIGEST = "sha256:" + "a" * 64
REFERENCE = f"docker.io/library/nginx@{DIGEST}"
CHOSEN = Chosen(REFERENCE, "it is what runs", "docker.io/library/nginx", "1.27")
LABEL = (
    'LABEL org.opencontainers.image.base.name="docker.io/library/nginx:1.27" '
    f'org.opencontainers.image.base.digest="{DIGEST}"'
)


def dockerfile(layer: Rebuild, **config: Any) -> list[str]:
    return recipe(Found(CHOSEN, config), layer).dockerfile().splitlines()


def test_a_user_alone_needs_no_shell() -> None:
    assert dockerfile(Rebuild(user="65532:65532")) == [f"FROM {REFERENCE}", LABEL, "USER 65532:65532"]


def test_a_whole_layer() -> None:
    layer = Rebuild(
        user="app",
        remove_setuid=True,
        remove=("/usr/bin/su", "/opt/it's here"),
        files={"/etc/ssh/sshd_config": "PermitRootLogin no\n"},
        run=('echo "$HOME" \\\n && true',),
    )
    assert dockerfile(layer, User="nginx") == [
        f"FROM {REFERENCE}",
        LABEL,
        "USER 0",
        r'RUN ["/bin/sh", "-c", "echo \"$HOME\" \\\n && true"]',
        'COPY ["files/0", "/etc/ssh/sshd_config"]',
        """RUN ["/bin/sh", "-c", "rm -rf -- /usr/bin/su '/opt/it'\\"'\\"'s here'"]""",
        r'RUN ["/bin/sh", "-c", "find / -xdev -type f \\( -perm -4000 -o -perm -2000 \\) -exec chmod ug-s {} +"]',
        "USER app",
    ]


def test_the_user_that_the_image_has_is_kept() -> None:
    assert dockerfile(Rebuild(remove_setuid=True), User="nginx:web")[2:] == [
        "USER 0",
        r'RUN ["/bin/sh", "-c", "find / -xdev -type f \\( -perm -4000 -o -perm -2000 \\) -exec chmod ug-s {} +"]',
        "USER nginx:web",
    ]
    assert [line for line in dockerfile(Rebuild(remove_setuid=True), User="0") if "USER" in line] == []


def test_package_managers() -> None:
    removed = dockerfile(Rebuild(remove=("package-managers",)))[-1]
    for program in ("/usr/bin/apt-get", "/sbin/apk", "/usr/bin/dnf", "/usr/bin/microdnf", "/usr/bin/rpm"):
        assert f" {program} " in f"{removed} "
    assert "pip" not in removed


def test_the_context_has_all_that_the_build_needs() -> None:
    made = recipe(Found(CHOSEN, {}), Rebuild(files={"/etc/motd": "höflich\n"}))
    with tarfile.open(fileobj=io.BytesIO(made.context("run1"))) as archive:
        found = {member.name: archive.extractfile(member).read().decode() for member in archive}  # type: ignore[union-attr]
        modes = {member.mode for member in archive}
    assert found == {
        "Dockerfile": (
            f'FROM {REFERENCE}\nLABEL policyengine.build="run1"\nLABEL policyengine.recipe="{made.digest}"\n'
            f'{LABEL}\nCOPY ["files/0", "/etc/motd"]\n'
        ),
        "files/0": "höflich\n",
    }
    assert modes == {0o644}


def test_what_tells_recipes_apart() -> None:
    layers = [
        Rebuild(user="1"),
        Rebuild(user="2"),
        Rebuild(files={"/a": "1"}),
        Rebuild(files={"/a": "2"}),
        Rebuild(run=("true",)),
    ]
    assert len({recipe(Found(CHOSEN, {}), layer).digest for layer in layers}) == len(layers)
    assert recipe(Found(CHOSEN, {}), layers[0]).digest == recipe(Found(CHOSEN, {}), Rebuild(user="1")).digest


def test_only_commands_reach_a_network() -> None:
    assert recipe(Found(CHOSEN, {}), Rebuild(run=("true",))).network
    assert not recipe(Found(CHOSEN, {}), Rebuild(remove_setuid=True)).network


REFUSED: list[tuple[Rebuild, dict[str, Any], str]] = [
    (
        Rebuild(user="1"),
        {"OnBuild": ["RUN make"]},
        f"{REFERENCE} has ONBUILD triggers, which would run in the build",
    ),
    (
        Rebuild(files={"/data/a": ""}),
        {"Volumes": {"/data/": {}}},
        f"/data/a is in the volume /data of {REFERENCE}, which keeps nothing of a build",
    ),
    (
        Rebuild(remove=("/data",)),
        {"Volumes": {"/data": {}}},
        f"/data is in the volume /data of {REFERENCE}, which keeps nothing of a build",
    ),
]


@pytest.mark.parametrize(("layer", "config", "why"), REFUSED)
def test_what_no_recipe_is_made_for(layer: Rebuild, config: dict[str, Any], why: str) -> None:
    with pytest.raises(RemedyError) as caught:
        recipe(Found(CHOSEN, config), layer)
    assert str(caught.value) == why


def test_beside_a_volume() -> None:
    assert dockerfile(Rebuild(remove=("/database",)), Volumes={"/data": {}})
