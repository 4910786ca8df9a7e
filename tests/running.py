"""The command line as users run it: a process of its own, its whole output and its exit code."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

from tests import prepared
from tests.installation import ROOT, environment
from tests.prepared import UNBOUNDED, Bounds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

COMMAND = [sys.executable, "-m", "policyengine"]
SECONDS = 300.0
"""By the clock, after which a run hangs: most take a second, and machines stand still for many."""


class Ended(NamedTuple):
    """How a process ended."""

    code: int
    out: str
    err: str


def variables(**more: str) -> dict[str, str]:
    """The environment of a run of this checkout."""
    return environment(PYTHONPATH=str(ROOT), **more)


def cli(*arguments: str, cwd: Path, stdin: str | bytes = b"", **more: str) -> Ended:
    """Run ``policyengine`` with arguments in a directory; ``more`` are variables of the environment."""
    return run(arguments, cwd, variables(**more), stdin.encode() if isinstance(stdin, str) else stdin)


def run(
    arguments: Sequence[str],
    cwd: Path,
    wanted: dict[str, str],
    given: bytes = b"",
    bounds: Bounds = UNBOUNDED,
) -> Ended:
    """Run ``policyengine`` with these variables of the environment."""
    if prepared.can_run(wanted):
        code, out, err = prepared.run(arguments, cwd, wanted, given, SECONDS, bounds)
        return Ended(code, out.decode(), err.decode())
    ended = subprocess.run(
        [*COMMAND, *arguments],
        cwd=cwd,
        input=given,
        env=wanted,
        capture_output=True,
        timeout=SECONDS,
        check=False,
        preexec_fn=None if bounds is UNBOUNDED else bounds.put,
    )
    return Ended(ended.returncode, ended.stdout.decode(), ended.stderr.decode())


POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: nginx
      securityContext: {privileged: true}
"""
PRIVILEGED = "critical privileged web runs privileged"
COMPOSE = """\
services:
  web:
    image: ghcr.io/acme/web:1.2@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    user: "1000"
    read_only: true
    mem_limit: 64m
"""
POLICY = """\
version: 1
id: acme/named
title: Containers have a name that we know
category: runtime
severity: low
why: Ours begin with acme.
target: container
require:
  name: {regex: "acme-.*"}
message: "{name} is not one of ours"
examples:
  pass:
    - compose: "services: {acme-web: {image: nginx}}"
    - kubernetes: "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: acme-web}]}}"
    - docker: "{docker_snapshot: 1, containers: [{Id: '1', Name: /acme-web, Config: {}, HostConfig: {}}]}"
  fail:
    - compose: "services: {web: {image: nginx}}"
    - kubernetes: "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: web}]}}"
    - docker: "{docker_snapshot: 1, containers: [{Id: '1', Name: /web, Config: {}, HostConfig: {}}]}"
"""


def only_privileged(*paths: str) -> Ended:
    """What is told of Pods like :data:`POD` by the policy ``privileged`` alone."""
    return Ended(1, "".join(f"{path}:8:37: {PRIVILEGED}\n" for path in paths), "")
