"""Docker Compose as it is found, asked and understood."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from policyengine.connections.docker_compose import NoComposeError, Project, Touched, Up, compose, touched
from policyengine.connections.docker_context import Endpoint
from policyengine.errors import SourceError

PROJECT = Project("shop", "/srv/shop", ("/srv/shop/a.yaml", "/srv/shop/b.yaml"), ("/srv/shop/prod.env",))
OPTIONS = (
    "--project-name shop --project-directory /srv/shop --file /srv/shop/a.yaml --file /srv/shop/b.yaml"
    " --env-file /srv/shop/prod.env --profile *"
)


def program(directory: Path, name: str, script: str) -> dict[str, str]:
    """An environment in which a program of that name is all that there is."""
    path = directory / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return {"PATH": f"{directory}:/usr/bin:/bin"}


STANDALONE = """\
test "$*" = "version --short" && { echo 2.40.3; exit; }
{ echo "$@"; env; } >>"$(dirname "$0")/asked"
case "$*" in *config*) printf 'db %064d\\nweb %064d\\n' 1 2;; *bad*) echo 'no such service: bad' >&2; exit 1;; esac
"""


def test_a_program_of_its_own_is_as_good_as_the_plugin(tmp_path: Path) -> None:
    env = program(tmp_path, "docker-compose", STANDALONE)
    chosen = {"COMPOSE_FILE": "x", "COMPOSE_PROFILES": "y", "DOCKER_CONTEXT": "z", "TAG": "1"}
    found = compose(Endpoint("far", "tcp://far:2376", tmp_path), {**env, **chosen})
    assert found.version == "2.40.3"
    assert found.hashes(PROJECT) == {"db": f"{1:064}", "web": f"{2:064}"}
    found.up(PROJECT, Up({"web": 2}), 10)
    asked = (tmp_path / "asked").read_text().splitlines()
    assert f"{OPTIONS} config --hash *" in asked
    assert f"--progress plain {OPTIONS} up --detach --no-build --pull never --no-deps --scale web=2 -- web" in asked
    told = {"DOCKER_HOST=tcp://far:2376", "DOCKER_TLS_VERIFY=1", f"DOCKER_CERT_PATH={tmp_path}", "TAG=1"}
    assert told <= set(asked)
    assert not [line for line in asked if line.startswith(("COMPOSE_FILE", "COMPOSE_PROFILES", "DOCKER_CONTEXT"))]
    with pytest.raises(SourceError, match="docker compose up failed: no such service: bad"):
        found.up(PROJECT, Up({"bad": 1}), 10)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo 1.29.2", "docker-compose is 1.29.2: Compose v1, which knows neither"),
        ("echo v2.10.0", "docker-compose is v2.10.0: older than 2.20"),
        ("exit 1", "there is no Docker Compose here"),
        ("echo podman", "there is no Docker Compose here"),
    ],
)
def test_no_other_compose_is_used(tmp_path: Path, script: str, reason: str) -> None:
    env = program(tmp_path, "docker-compose", script)
    env["PATH"] = str(tmp_path)
    (tmp_path / "sh").symlink_to("/bin/sh")
    with pytest.raises(NoComposeError, match=reason):
        compose(Endpoint("local"), env)


def test_one_that_does_not_end_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    script = f'test "$*" = "version --short" && {{ echo 2.40.3; exit; }}\nsleep 60 & echo $! >{tmp_path}/pid; wait'
    found = compose(Endpoint("local"), program(tmp_path, "docker-compose", script))
    with pytest.raises(SourceError, match="has not ended after"):
        found.up(PROJECT, Up({"web": 1}), 0.5)
    assert ends(int((tmp_path / "pid").read_text()))


def ends(pid: int, seconds: float = 10) -> bool:
    """Whether a process that was sent SIGKILL is gone, or a zombie, in time: the kernel acts when next scheduled."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


SAID = """\
 DRY-RUN MODE -  Container shop-db-1  Running
 DRY-RUN MODE -  Container shop-web-1  Stopping
 DRY-RUN MODE -  Network shop_default  Removed
 DRY-RUN MODE -  Container 0123456789ab_shop-web-1  Starting
Volume "shop_data" exists but doesn't match configuration in compose file. Recreate (data will be lost)? DRY-RUN MODE -
 Container shop-side-1  Healthy
 Container shop-side-1  Recreate
"""


def test_what_would_be_touched() -> None:
    assert list(touched(SAID)) == [
        Touched("Container", "shop-web-1", "Stopping"),
        Touched("Network", "shop_default", "Removed"),
        Touched("Container", "0123456789ab_shop-web-1", "Starting"),
        Touched("Container", "shop-side-1", "Recreate"),
    ]
