"""The demo: small, realistic, and every violation in it teaches something."""

from __future__ import annotations

from collections import Counter

import pytest

from policyengine.api import Report, Settings, evaluate
from tests.installation import ROOT

EXPECTED = """\
Dockerfile:1 image-digest node:22.9 is not pinned by a digest
Dockerfile:8 base-latest node:latest refers to the tag latest
Dockerfile:8 image-digest node:latest is not pinned by a digest
Dockerfile:8 user-missing Dockerfile sets no user, so its processes run as root unless its base image sets one
compose.yaml:5 allow-priv-esc the processes of web may gain privileges
compose.yaml:5 caps-not-dropped-all web keeps the capabilities that engines give: it does not drop ALL
compose.yaml:5 pids-limit web has no limit of processes
compose.yaml:16 allow-priv-esc the processes of db may gain privileges
compose.yaml:16 caps-not-dropped-all db keeps the capabilities that engines give: it does not drop ALL
compose.yaml:16 pids-limit db has no limit of processes
compose.yaml:16 readonly-rootfs the root filesystem of db is writable
compose.yaml:17 image-digest postgres:16.4 is not pinned by a digest
compose.yaml:19 bind-all-interfaces db publishes a port on every address of its host
compose.yaml:22 secret-literal-env db has a secret written out in the variable POSTGRES_PASSWORD
compose.yaml:27 allow-priv-esc the processes of proxy may gain privileges
compose.yaml:27 caps-not-dropped-all proxy keeps the capabilities that engines give: it does not drop ALL
compose.yaml:27 pids-limit proxy has no limit of processes
compose.yaml:27 readonly-rootfs the root filesystem of proxy is writable
compose.yaml:28 base-untagged traefik has neither a tag nor a digest
compose.yaml:28 image-digest traefik is not pinned by a digest
compose.yaml:29 host-network proxy shares the network of its host
compose.yaml:31 docker-socket proxy mounts /var/run/docker.sock: whoever controls it controls the engine
deploy/web.yaml:5 networkpolicy-missing no NetworkPolicy selects the Pods of web
deploy/web.yaml:15 anti-affinity nothing keeps the Pods of web from landing on one node
deploy/web.yaml:15 default-service-account the Pods of web run as the ServiceAccount default
deploy/web.yaml:15 sa-token-automount web gets the token of the ServiceAccount default
deploy/web.yaml:18 image-digest ghcr.io/acme/shop-web:1.4.2 is not pinned by a digest
deploy/web.yaml:25 cpu-request web requests no CPU
deploy/web.yaml:27 allow-priv-esc the processes of web may gain privileges
deploy/web.yaml:27 caps-not-dropped-all web keeps the capabilities that engines give: it does not drop ALL
deploy/web.yaml:27 readonly-rootfs the root filesystem of web is writable
deploy/web.yaml:27 seccomp-unset web has no seccomp profile
deploy/web.yaml:28 privileged web runs privileged
deploy/web.yaml:30 cpu-request metrics requests no CPU
deploy/web.yaml:30 memory-limit metrics has no memory limit
deploy/web.yaml:30 memory-request metrics requests no memory
deploy/web.yaml:31 image-digest prom/statsd-exporter:v0.27.1 is not pinned by a digest
deploy/web.yaml:32 allow-priv-esc the processes of metrics may gain privileges
deploy/web.yaml:32 run-as-non-root nothing keeps metrics from running as root
deploy/web.yaml:32 seccomp-unset metrics has no seccomp profile
deploy/web.yaml:34 caps-not-dropped-all metrics keeps the capabilities that engines give: it does not drop ALL
deploy/web.yaml:35 caps-added metrics adds the capability SYS_PTRACE
"""


@pytest.fixture
def report(monkeypatch: pytest.MonkeyPatch) -> Report:
    monkeypatch.chdir(ROOT / "fixtures" / "demo")
    return evaluate(".", Settings(packs=("strict",)))


def test_its_violations(report: Report) -> None:
    failed = [finding for finding in report.findings if finding.status == "fail"]
    found = "".join(f"{one.location.path}:{one.location.line} {one.policy} {one.message}\n" for one in failed)
    assert found == EXPECTED
    assert (report.exit_code, report.problems, report.skipped) == (1, (), ())


def test_every_violation_has_a_line_a_value_to_point_at_and_a_remedy(report: Report) -> None:
    for finding in report.findings:
        assert finding.excerpt, finding
        assert finding.location.column, finding
        assert finding.remedy, finding


def test_a_good_part_of_the_policies_has_something_to_say_and_something_to_praise() -> None:
    judged = evaluate(str(ROOT / "fixtures" / "demo"), Settings(all=True, packs=("all",)))
    seen = Counter(finding.status for finding in judged.findings)
    assert seen["pass"] > seen["fail"] > seen["unknown"] > 0
    speaking = {finding.policy for finding in judged.findings if finding.status in ("fail", "unknown")}
    assert len(speaking) >= 12
