"""What is never touched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policyengine.remediation.belts import own_ids, refusal
from policyengine.remediation.owners import owner

if TYPE_CHECKING:
    from pathlib import Path

ID = "0123456789abcdef" * 4
PROJECT = {"com.docker.compose.project": "shop", "com.docker.compose.service": "web"}


def container(name: str = "web", labels: dict[str, str] | None = None, **host: Any) -> dict[str, Any]:
    return {"Id": ID, "Name": f"/{name}", "Config": {"Labels": labels or {}}, "HostConfig": host}


@pytest.mark.parametrize(
    ("answer", "protected", "reason"),
    [
        (container(), ["db-*", "label=pet"], None),
        (container("db-1"), ["db-*"], "the settings protect it: db-*"),
        (container("db-1"), ["DB-*"], None),
        (container(labels={"pet": ""}), ["label=pet"], "the settings protect it: label=pet"),
        (container(labels={"tier": "data"}), ["label=tier=d*"], "the settings protect it: label=tier=d*"),
        (container(labels={"tier": "web"}), ["label=tier=d*"], None),
        (container("shop-web-1", PROJECT), ["shop"], "the settings protect it: shop"),
        (container("shop-web-1", PROJECT), ["shop/web"], "the settings protect it: shop/web"),
        (container("shop-web-1", PROJECT), ["shop/db"], None),
        (container(AutoRemove=True), [], "it was made with --rm: stopping it removes it"),
        (
            container(labels={"io.kubernetes.pod.name": "w"}),
            [],
            "Kubernetes owns it: change its manifest: policyengine",
        ),
    ],
)
def test_refusals(answer: dict[str, Any], protected: list[str], reason: str | None) -> None:
    found = refusal(answer, owner(answer), protected, frozenset())
    assert found == reason or (found or "").startswith(reason or "?")


def test_never_the_container_that_we_run_in() -> None:
    answer = container()
    assert refusal(answer, owner(answer), [], frozenset({ID})) == "policyengine itself runs in it"


MOUNTS = f"""\
2410 2396 0:29 / / rw,relatime - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/AA
2421 2410 254:1 /docker/containers/{ID}/resolv.conf /etc/resolv.conf rw,relatime - ext4 /dev/vda1 rw
2422 2410 254:1 /docker/containers/{ID}/hostname /etc/hostname rw,relatime - ext4 /dev/vda1 rw
"""

OTHERS = f"""\
430 42 0:231 / /var/lib/docker/containers/{ID}/mounts/shm rw,nosuid,nodev shared:15 - tmpfs shm rw,size=65536k
431 42 0:231 / /host/var/lib/docker/containers/{ID}/mounts/shm rw,nosuid,nodev - tmpfs shm rw,size=65536k
432 42 254:1 /docker/containers/{ID}/logs /logs/web rw,relatime - ext4 /dev/vda1 rw
"""
"""What a host, or a container that sees its files, has mounted of other containers."""

PODMAN = f"""\
903 890 0:24 /containers/storage/overlay-containers/{ID}/userdata/hostname /etc/hostname rw,nosuid - tmpfs tmpfs rw
"""


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        (MOUNTS, {ID}),
        (PODMAN, {ID}),
        (OTHERS, set()),
        (f"12:memory:/docker/{ID}\n0::/\n", {ID}),
        (f"0::/system.slice/docker-{ID}.scope\n", {ID}),
        (f"0::/machine.slice/libpod-{ID}.scope/container\n", {ID}),
        ("0::/init.scope\n", set()),
    ],
)
def test_who_we_are(text: str, ids: set[str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text(text)
    assert own_ids([str(tmp_path / "file"), str(tmp_path / "none")]) == ids
