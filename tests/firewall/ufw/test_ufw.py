"""ufw's files, and the tables that ``ufw enable`` loads of them."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

import pytest

from policyengine.errors import DocumentError
from policyengine.firewall import iptables, ufw
from policyengine.firewall.rules import Atom
from policyengine.firewall.written import Written
from tests.firewall.nft.rendering import shown

if TYPE_CHECKING:
    from policyengine.firewall.rules import Family, Rule, Table

CONF = "# ufw\nENABLED=yes\nLOGLEVEL=low\n"
BEFORE = """*filter
:ufw-before-input - [0:0]
:ufw-mine - [0:0]
-A ufw-before-input -i lo -j ACCEPT
-A ufw-before-input -p icmp -j ufw-mine
-A ufw-mine -m limit --limit 3/min -j DROP
COMMIT
*nat
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -s 10.0.0.0/8 -o eth0 -j MASQUERADE
COMMIT
"""
USER = """*filter
:ufw-user-input - [0:0]
### RULES ###
-A ufw-user-input -p tcp --dport 22 -j ACCEPT
-I ufw-user-input -p tcp --dport 23 -j DROP
COMMIT
"""


def files(**texts: str) -> dict[str, Written]:
    given = {"ufw.conf": CONF, "before.rules": BEFORE, "user.rules": USER}
    given |= {name.replace("_", "."): text for name, text in texts.items()}
    return {name: Written(f"ufw/{name}", text) for name, text in given.items()}


def told(tables: tuple[Table, ...]) -> list[str]:
    found = []
    for table in tables:
        for chain in table.chains:
            head = f" {chain.hook} {chain.policy}" if chain.hook else ""
            found += [f"{table.name}{table.families[0]} {chain.name}{head}"] if chain.rules or head else []
            found += [f"  {rule.where}  {shown(rule)}" for rule in chain.rules]
    return found


def test_files_make_the_tables_that_are_loaded() -> None:
    given = files(default='IPV6=no\nDEFAULT_INPUT_POLICY="REJECT"\nDEFAULT_FORWARD_POLICY=DROP\n')
    calls = ("before-logging", "before", "after", "after-logging", "reject", "track")
    expected = [
        "filter4 INPUT input drop",
        *(f"  ufw/ufw.conf:1  all -> jump ufw-{part}-input" for part in calls),
        "filter4 ufw-before-input",
        "  ufw/before.rules:4  in=lo -> accept",
        "  ufw/before.rules:5  protocol=1 -> jump ufw-mine",
        "  ufw/ufw.conf:1  all -> jump ufw-user-input",
        "filter4 ufw-reject-input",
        "  ufw/default:2  all -> reject",
        "filter4 ufw-user-input",
        "  ufw/user.rules:5  protocol=6 & dport=23 -> drop",
        "  ufw/user.rules:4  protocol=6 & dport=22 -> accept",
        "filter4 ufw-skip-to-policy-input",
        "  ufw/default:2  all -> reject",
        "filter4 OUTPUT output accept",
        *(f"  ufw/ufw.conf:1  all -> jump ufw-{part}-output" for part in calls),
        "filter4 ufw-before-output",
        "  ufw/ufw.conf:1  all -> jump ufw-user-output",
        "filter4 ufw-track-output",
        "  ufw/ufw.conf:1  protocol=6 & state=0 -> accept",
        "  ufw/ufw.conf:1  protocol=17 & state=0 -> accept",
        "filter4 ufw-skip-to-policy-output",
        "  ufw/ufw.conf:1  all -> accept",
        "filter4 FORWARD forward drop",
        *(f"  ufw/ufw.conf:1  all -> jump ufw-{part}-forward" for part in calls),
        "filter4 ufw-before-forward",
        "  ufw/ufw.conf:1  all -> jump ufw-user-forward",
        "filter4 ufw-skip-to-policy-forward",
        "  ufw/default:3  all -> drop",
        "filter4 ufw-mine",
        "  ufw/before.rules:6  <limit --limit 3/min (ufw/before.rules:6)> -> drop",
        "nat4 POSTROUTING postrouting accept",
        "  ufw/before.rules:10  source=167772160-184549375 & out=eth0 -> masquerade",
        "filter6 INPUT input drop",
        "  ufw/default:1  in=lo -> accept",
        "filter6 FORWARD forward drop",
        "filter6 OUTPUT output drop",
        "  ufw/default:1  out=lo -> accept",
    ]
    assert told(ufw.read(given)) == expected


def test_a_policy_stands_where_it_is_set() -> None:
    (table, *_) = ufw.read(files(default="DEFAULT_INPUT_POLICY=ACCEPT\n"))
    places = {chain.name: str(chain.where) for chain in table.chains if chain.hook}
    assert places == {"INPUT": "ufw/default:1", "OUTPUT": "ufw/ufw.conf:1", "FORWARD": "ufw/ufw.conf:1"}


STOCK = """*filter
:ufw-after-input - [0:0]
-A ufw-after-input -p udp --dport 137 -j ufw-skip-to-policy-input
-A ufw-before-input -m conntrack --ctstate INVALID -j ufw-logging-deny
-A ufw-user-limit -j ufw-user-limit-accept
-A ufw-user-logging-input -j ufw-logging-allow
COMMIT
"""


def test_files_may_call_the_chains_that_ufw_sets_up() -> None:
    assert ufw.read(files(after_rules=STOCK))


@pytest.mark.parametrize("conf", ["ENABLED=no", "ENABLED=", "", "# ENABLED=yes", "ENABLED=yes\nENABLED=no"])
def test_what_is_not_enabled_loads_nothing(conf: str) -> None:
    assert ufw.read(files(ufw_conf=conf)) == ()


def test_both_families_are_loaded_where_nothing_else_is_said() -> None:
    assert [table.families for table in ufw.read(files())] == [(4,), (4,), (6,)]


WRONG = {
    "before_rules": {
        "-A x -j ACCEPT": "ufw/before.rules:1: a rule outside of a table",
        "*filter\n:c - [0:0]\n": "ufw/before.rules:2: a table that COMMIT does not end: the file is cut off",
        "*filter\n\n-A gone -j ACCEPT\nCOMMIT": 'ufw/before.rules:3: there is no chain "gone" in table filter',
    },
    "user_rules": {
        "*filter\n-A ufw-user-input -j ACCEPT\r\nCOMMIT\n": (
            "ufw/user.rules:2: the line ends in CR LF: iptables-restore takes the CR for a part of it"
            " (save it with the ends of lines that Unix has, as dos2unix does)"
        ),
    },
    "default": {
        "\nDEFAULT_INPUT_POLICY=LET": 'ufw/default:2: DEFAULT_INPUT_POLICY is "LET", which is no policy',
    },
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in WRONG.items() for text in texts])
def test_what_cannot_be_loaded_says_where(name: str, text: str) -> None:
    with pytest.raises(DocumentError) as error:
        ufw.read(files(**{name: text}))
    assert str(error.value) == WRONG[name][text]


ENABLE = """
mount --bind {files}/ufw /etc/ufw && mount --bind {files}/default /etc/default/ufw || exit 9
ip link set lo up
ufw allow 22/tcp && ufw allow from 10.0.0.0/8 to any port 5432 proto tcp && ufw limit 2222/tcp &&
ufw deny 25 && ufw reject from {address} && ufw default reject incoming &&
ufw route allow in on eth0 out on eth1 to 10.1.1.1 port 80 proto tcp && ufw --force enable || exit 9
iptables-save >{files}/4 && ip6tables-save >{files}/6
"""


@pytest.mark.parametrize(("ipv6", "address"), [("yes", "2001:db8::/32"), ("no", "192.0.2.0/24")])
def test_ufw_loads_the_same(ipv6: str, address: str, tmp_path: Path) -> None:
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    missing = which("ufw", path=path) is None or os.geteuid() != 0
    if missing and os.environ.get("POLICYENGINE_REQUIRE_LIVE") == "1":
        pytest.fail("POLICYENGINE_REQUIRE_LIVE=1, but ufw is not installed, or this is not root", pytrace=False)
    if missing:
        pytest.skip("ufw is not installed, or this is not root")
    subprocess.run(["cp", "-r", "/etc/ufw", tmp_path / "ufw"], check=True)
    defaults = Path("/etc/default/ufw").read_text()
    (tmp_path / "default").write_text(re.sub(r"(?m)^IPV6=.*$", f"IPV6={ipv6}", defaults))
    command = [
        "unshare",
        "--net",
        "--mount",
        "--propagation",
        "private",
        "sh",
        "-c",
        ENABLE.format(files=tmp_path, address=address),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "PATH": path})
    assert done.returncode == 0, done.stdout + done.stderr
    given = {name: _written(tmp_path / "ufw" / name) for name in ufw.FILES if name != "default"}
    found = ufw.read({**given, "default": _written(tmp_path / "default")})
    for family in (4, 6):
        ours = _comparable(found, family)
        theirs = _comparable(iptables.read((tmp_path / str(family)).read_text(), "dump", family), family)
        assert ours == theirs


def _written(path: Path) -> Written:
    return Written(str(path), path.read_text())


def _comparable(tables: tuple[Table, ...], family: Family) -> dict[str, object]:
    """Chains as what they do: the order of conditions and the words of what is not modelled left aside."""
    return {
        f"{table.name} {chain.name}": (chain.hook, chain.policy, [_alike(rule) for rule in chain.rules])
        for table in tables
        for chain in table.chains
        if table.families == (family,)
    }


def _alike(rule: Rule) -> object:
    cases = {frozenset(one.name.split()[0] if isinstance(one, Atom) else one for one in case) for case in rule.any_of}
    return cases, rule.action
