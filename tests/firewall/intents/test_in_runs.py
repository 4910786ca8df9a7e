"""Flows in a run: the network of all files of a scope, the witness in the finding, processes, the store, zones."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from policyengine.commands.check import check
from policyengine.errors import UsageError
from policyengine.networks import Gathered
from policyengine.outputs import full
from policyengine.pipeline.relating import decoded_index, encoded_index
from policyengine.relations import Index
from policyengine.settings import Settings
from tests.judging import read

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from policyengine.model.report import Report

POLICY = """
version: 1
id: sample
title: The database is reached by the application only
category: firewall
severity: high
why: Whoever reaches it may guess its password.
target: [container, pod]
where: {name: {allowed: [db]}}
flows:
  accepts_only: [{from: {service: app}, ports: [tcp/5432]}]
examples:
  pass: [{compose: "services: {db: {image: postgres, network_mode: none}}"}]
  fail: [{compose: "services: {db: {image: postgres, ports: ['5432:5432']}}"}]
"""

COMPOSE = """\
name: shop
services:
  app: {image: acme/app, networks: [inside, default]}
  db:
    image: postgres
    networks: [inside, default]
    ports: ["5432:5432"]
networks:
  inside: {internal: true}
"""

DB = """\
apiVersion: v1
kind: Pod
metadata: {name: db, labels: {app: db}}
spec: {containers: [{name: db, image: postgres}]}
"""
APP = """\
apiVersion: v1
kind: Pod
metadata: {name: app, labels: {app: app}}
spec: {containers: [{name: app, image: acme/app}]}
---
apiVersion: v1
kind: Service
metadata: {name: app}
spec: {selector: {app: app}, ports: [{port: 80}]}
"""
NETWORK_POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress:
    - from: [{podSelector: {matchLabels: {app: app}}}]
      ports: [{port: PORT}]
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sample.yaml").write_text(POLICY)


def checked(sources: Sequence[str], **settings: object) -> Report:
    return check(sources, Settings(policies=("sample.yaml",), built_in=False, **settings))  # type: ignore[arg-type]


def told(report: Report) -> list[str]:
    return [f"{one.location}: {one.status}: {one.message}" for one in report.findings]


def cluster(directory: Path, port: int) -> str:
    (directory / "cluster").mkdir(exist_ok=True)
    for name, text in (("app", APP), ("db", DB), ("policy", NETWORK_POLICY.replace("PORT", str(port)))):
        (directory / "cluster" / f"{name}.yaml").write_text(text)
    return "cluster"


def test_a_violation_is_told_with_its_witness(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    (finding,) = checked(["compose.yaml"]).findings
    assert finding.message == "app reaches db on tcp/1-5431,5433-65535 all udp all sctp; lan reaches db on tcp/5432"
    assert finding.actual == [
        {"from": "app", "to": "db", "ports": "tcp/1-5431,5433-65535 all udp all sctp"},
        {"from": "lan", "to": "db", "ports": "tcp/5432"},
    ]
    assert finding.witness is not None and finding.witness.startswith("NEW tcp ")
    assert finding.path


def test_a_published_port_is_told_where_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE.replace("networks: [inside, default]}", "network_mode: none}"))
    report = checked(["compose.yaml"])
    assert told(report) == ["compose.yaml:7:13: fail: lan reaches db on tcp/5432"]
    (finding,) = report.findings
    lines = "".join(full.render(report)).splitlines()
    assert lines[1:4] == [" --> compose.yaml:7:13", "  |", '7 |     ports: ["5432:5432"]']
    assert f"  = witness: {finding.witness}" in lines
    assert any(line.startswith("  = path: compose.yaml:7:13  -A DOCKER") for line in lines)


def test_all_files_of_a_cluster_are_one_network(tmp_path: Path) -> None:
    assert told(checked([cluster(tmp_path, 5432)])) == []
    assert told(checked([cluster(tmp_path, 22)])) == [
        "cluster/db.yaml:3:18: fail: default/app reaches default/db on tcp/22"
    ]


def test_a_port_is_known_by_its_name(tmp_path: Path) -> None:
    directory = cluster(tmp_path, 0)
    named = DB.replace("image: postgres", "image: postgres, ports: [{name: sql, containerPort: 22}]")
    (tmp_path / directory / "db.yaml").write_text(named)
    (tmp_path / directory / "policy.yaml").write_text(NETWORK_POLICY.replace("PORT", "sql"))
    assert told(checked([directory])) == ["cluster/db.yaml:3:18: fail: default/app reaches default/db on tcp/22"]


def test_a_node_may_hold_up_what_is_for_a_pod_on_its_network(tmp_path: Path) -> None:
    (tmp_path / "cluster").mkdir()
    (tmp_path / "cluster" / "db.yaml").write_text(DB.replace("spec: {", "spec: {hostNetwork: true, "))
    assert told(checked(["cluster"])) == [
        "cluster/db.yaml:3:18: unknown: cannot tell: outside may reach default/db on everything: "
        "what the nodes themselves let through is not in the manifests"
    ]


def test_outside_of_a_running_cluster_are_no_pods(tmp_path: Path) -> None:
    """Whose addresses are known then, and lie among all others."""
    directory = cluster(tmp_path, 5432)
    running = f"{DB}status: {{podIP: 10.1.0.5, podIPs: [{{ip: 10.1.0.5}}]}}\n"
    (tmp_path / directory / "db.yaml").write_text(running)
    assert told(checked([directory])) == []


def test_a_part_of_a_cluster_settles_nothing(tmp_path: Path) -> None:
    (finding,) = checked([f"{cluster(tmp_path, 22)}/db.yaml"]).findings
    assert finding.status == "unknown"
    assert finding.unknown is not None
    assert finding.unknown.fact == "who reaches whom"
    assert "only a part of the cluster's manifests was given" in finding.unknown.why


def test_several_processes_find_the_same(tmp_path: Path) -> None:
    sources = [f"{cluster(tmp_path, 22)}/{name}.yaml" for name in ("app", "db", "policy")]
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    alone = checked([cluster(tmp_path, 22), "compose.yaml", *sources], jobs=1)
    together = checked([cluster(tmp_path, 22), "compose.yaml", *sources], jobs=3)
    assert alone.findings == together.findings
    assert len(alone.findings) == 2


def test_a_kept_result_hangs_on_the_whole_cluster(tmp_path: Path) -> None:
    assert told(checked([cluster(tmp_path, 22)]))
    assert told(checked([cluster(tmp_path, 22)]))
    assert told(checked([cluster(tmp_path, 5432)])) == []  # db.yaml is as it was


def test_a_zone_that_nobody_declares_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    (tmp_path / "sample.yaml").write_text(POLICY.replace("{service: app}", "office"))
    with pytest.raises(UsageError, match='policy "sample" names the zone "office", which is not declared'):
        checked(["compose.yaml"])
    assert checked(["compose.yaml"], zones={"office": ("203.0.113.0/24",)}).findings
    with pytest.raises(UsageError, match='did you mean "ofice"'):
        checked(["compose.yaml"], zones={"ofice": ("203.0.113.0/24",)})


def test_zones_bear_on_what_is_kept(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE.replace("networks: [inside, default]}", "network_mode: none}"))
    (tmp_path / "sample.yaml").write_text(POLICY.replace("accepts_only:", "from: office\n  accepts_only:"))
    assert checked(["compose.yaml"], zones={"office": ("203.0.113.0/24",)}).findings
    assert not checked(["compose.yaml"], zones={"office": ("127.0.0.0/8",)}).findings


def test_what_is_gathered_comes_back_from_json() -> None:
    index = Index(("flows",))
    for resource in read("compose", COMPOSE):
        index.add(resource)
    back = decoded_index(json.loads(json.dumps(encoded_index(index))))
    key = ("compose", "shop", "input.yaml")
    before, after = (one.gathered.resources("compose", key) for one in (index, back))
    assert [(one.kind, one.name, one.facts, one.scope) for one in before] == [
        (one.kind, one.name, one.facts, one.scope) for one in after
    ]
    db = next(one for one in after if one.name == "db")
    assert (db.where().line, db.where(("ports", 0)).line, db.where(("ports", 0, "target")).line) == (4, 7, 7)
    assert db.provenance(("ports", 0, "host_ip")).how == "default"
    assert db.provenance(("ports", 0, "published")).how == "declared"


def test_nothing_is_gathered_that_no_policy_asks_for() -> None:
    index = Index()
    for resource in read("compose", COMPOSE):
        index.add(resource)
    assert list(index.gathered.entries()) == []
    assert Gathered().resources("compose", ("compose", "shop", "")) == []


HOST_POLICY = """
version: 1
id: sample
title: The host is reached by SSH only
category: firewall
severity: high
why: Whatever is started next is open to the world.
target: firewall
flows:
  from: outside
  accepts_only: [{ports: [tcp/22]}]
  never_reaches: [{from: 203.0.113.0/24, to: 10.0.0.0/8, ports: [tcp/5432]}]
examples:
  pass: [{firewall: "*filter\\n:INPUT DROP [0:0]\\n:FORWARD DROP [0:0]\\nCOMMIT\\n"}]
  fail: [{firewall: "*filter\\n:INPUT ACCEPT [0:0]\\nCOMMIT\\n"}]
"""

RULES = """\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 9090 -j ACCEPT
-A FORWARD -d 10.1.0.0/16 -p tcp -m tcp --dport 5432 -j ACCEPT
COMMIT
"""
FOUND = [
    "rules.v4:6: fail: outside reaches host on tcp/9090",
    "rules.v4:7: fail: 203.0.113.0/24 reaches 10.0.0.0/8 on tcp/5432",
]


def test_the_rules_of_a_host_are_judged_where_they_are_written(tmp_path: Path) -> None:
    (tmp_path / "sample.yaml").write_text(HOST_POLICY)
    (tmp_path / "rules.v4").write_text(RULES)
    report = checked(["rules.v4"])
    assert told(report) == FOUND
    first, second = report.findings
    assert first.witness == "NEW tcp 10.0.0.10:40000 -> 203.0.113.10:9090  in eth0"
    assert first.excerpt
    assert first.excerpt.text == RULES.splitlines()[5]
    assert [one.text for one in second.path] == [RULES.splitlines()[6]]
    assert first.fingerprint != second.fingerprint


@pytest.mark.parametrize(
    "demand",
    [
        "from: outside\n  accepts_only: [{ports: [tcp/22]}]",
        "never_reaches: [{from: outside, to: host, ports: [tcp/23]}]",
        "must_reach: [{from: outside, to: host, ports: [tcp/22]}]",
    ],
)
def test_a_family_whose_rules_are_not_there_settles_nothing(tmp_path: Path, demand: str) -> None:
    head, examples = HOST_POLICY[: HOST_POLICY.index("flows:")], HOST_POLICY[HOST_POLICY.index("examples:") :]
    (tmp_path / "sample.yaml").write_text(f"{head}flows:\n  {demand}\n{examples}")
    four = "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n-A INPUT -p tcp --dport 22 -j ACCEPT\nCOMMIT\n"
    (tmp_path / "rules.v4").write_text(four)
    (finding,) = checked(["rules.v4"]).findings
    assert finding.status == "unknown"
    assert finding.message.endswith("the rules of IPv6 are not in rules.v4")
    (tmp_path / "rules.v6").write_text(four)
    assert told(checked(["rules.v4"])) == []


def test_a_policy_that_accepts_is_told_at_its_chain(tmp_path: Path) -> None:
    (tmp_path / "sample.yaml").write_text(HOST_POLICY)
    (tmp_path / "rules.v4").write_text("*filter\n:FORWARD DROP [0:0]\n:INPUT ACCEPT [0:0]\nCOMMIT\n")
    assert told(checked(["rules.v4"])) == [
        "rules.v4:3: fail: outside reaches host on tcp/1-21,23-65535 all udp all sctp"
    ]


def test_rules_are_kept_and_come_from_other_processes_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "sample.yaml").write_text(HOST_POLICY)
    names = [f"{directory}/rules.v4" for directory in "abc"]
    for name in names:
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(RULES)
    expected = sorted(f"{name[:2]}{one}" for name in names for one in FOUND)
    assert told(checked(names, jobs=1)) == expected
    assert told(checked(names, jobs=3)) == expected
    assert told(checked(names, jobs=1)) == expected  # of the store


def test_a_firewall_comes_back_from_json() -> None:
    six = RULES.replace("10.0.0.0/8", "2001:db8::/32").replace("10.1.0.0/16", "fd00::/8")
    for origin in (RULES, six):
        (resource,) = read("firewall", origin)
        index = Index(("flows",))
        index.add(resource)
        (back,) = decoded_index(json.loads(json.dumps(encoded_index(index)))).gathered.resources(
            "firewall", resource.scope.key
        )
        assert back.whole == resource.whole
