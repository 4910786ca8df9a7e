"""What ``ipset save`` prints is read as sets; what ipset would refuse is refused with its line."""

from __future__ import annotations

import os
import subprocess
from shutil import which

import pytest

from policyengine.commands.firewall.places import by_address
from policyengine.errors import DocumentError
from policyengine.firewall import dumps
from policyengine.firewall.addresses import first_and_last
from policyengine.firewall.host_network import HostNetwork
from policyengine.firewall.intervals import contains
from policyengine.firewall.ipset import read
from policyengine.firewall.rules import Atom, Condition, Interface, Numbers
from policyengine.firewall.sets import AddressSet, alternatives
from policyengine.firewall.written import Written

_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


def numbers(field: str, *texts: str) -> Numbers:
    return Numbers(field, tuple(first_and_last(text, 4) for text in texts))  # type: ignore[arg-type]


TCP, UDP, GRE = (Numbers("protocol", ((number, number),)) for number in (6, 17, 47))
EITHER = Numbers("protocol", ((6, 6), (17, 17)))

MATCHES: dict[str, tuple[str, tuple[tuple[Condition, ...], ...]]] = {
    "create x hash:ip netmask 24 hashsize 64\nadd x 198.51.100.0\n": (
        "src",
        ((numbers("source", "198.51.100.0/24"),),),
    ),
    "create x bitmap:ip range 198.51.0.0/16 netmask 24\nadd x 198.51.100.0-198.51.101.0\n": (
        "src",
        ((numbers("source", "198.51.100.0/23"),),),
    ),
    'create x hash:net comment\nadd x 198.51.0.0/16 comment "nomatch"\n': (
        "src",
        ((numbers("source", "198.51.0.0/16"),),),
    ),
    "create x hash:net timeout 0 counters comment\nadd x 10.0.0.0/8 timeout 0 packets 1 bytes 2\n"
    'add x 10.128.0.0/9 nomatch comment "wildcard"\n': (
        "dst",
        ((numbers("destination", "10.0.0.0/9"),),),
    ),
    "create x hash:net,iface\nadd x 198.51.100.0/24,eth wildcard\n": (
        "src,src",
        ((numbers("source", "198.51.100.0/24"), Interface("in", ("eth*",))),),
    ),
    "create x hash:ip,port\nadd x 203.0.113.10,53 -exist\n": (
        "dst,dst",
        ((numbers("destination", "203.0.113.10"), TCP, Numbers("dport", ((53, 53),))),),
    ),
    "create x hash:ip,port\nadd x 203.0.113.10,udp:53-54\n": (
        "dst,dst",
        ((numbers("destination", "203.0.113.10"), UDP, Numbers("dport", ((53, 54),))),),
    ),
    "create x hash:ip,port\nadd x 203.0.113.10,gre:0\n": (
        "dst,dst",
        ((numbers("destination", "203.0.113.10"), GRE, Numbers("dport", ((0, 65535),))),),
    ),
    "create x bitmap:port range 0-1023\nadd x tcp:53\n": ("dst", ((EITHER, Numbers("dport", ((53, 53),))),)),
}


@pytest.mark.parametrize("text", MATCHES)
def test_what_is_in_a_set(text: str) -> None:
    sides, expected = MATCHES[text]
    assert alternatives(read(text, "sets")["x"], "x", sides.split(","), negated=False, family=4) == expected


FLEETING = "create x hash:net timeout 300\nadd x 10.0.0.0/9 timeout 0\nadd x 10.0.0.0/8\nadd x 192.0.2.7 timeout 9\n"


def test_an_entry_with_a_timeout_is_there_for_as_long_as_that_lasts() -> None:
    one = read(FLEETING, "sets")["x"]
    still = "set x src, for as long as its entries do not time out"
    assert alternatives(one, "x", ["src"], negated=False, family=4) == (
        (numbers("source", "10.0.0.0/9"),),
        (numbers("source", "10.0.0.0/8", "192.0.2.7"), Atom(still)),
    )
    surely, perhaps = alternatives(one, "x", ["src"], negated=True, family=4)
    assert (len(surely), perhaps[1:]) == (1, (Atom(still, negated=True),))
    for address, member in (
        ("10.0.0.1", "yes"),
        ("10.200.0.1", "perhaps"),
        ("192.0.2.7", "perhaps"),
        ("8.8.8.8", "no"),
    ):
        (number, _) = first_and_last(address, 4)
        out = [contains(case[0].values, number) for case in (surely, perhaps)]  # type: ignore[union-attr]
        assert out == {"yes": [False, False], "perhaps": [False, True], "no": [True, True]}[member]


def test_where_entries_with_timeouts_make_others_count_or_not_the_set_is_unknown() -> None:
    for text, sides in (
        ("create x hash:net timeout 0\nadd x 10.0.0.0/8\nadd x 10.1.0.0/16 timeout 5 nomatch\n", "src"),
        ("create x hash:net,iface timeout 9\nadd x 10.0.0.0/8,eth0\n", "src,src"),
    ):
        found = alternatives(read(text, "sets")["x"], "x", sides.split(","), negated=False, family=4)
        assert found == ((Atom(f"set x {sides}"),),)


@pytest.mark.parametrize("policy", ["ACCEPT", "DROP"])
def test_rules_are_judged_for_as_long_as_entries_last_and_after(policy: str) -> None:
    rules = f"*filter\n:INPUT {policy} [0:0]\n-A INPUT -m set --match-set x src -j DROP\nCOMMIT\n"
    network = HostNetwork("r", dumps.read([Written("r", rules), Written("sets", FLEETING)]))
    for address, then in (("10.0.0.1", "denied"), ("192.0.2.7", "unknown"), ("8.8.8.8", "allowed")):
        place = by_address(address)
        assert place is not None
        found = network.explain(place, network.own, "tcp", 22)
        assert found.verdict == (then if policy == "ACCEPT" else "denied")
        if found.verdict == "unknown":
            assert found.why == "set x src, for as long as its entries do not time out"


UNKNOWN = [
    "create x hash:ip bitmask 255.255.0.255\nadd x 198.51.0.1\n",
    "create x hash:ip,port netmask 24\nadd x 198.51.100.0,tcp:80\n",
    "create x hash:net,iface\nadd x 10.0.0.0/8,eth1\nadd x 10.1.0.0/16,physdev:eth0\n",
    "create x list:set size 8\nadd x other\n",
]


@pytest.mark.parametrize("text", UNKNOWN)
def test_what_is_not_modelled_makes_all_matches_unknown(text: str) -> None:
    assert not read(text, "sets")["x"].modelled


WRONG = {
    "create x hash:net\nadd x 10.0.0.0/8 nomach\n": 'sets:2: "nomach" is no option of ipset',
    "create x hash:net netmsk 24\n": 'sets:1: "netmsk" is no option of ipset',
    "create x hash:net comment\nadd x 10.0.0.0/8 comment\n": "sets:2: the value of comment is missing",
    "create x hash:ip netmask 255.255.255.0\n": 'sets:1: "255.255.255.0" is no netmask',
    "create x hash:ip,port\nadd x 10.0.0.1,icmp:foo\n": 'sets:2: there is no type "foo" of ICMP',
    "create x hash:ip,port\nadd x 10.0.0.1,icmp:8\n": 'sets:2: there is no type "8" of ICMP',
    "create x hash:ip,port\nadd x 10.0.0.1\n": 'sets:2: "10.0.0.1" is no entry of a set of ip,port',
    "create x hash:ip\nadd x\n": "sets:2: an entry is missing",
    "create x hash:frob\n": 'sets:1: there is no type "hash:frob" of sets',
    "add x 10.0.0.1\n": 'sets:1: there is no set "x"',
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_told_with_its_line(text: str) -> None:
    with pytest.raises(DocumentError) as error:
        read(text, "sets")
    assert str(error.value) == WRONG[text]


def saved(text: str) -> str:
    """What ``ipset save`` prints when it has been told this, in a network namespace that ends with it."""
    reason = None if which("ipset", path=_PATH) else "ipset is not installed"
    if reason is None and subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False).returncode:
        reason = "network namespaces need root"
    if reason and os.environ.get("POLICYENGINE_REQUIRE_LIVE") == "1":
        pytest.fail(f"POLICYENGINE_REQUIRE_LIVE=1, but {reason}", pytrace=False)
    if reason:
        pytest.skip(reason)
    command = ["unshare", "--net", "sh", "-c", "ipset restore && ipset save"]
    ended = subprocess.run(
        command, input=text, env={"PATH": _PATH}, capture_output=True, text=True, check=False, timeout=300
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def told(sets: dict[str, AddressSet]) -> object:
    """What is in a set, in whatever order its entries are listed."""
    return {name: (one.modelled, alternatives(one, "x", _SIDES, False, 4)) for name, one in sets.items()}


_SIDES = ["dst", "dst", "dst"]


@pytest.mark.live
@pytest.mark.parametrize("text", [text for text in [*MATCHES, *UNKNOWN] if "list:set" not in text])
def test_ipset_keeps_what_it_is_told_as_it_is_read(text: str) -> None:
    assert told(read(saved(text), "saved")) == told(read(text, "told"))


@pytest.mark.live
@pytest.mark.parametrize("text", [text for text in WRONG if "frob" not in text])
def test_ipset_refuses_what_is_refused(text: str) -> None:
    with pytest.raises(AssertionError, match="ipset"):
        saved(text)
