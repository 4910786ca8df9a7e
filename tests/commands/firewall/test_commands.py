"""``policyengine firewall`` as users run it: whole outputs and exit codes of real processes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from tests.repositories import made
from tests.running import Ended, cli

if TYPE_CHECKING:
    from pathlib import Path

MANIFESTS = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: web, image: nginx}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {containers: [{name: db, image: postgres}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress, Egress]
  ingress:
    - from: [{podSelector: {matchLabels: {app: web}}}]
      ports: [{port: 5432}]
"""
MATRIX = """\
From      To       Reaches on    May reach on
--------  -------  ------------  --------------
shop/web  shop/db  tcp/5432      icmp

not known: what a NetworkPolicy does with ICMP is implementation-defined
"""
EXPLAINED = """\
allowed  shop/web -> shop/db  tcp/5432  (the cluster of shop)
  witness  NEW tcp shop/web:40000 -> shop/db:5432
  path     no policy is for egress of shop/web  (allows)
           shop/manifests.yaml:22:7  NetworkPolicy shop/db ingress[0]  (allows)
  set      tcp 5432
"""
UNSETTLED = """\
? shop/web -> shop/db  icmp  unknown on both sides: what a NetworkPolicy does with ICMP is implementation-defined
? shop/web -> nodes  everything and 3 more  unknown on both sides: \
what the nodes themselves let through is not in the manifests
? nodes -> internet  everything and 3 more  unknown on both sides: neither is in the cluster
"""
CHANGED = """\
+ shop/web, internet, office -> shop/db  tcp/22  denied, now allowed
+ internet, office -> shop/db  icmp  denied, now unknown
"""
BACK = """\
- shop/web, internet, office -> shop/db  tcp/22  allowed, now denied
- internet, office -> shop/db  icmp  unknown, now denied
"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/manifests.yaml").write_text(MANIFESTS)
    (tmp_path / "policyengine.yaml").write_text("version: 1\nzones: {office: [203.0.113.0/24]}\n")
    return tmp_path


def firewall(*arguments: str, cwd: Path) -> Ended:
    return cli("firewall", *arguments, cwd=cwd)


def test_matrix(here: Path) -> None:
    asked = ("matrix", "shop", "--from", "web", "--from", "office", "--to", "db")
    assert firewall(*asked, cwd=here) == Ended(0, MATRIX, "")
    assert firewall(*asked, "--format", "svg", "--output", "matrix.svg", cwd=here) == Ended(0, "", "")
    assert ElementTree.parse(here / "matrix.svg").getroot().tag == "{http://www.w3.org/2000/svg}svg"


def test_explain(here: Path) -> None:
    asked = ("explain", "shop", "--from", "web", "--to", "db", "--port", "5432")
    assert firewall(*asked, cwd=here) == Ended(0, EXPLAINED, "")
    assert firewall(*asked, "--expect", "denied", cwd=here) == Ended(1, EXPLAINED, "")
    ended = firewall(*asked, "--expect", "allowed", "--format", "json", cwd=here)
    assert (ended.code, json.loads(ended.out)["verdict"], ended.err) == (0, "allowed", "")


RULES = """\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -s 203.0.113.0/24 -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -p icmp -m limit --limit 5/sec -j ACCEPT
COMMIT
"""
REFUSED = """\
denied  198.51.100.77 -> host  tcp/80  (rules.v4)
  witness  NEW tcp 198.51.100.77:40000 -> 203.0.113.10:80  in eth0
  path     rules.v4:2  :INPUT DROP  (drops by policy)
  set      source all of 198.51.100.77; dport 80
"""
HALF_KNOWN = """\
unknown  internet -> host  tcp/80  (rules.v4)
  witness  NEW tcp 198.51.100.77:40000 -> 203.0.113.10:80  in eth0
  path     rules.v4:2  :INPUT DROP  (drops by policy)
  why      the rules of IPv6 are not in rules.v4
  set      source all of internet; dport 80
"""
NOTHING_KNOWN = """\
unknown  internet -> host  (rules.v6)
  reaches  nothing
  why      the rules of IPv4 are not in rules.v6
"""
OF_RULES = """\
From              To                Reaches on    May reach on
----------------  ----------------  ------------  --------------
host              internet, office  everything
internet, office  host              tcp/22        icmp

not known: limit --limit 5/sec (rules.v4:7)
not known: the rules of IPv6 are not in rules.v4
"""


class TestRules:
    """Of a dump, of which nothing is known but its rules."""

    @pytest.fixture(autouse=True)
    def _written(self, here: Path) -> None:
        (here / "rules.v4").write_text(RULES)

    def test_explain(self, here: Path) -> None:
        asked = ("explain", "rules.v4", "--from", "198.51.100.77", "--to", "host", "--port", "tcp/80")
        assert firewall(*asked, cwd=here) == Ended(0, REFUSED, "")

    def test_what_the_rules_of_one_family_deny_may_be_allowed_by_those_of_the_other(self, here: Path) -> None:
        asked = ("--from", "internet", "--to", "host", "--expect", "denied")
        assert firewall("explain", "rules.v4", *asked, "--port", "tcp/80", cwd=here) == Ended(1, HALF_KNOWN, "")
        (here / "rules.v4").rename(here / "rules.v6")
        (here / "rules.v6").write_text("*filter\n:INPUT DROP [0:0]\nCOMMIT\n")
        assert firewall("explain", "rules.v6", *asked, cwd=here) == Ended(1, NOTHING_KNOWN, "")
        (here / "rules.v4").write_text("*filter\n:INPUT DROP [0:0]\nCOMMIT\n")
        assert firewall("explain", "rules.v6", "rules.v4", *asked, "--port", "tcp/80", cwd=here).code == 0

    def test_a_family_that_one_side_alone_has_is_not_compared(self, here: Path) -> None:
        (here / "new.v6").write_text("*filter\n:INPUT DROP [0:0]\nCOMMIT\n")
        ended = firewall("diff", "rules.v4", "new.v6", "--fail-on", "opened", cwd=here)
        assert ended == Ended(
            1,
            "? IPv4: only the old rules, rules.v4, have any of it: not comparable\n"
            "? IPv6: only the new rules, new.v6, have any of it: not comparable\n",
            "",
        )
        told = json.loads(firewall("diff", "rules.v4", "new.v6", "--format", "json", cwd=here).out)["networks"][0]
        assert (told["changes"], told["not_comparable"]) == (
            [],
            [{"family": 4, "only_in": "old"}, {"family": 6, "only_in": "new"}],
        )

    def test_matrix(self, here: Path) -> None:
        assert firewall("matrix", "rules.v4", cwd=here) == Ended(0, OF_RULES, "")

    def test_diff(self, here: Path) -> None:
        (here / "new.v4").write_text(
            RULES.replace("203.0.113.0/24", "203.0.113.0/25").replace(":FORWARD DROP", ":FORWARD ACCEPT")
        )
        assert firewall("diff", "rules.v4", "new.v4", cwd=here) == Ended(
            0,
            "- input IPv4: tcp from 203.0.113.128/25 to port 22, in any but lo  allowed, now denied\n"
            "+ forward IPv4: anything  denied, now allowed\n",
            "",
        )

    @pytest.mark.parametrize(
        ("name", "text", "told"),
        [
            ("rules.v4", "", "rules.v4:1: no table is in it: the dump is empty or cut off"),
            (
                "rules.v4",
                "# Generated by iptables-save\n",
                "rules.v4:1: no table is in it: the dump is empty or cut off",
            ),
            (
                "n.json",
                '{"nftables": [{"metainfo": {"json_schema_version": 1}}]}',
                "n.json: no table is in it, and so nothing tells who reaches whom",
            ),
        ],
    )
    def test_what_has_no_table_has_no_verdict(self, name: str, text: str, told: str, tmp_path: Path) -> None:
        (tmp_path / name).write_text(text)
        assert firewall("matrix", name, cwd=tmp_path) == Ended(2, "", f"error: {told}\n")

    def test_a_dump_that_is_cut_off_has_no_verdict(self, here: Path) -> None:
        (here / "rules.v4").write_text(RULES.removesuffix("COMMIT\n"))
        ended = firewall("explain", "rules.v4", "--from", "internet", "--to", "host", cwd=here)
        assert (ended.code, ended.out) == (2, "")
        assert ended.err == "error: rules.v4:1: table filter is not ended by COMMIT: the dump is cut off\n"


def test_a_zone_of_the_settings(here: Path) -> None:
    ended = firewall("explain", "shop", "--from", "office", "--to", "db", "--port", "22", cwd=here)
    assert (ended.code, ended.out.splitlines()[0]) == (0, "denied  office -> shop/db  tcp/22  (the cluster of shop)")


def test_diff_with_a_revision(here: Path) -> None:
    made(here).commit()
    rule = "    - ports: [{port: 22}]\n      from: [{podSelector: {}}, {ipBlock: {cidr: 203.0.113.0/24}}]\n"
    (here / "shop/manifests.yaml").write_text(MANIFESTS + rule)
    ended = firewall("diff", "HEAD:shop", "shop", cwd=here)
    assert ended == Ended(0, CHANGED + UNSETTLED, "")
    assert firewall("diff", "HEAD:shop", "shop", "--fail-on", "opened", cwd=here) == Ended(1, CHANGED + UNSETTLED, "")
    back = firewall("diff", "shop", "HEAD:./shop", "--fail-on", "opened", cwd=here)
    assert back == Ended(0, BACK + UNSETTLED, "")


WRONG = {
    "no such place": (
        ["explain", "shop", "--from", "wbe", "--to", "db"],
        'error: no place of the cluster of shop is called "wbe" (did you mean "web"?)\n',
    ),
    "no such port": (
        ["explain", "shop", "--from", "web", "--to", "db", "--port", "tpc/22"],
        'error: --port takes tcp/5432, udp/53 or icmp, not "tpc/22" (did you mean "tcp"?)\n',
    ),
    "no such form": (
        ["matrix", "shop", "--format", "tabel"],
        'error: --format takes table, json, dot or svg, not "tabel" (did you mean "table"?)\n',
    ),
    "no such network": (
        ["matrix", "shop", "--in", "shp"],
        'error: no network is called "shp" (there are the cluster of shop)\n',
    ),
    "a source without networks": (
        ["matrix", "policyengine.yaml"],
        "error: policyengine.yaml: not of a known kind",
    ),
    "a malformed source": (
        ["matrix", "broken.yaml", "shop"],
        "error: broken.yaml:2:1: malformed YAML",
    ),
    "no such revision": (["diff", "HEAD:shop", "shop"], "error: "),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_and_nothing_else(name: str, here: Path) -> None:
    (here / "broken.yaml").write_text("services: {a: [\n")
    arguments, error = WRONG[name]
    ended = firewall(*arguments, cwd=here)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(error)
