"""The live rules of a host: of a network namespace of the test's own, and as programs that fail tell them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from policyengine.connections import host_firewall
from policyengine.connections.host_firewall import LiveFirewall, Saved, live_firewall
from policyengine.errors import SourceError
from tests.live.conftest import missing
from tests.running import variables

if TYPE_CHECKING:
    from pathlib import Path

PROGRAMS = ("nft", "iptables-nft", "iptables-legacy", "ip6tables-nft", "ipset", "ip", "unshare")

SET_UP = """
ip link set lo up
nft 'add table inet filter; add chain inet filter input { type filter hook input priority 0; }'
nft 'add rule inet filter input tcp dport 1 accept'
nft 'add table ip nat; add chain ip nat mine; add rule ip nat mine tcp dport 2 accept'
ipset create admins hash:ip
ipset add admins 10.0.0.1
iptables-nft -A INPUT -m set --match-set admins src -m comment --comment three -j ACCEPT
ip6tables-nft -A FORWARD -m comment --comment four -j DROP
iptables-legacy -A INPUT -p tcp --dport 5 -j DROP
"""

READ = """
import sys, msgspec
from policyengine.connections.host_firewall import live_firewall
sys.stdout.buffer.write(msgspec.json.encode(live_firewall()))
"""


@pytest.fixture(scope="module")
def found() -> LiveFirewall:
    """What is told in a namespace of its own, with a table of each program."""
    import msgspec

    absent = [name for name in PROGRAMS if shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin") is None]
    if absent:
        missing(f"there is no {', '.join(absent)}")
    if os.geteuid() != 0:
        missing("a network namespace is root's to make")
    script = f"set -e\n{SET_UP}\nexec '{sys.executable}' -c '{READ}'"
    env = variables(PATH=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    ended = subprocess.run(["unshare", "--net", "sh", "-c", script], env=env, capture_output=True, check=False)
    if ended.returncode:
        missing(f"a network namespace has no firewall of its own: {ended.stderr.decode()}")
    return msgspec.json.decode(ended.stdout, type=LiveFirewall)


def lines(saved: Saved) -> list[str]:
    """A dump without comments and counters."""
    return [line.partition(" [")[0] for line in saved.text.splitlines() if not line.startswith("#")]


@pytest.mark.live
class TestLive:
    def test_each_table_is_told_by_the_program_that_knows_it(self, found: LiveFirewall) -> None:
        objects = json.loads(found.nft)["nftables"]
        tables = [(one["table"]["family"], one["table"]["name"]) for one in objects if "table" in one]
        assert tables == [("inet", "filter"), ("ip", "nat")]
        assert {one["rule"]["table"] for one in objects if "rule" in one} == {"filter", "nat"}
        assert [one.name for one in found.saved] == [
            "iptables-nft-save/filter",
            "ip6tables-nft-save/filter",
            "iptables-legacy-save",
        ]

    def test_the_rules_of_iptables(self, found: LiveFirewall) -> None:
        chains = ["*filter", ":INPUT ACCEPT", ":FORWARD ACCEPT", ":OUTPUT ACCEPT"]
        rules = [
            "-A INPUT -m set --match-set admins src -m comment --comment three -j ACCEPT",
            "-A FORWARD -m comment --comment four -j DROP",
            "-A INPUT -p tcp -m tcp --dport 5 -j DROP",
        ]
        assert [lines(one) for one in found.saved] == [[*chains, rule, "COMMIT"] for rule in rules]

    def test_the_sets_that_rules_name(self, found: LiveFirewall) -> None:
        assert found.sets.splitlines()[1:] == ["add admins 10.0.0.1"]

    def test_what_the_host_knows_of_the_network(self, found: LiveFirewall) -> None:
        assert [one["ifname"] for one in json.loads(found.interfaces)] == ["lo"]
        assert json.loads(found.routes) == json.loads(found.routes6) == []
        assert {one["table"] for one in json.loads(found.rules)} == {"local", "main", "default"}


NFT = '{"nftables": []}'
OPAQUE = {"expr": [{"xt": {"type": "match", "name": "comment"}}, {"accept": None}]}


class Bench:
    """Programs that say what they are told to, and no others."""

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._place = tmp_path
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setattr(host_firewall, "_SBIN", ())
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        monkeypatch.setattr(host_firewall, "_legacy", lambda _: [])
        self.program("nft", NFT)
        self.program("ip", "[]")

    def program(self, name: str, says: str, code: int = 0, complains: str = "") -> None:
        """A program of that name."""
        file = self._place / name
        told = f"cat <<'END'\n{says}\nEND\n" if says else ""
        file.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{told}echo '{complains}' >&2\nexit {code}\n")
        file.chmod(0o755)

    def opaque(self, family: str, table: str) -> None:
        """Have nft tell a table with a rule that it does not understand."""
        objects = [{"table": {"family": family, "name": table}}, {"rule": {"family": family, "table": table, **OPAQUE}}]
        self.program("nft", json.dumps({"nftables": objects}))

    def refused(self) -> str:
        """The error of reading."""
        with pytest.raises(SourceError) as raised:
            live_firewall()
        return str(raised.value)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(tmp_path, monkeypatch)


class TestRefused:
    def test_anybody_but_root(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        assert bench.refused() == "host://: the rules of a host are root's to read (run it with sudo)"

    @pytest.mark.parametrize(("program", "package"), [("nft", "nftables"), ("ip", "iproute2")])
    def test_a_missing_program(self, bench: Bench, tmp_path: Path, program: str, package: str) -> None:
        (tmp_path / program).unlink()
        assert bench.refused() == f"host://: there is no {program} command (install it (Debian: {package}))"

    def test_a_missing_program_of_iptables_where_there_are_rules_of_it(self, bench: Bench) -> None:
        bench.opaque("ip6", "filter")
        assert bench.refused() == "host://: there is no ip6tables-nft-save command (install it (Debian: iptables))"

    def test_a_missing_ipset_where_rules_name_sets(self, bench: Bench) -> None:
        bench.opaque("ip", "filter")
        bench.program("iptables-nft-save", "*filter\n-A INPUT -m set --match-set admins src -j ACCEPT\nCOMMIT")
        assert bench.refused() == "host://: there is no ipset command (install it (Debian: ipset))"

    def test_a_table_that_no_program_tells(self, bench: Bench) -> None:
        bench.opaque("inet", "mine")
        assert bench.refused() == (
            "host://: the rules of table inet mine have parts of iptables' that no program tells "
            "(nft list ruleset shows them as xt)"
        )

    def test_a_table_of_both_programs(self, bench: Bench) -> None:
        bench.opaque("ip", "filter")
        bench.program("iptables-nft-save", "# Table `filter' contains incompatible base-chains, use 'nft' tool")
        assert bench.refused() == (
            "host://: table ip filter is both iptables' and nft's, and neither program tells all of it "
            "(give rules of nft a table of their own)"
        )

    def test_a_program_that_fails(self, bench: Bench) -> None:
        bench.program("ip", "", 1, "Cannot open netlink socket")
        assert bench.refused() == "host://: ip -j address failed: Cannot open netlink socket"

    @pytest.mark.parametrize("says", ["table inet filter {}", "[]", '{"nftables": 1}', '{"nftables": [1]}'])
    def test_an_nft_that_does_not_speak_json(self, bench: Bench, says: str) -> None:
        bench.program("nft", says)
        assert bench.refused() == ("host://: nft -j list ruleset does not answer in JSON (nft 0.9.1 and later do)")


def test_without_rules_of_iptables_its_programs_are_not_needed(bench: Bench) -> None:
    assert bench
    assert live_firewall() == LiveFirewall(NFT, (), "", *["[]\n"] * 5)


class TestLegacy:
    def test_the_one_program_of_old(self, bench: Bench) -> None:
        bench.program("iptables-save", "iptables-save v1.6.1")
        assert host_firewall._legacy_program("iptables") == "iptables-save"

    def test_the_new_program_does_not_tell_of_the_older_backend(self, bench: Bench) -> None:
        bench.program("iptables-save", "iptables-save v1.8.9 (nf_tables)")
        with pytest.raises(SourceError, match="there is no iptables-legacy-save command"):
            host_firewall._legacy_program("iptables")

    def test_the_program_of_its_own_is_asked_first(self, bench: Bench) -> None:
        bench.program("iptables-save", "iptables-save v1.8.9 (legacy)")
        bench.program("iptables-legacy-save", "iptables-save v1.8.9 (legacy)")
        assert host_firewall._legacy_program("iptables") == "iptables-legacy-save"
