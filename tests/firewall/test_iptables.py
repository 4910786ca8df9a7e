"""What iptables-save prints is read as rules; what iptables-restore would refuse is refused with its line."""

from __future__ import annotations

import pytest

from policyengine.errors import DocumentError
from policyengine.firewall.addresses import first_and_last
from policyengine.firewall.ipset import read as read_sets
from policyengine.firewall.iptables import changed_sets, read
from policyengine.firewall.rules import (
    NO_CARD,
    Action,
    AddressType,
    Atom,
    Call,
    Condition,
    Family,
    Interface,
    Numbers,
    Return,
    Stop,
    Translate,
    Unknown,
    Untrack,
)

TEN = Numbers("source", (first_and_last("10.0.0.0/8", 4),))
TCP = Numbers("protocol", ((6, 6),))
TRACKED = Numbers("state", ((0, 2),))
ICMP = Numbers("protocol", ((1, 1), (58, 58)))
NO_ICMP = Numbers("protocol", ((0, 0), (2, 57), (59, 255)))
UNTRACKED = Numbers("state", ((3, 4),))
UDP = Numbers("protocol", ((17, 17),))


def table(rule: str, name: str = "filter", chain: str = "FORWARD") -> str:
    return f"*{name}\n:{chain} ACCEPT [0:0]\n:OTHER - [0:0]\n[3:180] -A {chain} {rule}\nCOMMIT\n"


MATCHES: dict[str, tuple[tuple[Condition, ...], ...]] = {
    "-s 10.0.0.0/8 -j ACCEPT": ((TEN,),),
    "-s 10.0.0.0/255.0.0.0 -j ACCEPT": ((TEN,),),
    "! -s 0.0.0.0/1 -j ACCEPT": ((Numbers("source", ((1 << 31, (1 << 32) - 1),)),),),
    "-s ! 0.0.0.0/1 -j ACCEPT": ((Numbers("source", ((1 << 31, (1 << 32) - 1),)),),),
    "-s 0.0.0.0/0 -p all -i + -j ACCEPT": ((),),
    # As iptables 1.8.9 loads it, and prints it then: base 0, and the end of an address left away.
    "-s 10/8 -j ACCEPT": ((TEN,),),
    "-s 10.0/010 -j ACCEPT": ((TEN,),),
    "-s 012.0.0.0/0x8 -j ACCEPT": ((TEN,),),
    "-s 10.0.0.0/255.0.0.00 -j ACCEPT": ((TEN,),),
    "-s 0/0 -p 06 -j ACCEPT": ((TCP,),),
    "-p 010 -j ACCEPT": ((Numbers("protocol", ((8, 8),)),),),
    "-p icmp -m icmp --icmp-type 010 -j ACCEPT": ((Numbers("protocol", ((1, 1),)), Numbers("icmp", ((2048, 2303),))),),
    "-m iprange --src-range 10-10.255.255.255 -j ACCEPT": ((TEN,),),
    # A name may end so, and is then no pattern.
    "-i eth* -j ACCEPT": ((Atom("in by an interface that is just called eth*"),),),
    "! -o eth* -j ACCEPT": ((Atom("out by an interface that is just called eth*", negated=True),),),
    "-i eth+ ! -o lo -j ACCEPT": ((Interface("in", ("eth*",)), Interface("out", ("lo",), negated=True)),),
    "-p tcp -m tcp --dport 1024: -j ACCEPT": ((TCP, Numbers("dport", ((1024, 65535),))),),
    "-p tcp -m multiport --dports 22,80:81 -j ACCEPT": ((TCP, Numbers("dport", ((22, 22), (80, 81)))),),
    "-p udp -m multiport --ports 53 -j ACCEPT": (
        (UDP, Numbers("sport", ((53, 53),))),
        (UDP, Numbers("dport", ((53, 53),))),
    ),
    "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT": (
        (TCP, Numbers("flags", ((2, 2), (10, 10), (34, 34), (42, 42)))),
    ),
    "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT": ((Numbers("state", ((1, 2),)),),),
    "-m state ! --state INVALID -j ACCEPT": ((Numbers("state", ((0, 2), (4, 4))),),),
    "-m conntrack --ctstate NEW,DNAT -j ACCEPT": (
        (Numbers("state", ((0, 0),)),),
        (Numbers("nat", ((1, 1), (3, 3))),),
    ),
    # Only packets of a connection have such a port; of ICMP type and code stand for it.
    "-m conntrack --ctorigdstport 8080 -j ACCEPT": (
        (Numbers("odport", ((8080, 8080),)), Numbers("protocol", ((0, 0), (2, 255))), TRACKED),
        (Numbers("protocol", ((1, 1),)), Numbers("icmp", ((8080, 8080),)), TRACKED),
    ),
    "-p icmp -m icmp --icmp-type 8 -j ACCEPT": ((Numbers("protocol", ((1, 1),)), Numbers("icmp", ((2048, 2303),))),),
    "-p icmp -m icmp --icmp-type 3/4 -j ACCEPT": ((Numbers("protocol", ((1, 1),)), Numbers("icmp", ((772, 772),))),),
    "-m iprange --src-range 10.0.0.1-10.0.0.9 -j ACCEPT": (
        (Numbers("source", ((first_and_last("10.0.0.1", 4)[0], first_and_last("10.0.0.9", 4)[0]),)),),
    ),
    "-m addrtype --dst-type LOCAL,BROADCAST -j ACCEPT": (
        (AddressType("destination", "local"),),
        (AddressType("destination", "broadcast"),),
    ),
    '-m comment --comment "a \\"quoted\\" -j DROP" -j ACCEPT': ((),),
    "-m mac ! --mac-source 02:00:00:00:00:01 -j ACCEPT": (
        (Numbers("card", ((0, 0x020000000000), (0x020000000002, NO_CARD - 1))),),
    ),
    "-m mac --mac-source 2:0:0:0:0:FF -j ACCEPT": ((Numbers("card", ((0x0200000000FF, 0x0200000000FF),)),),),
    "-m mac --mac-source XX:XX:XX:XX:XX:XX -j ACCEPT": ((Atom("mac --mac-source XX:XX:XX:XX:XX:XX"),),),
    "-m limit --limit 3/min --limit-burst 10 -j ACCEPT": ((Atom("limit --limit 3/min --limit-burst 10 (r:4)"),),),
    '-m string --string "-j" --algo bm -j ACCEPT': ((Atom('string --string "-j" --algo bm'),),),
    # Each -m is one unknown with all its options, as they are written: --to is for the one that it stands with.
    "-m string --string A1A1 --algo bm -m string --string B2B2 --algo bm --to 60 -j ACCEPT": (
        (Atom("string --string A1A1 --algo bm"), Atom("string --string B2B2 --algo bm --to 60")),
    ),
    "-m policy --dir in --pol ipsec -m policy --dir out --pol none -j ACCEPT": (
        (Atom("policy --dir in --pol ipsec"), Atom("policy --dir out --pol none")),
    ),
    "-m policy --dir in --pol ipsec --proto esp -p tcp -j ACCEPT": (
        (TCP, Atom("policy --dir in --pol ipsec --proto esp")),
    ),
    "-m string ! --string A1A1 --algo bm -j ACCEPT": ((Atom("string ! --string A1A1 --algo bm"),),),
    '-m string --string "A --to 60" --algo bm -j ACCEPT': ((Atom('string --string "A --to 60" --algo bm'),),),
    "-m length ! --length 0:100 -j ACCEPT": ((Atom("length --length 0:100", negated=True),),),
    "-m cgroup ! --cgroup 1 -j ACCEPT": ((Atom("cgroup ! --cgroup 1"),),),  # of no socket neither is true
    "-m length -j ACCEPT --length 0:100": ((Atom("length --length 0:100"),),),
    "-m addrtype ! --dst-type LOCAL --limit-iface-in -j ACCEPT": (
        (Atom("addrtype ! --dst-type LOCAL --limit-iface-in (r:4)"),),
    ),
    "-m addrtype --src-type UNICAST --dst-type LOCAL --limit-iface-out -j ACCEPT": (
        (Atom("addrtype --src-type UNICAST --dst-type LOCAL --limit-iface-out (r:4)"),),
    ),
    "-m set --match-set lan src --return-nomatch -j ACCEPT": (
        (Atom("set --match-set lan src --return-nomatch (r:4)"),),
    ),
    "-m set ! --match-set lan src --packets-gt 5 -m set --match-set other dst -j ACCEPT": (
        (Atom("set other dst"), Atom("set ! --match-set lan src --packets-gt 5 (r:4)")),
    ),
    "-m set --match-set lan src ! --update-counters -j ACCEPT": (
        (Atom("set --match-set lan src ! --update-counters (r:4)"),),
    ),
    "-p tcp -m tcp ! --tcp-option 5 --dport 22 -j ACCEPT": (
        (TCP, Atom("tcp --tcp-option 5", negated=True), Numbers("dport", ((22, 22),))),
    ),
    # What is asked of a connection is false, negated or not, of a packet that is of none.
    "-m conntrack --ctstate NEW ! --ctstatus ASSURED -j ACCEPT": (
        (Numbers("state", ((0, 0),)), Atom("conntrack --ctstatus ASSURED", negated=True), TRACKED),
        (Numbers("state", ((0, 0),)), UNTRACKED),
    ),
    # Beside a state all else is asked of a connection only: where there is none it holds.
    "-m conntrack --ctproto 17 --ctstate INVALID,NEW -j ACCEPT": (
        (UDP, TRACKED, Numbers("state", ((0, 0), (3, 3)))),
        (UNTRACKED, Numbers("state", ((0, 0), (3, 3)))),
    ),
    "-m conntrack --ctproto 17 -m conntrack --ctstate NEW -j ACCEPT": ((UDP, TRACKED, Numbers("state", ((0, 0),))),),
    # What is new, or begins what is related, is of the original direction; of what is established nobody knows.
    "-m conntrack --ctdir original -j ACCEPT": (
        (Numbers("state", ((0, 0),)),),
        (Numbers("state", ((2, 2),)), NO_ICMP),
        (Numbers("state", ((1, 1),)), Atom("conntrack --ctdir ORIGINAL")),
        (Numbers("state", ((2, 2),)), ICMP, Atom("conntrack --ctdir ORIGINAL")),
    ),
    "-m conntrack --ctdir REPLY -j ACCEPT": (
        (Numbers("state", ((1, 1),)), Atom("conntrack --ctdir ORIGINAL", negated=True)),
        (Numbers("state", ((2, 2),)), ICMP, Atom("conntrack --ctdir ORIGINAL", negated=True)),
    ),
    "-m conntrack --ctrepldst 10.0.0.1 -j ACCEPT": ((Atom("conntrack --ctrepldst 10.0.0.1 (r:4)"), TRACKED),),
    "-m set --match-set unheard src -j ACCEPT": ((Atom("set unheard src"),),),
    "-f -j ACCEPT": ((Atom("fragment"),),),
}


@pytest.mark.parametrize("rule", MATCHES)
def test_matches(rule: str) -> None:
    (found,) = read(table(rule), "r", 4)
    (one,) = found.chains[0].rules
    assert (one.any_of, one.action, one.text, one.where.line) == (
        MATCHES[rule],
        Stop("accept"),
        f"-A FORWARD {rule}",
        4,
    )


COMMENTS = [*(f'"a{end}b"' for end in "\u0085\u2028\f\v\r\x1c\u00a0\\xe9"), "'tis", "don't"]


@pytest.mark.parametrize("comment", COMMENTS)
def test_blanks_and_tabs_part_words_and_an_apostrophe_is_no_quote(comment: str) -> None:
    (found,) = read(table(f"-m comment --comment {comment} -s 10.0.0.0/8 -j ACCEPT"), "r", 4)
    assert [(one.any_of, one.where.line) for one in found.chains[0].rules] == [(((TEN,),), 4)]


NEVER = ["-p tcp -m tcp ! --dport 0:65535", "! -i +", "! -s 0.0.0.0/0"]


@pytest.mark.parametrize("rule", NEVER)
def test_matches_of_no_packet(rule: str) -> None:
    (found,) = read(table(f"{rule} -j ACCEPT"), "r", 4)
    assert found.chains[0].rules[0].any_of == ()


ADDRESS = first_and_last("10.0.0.2", 4)
LAST = first_and_last("10.0.0.4", 4)[0]

ACTIONS: dict[tuple[str, str, str], Action | None] = {
    ("filter", "FORWARD", "-j DROP"): Stop("drop"),
    ("filter", "FORWARD", "-j REJECT --reject-with tcp-reset"): Stop("reject"),
    ("filter", "FORWARD", "-j RETURN"): Return(),
    ("filter", "FORWARD", "-j OTHER"): Call("OTHER"),
    ("filter", "FORWARD", "-g OTHER"): Call("OTHER", back=False),
    ("filter", "FORWARD", '-j LOG --log-prefix "-j DROP "'): None,
    ("filter", "FORWARD", ""): None,
    ("filter", "FORWARD", "-j NFQUEUE --queue-num 1"): Unknown("NFQUEUE"),
    ("raw", "PREROUTING", "-j CT --notrack"): Untrack(),
    ("raw", "PREROUTING", "-j CT --helper ftp"): None,
    ("nat", "PREROUTING", "-j DNAT --to-destination 10.0.0.2"): Translate("dnat", (ADDRESS,)),
    ("nat", "PREROUTING", "-p tcp -j DNAT --to-destination 10.0.0.2:80"): Translate("dnat", (ADDRESS,), ((80, 80),)),
    ("nat", "PREROUTING", "-p tcp -j DNAT --to-destination 10.0.0.2-10.0.0.4:80-82/8080"): Translate(
        "dnat", ((ADDRESS[0], LAST),), ((80, 82),), 8080
    ),
    ("nat", "PREROUTING", "-p tcp -j DNAT --to-destination :81"): Translate("dnat", None, ((81, 81),)),
    ("nat", "PREROUTING", "-p tcp -j REDIRECT --to-ports 3128"): Translate("redirect", None, ((3128, 3128),)),
    ("nat", "POSTROUTING", "-j MASQUERADE"): Translate("masquerade"),
    ("nat", "POSTROUTING", "-j SNAT --to-source 10.0.0.2 --persistent"): Translate("snat", (ADDRESS,)),
}


@pytest.mark.parametrize("case", ACTIONS)
def test_targets(case: tuple[str, str, str]) -> None:
    name, chain, rule = case
    (found,) = read(table(rule, name, chain), "r", 4)
    assert found.chains[0].rules[0].action == ACTIONS[case]


NAMED: dict[str, Action | None] = {
    # Without the extension of that name, which iptables does not bring along; ROUTE and ACCOUNT need options.
    "ROUTE": Call("ROUTE"),
    "ACCOUNT": Call("ACCOUNT"),
    "TARPIT": Unknown("TARPIT"),
    # With it: the extension is meant.
    "ACCOUNT --addr 10.0.0.0/8 --tname a": None,
    "LOG": None,
    "REJECT": Stop("reject"),
}


@pytest.mark.parametrize("target", NAMED)
def test_a_chain_that_is_called_as_a_target(target: str) -> None:
    name = target.split()[0]
    text = f"*filter\n:FORWARD ACCEPT [0:0]\n:{name} - [0:0]\n-A FORWARD -j {target}\n-A FORWARD -g {name}\nCOMMIT\n"
    (found,) = read(text, "r", 4)
    assert [one.action for one in found.chains[0].rules] == [NAMED[target], Call(name, back=False)]


HEAD = "*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD "

WRONG = {
    HEAD + "-p tcp\n": "r:1: table filter is not ended by COMMIT: the dump is cut off",
    HEAD + "-p tcp --dpo\nCOMMIT\n": 'r:3: there is no option --dpo: did you mean "--dport"?',
    HEAD + "-m frobnicate -j DROP\nCOMMIT\n": 'r:3: there is no match "frobnicate"',
    HEAD + "-m conntrack ! --ctdir REPLY -j DROP\nCOMMIT\n": "r:3: --ctdir cannot be negated",
    HEAD + "-m conntrack --ctdir BOTH -j DROP\nCOMMIT\n": 'r:3: "BOTH" is neither ORIGINAL nor REPLY',
    HEAD + "-j FROB\nCOMMIT\n": ('r:3: "FROB" is no chain of this table and no known target'),
    HEAD + "-s 10.0.0.300 -j DROP\nCOMMIT\n": 'r:3: "10.0.0.300" is no IPv4 address',
    HEAD + "-s 10.0.0.300/8 -j DROP\nCOMMIT\n": 'r:3: "10.0.0.300" is no IPv4 address',
    HEAD + "-p tcp -m tcp --dport 022\nCOMMIT\n": (
        'r:3: "022" is octal to some matches and not to others: leave the zero away'
    ),
    HEAD + "-p icmp -m icmp --icmp-type 2551\nCOMMIT\n": 'r:3: there is no type "2551" of ICMP',
    HEAD + "--dport\nCOMMIT\n": "r:3: the value of --dport is missing",
    HEAD + '-m comment --comment "x\nCOMMIT\n': "r:3: a quote is not closed",
    HEAD + "-m comment --comment 'a b' -j DROP\nCOMMIT\n": 'r:3: "b\'" is unexpected',
    "*filter\n:QUEUE - [0:0]\nCOMMIT\n": "r:2: a chain cannot have the name of the target QUEUE",
    "*filter\n:FORWARD ACCEPT [0:0]\n-A GONE -j DROP\nCOMMIT\n": 'r:3: there is no chain "GONE" in table filter',
    "-A FORWARD -j DROP\n": "r:1: this stands in no table",
    "*filtre\nCOMMIT\n": 'r:1: there is no table "filtre"',
    "*filter\nCOMMIT\n*filter\nCOMMIT\n": "r:3: table filter is there twice",
    "*filter\n:A - [0:0]\n:B - [0:0]\n-A A -j B\n-A B -j A\nCOMMIT\n": "r:5: chain A is called in a circle",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_told_with_its_line(text: str) -> None:
    with pytest.raises(DocumentError) as error:
        read(text, "r", 4)
    assert str(error.value) == WRONG[text]


def test_every_cut_of_a_dump_is_refused() -> None:
    whole = table("-p tcp -m tcp --dport 22 -j ACCEPT")
    for end in range(1, len(whole) - len("COMMIT\n") + 1):
        with pytest.raises(DocumentError):
            read(whole[:end], "r", 4)


def test_sets() -> None:
    text = (
        "create lan hash:net family inet hashsize 1024 maxelem 65536\nadd lan 10.0.0.0/8\nadd lan 10.1.0.0/16 nomatch\n"
        "create web hash:ip,port family inet\nadd web 10.0.0.2,tcp:80\n"
    )
    family: Family = 4
    sets = read_sets(text, "sets")
    (found,) = read(table("-m set --match-set lan src -j ACCEPT"), "r", family, sets=sets)
    low, high = first_and_last("10.0.0.0/8", 4)
    out = first_and_last("10.1.0.0/16", 4)
    assert found.chains[0].rules[0].any_of == ((Numbers("source", ((low, out[0] - 1), (out[1] + 1, high))),),)
    (found,) = read(table("-m set --match-set web dst,dst -j ACCEPT"), "r", family, sets=sets)
    assert found.chains[0].rules[0].any_of == (
        (Numbers("destination", (ADDRESS,)), TCP, Numbers("dport", ((80, 80),))),
    )


def test_a_set_that_rules_change_holds_what_nobody_knows() -> None:
    sets = read_sets(
        "create seen hash:ip family inet\nadd seen 10.0.0.7\ncreate lan hash:net\nadd lan 10.0.0.0/8\n", "s"
    )
    text = (
        "*filter\n:INPUT DROP [0:0]\n"
        "-A INPUT -m set --match-set seen src -j DROP\n"
        "-A INPUT -p tcp --dport 1 -j SET --add-set seen src --exist\n"
        "-A INPUT -m set ! --match-set seen src -m set --match-set lan src -j ACCEPT\nCOMMIT\n"
    )
    (found,) = read(text, "rules", 4, sets=sets)
    assert [rule.any_of for rule in found.chains[0].rules] == [
        ((Atom("set seen src (rules:3)"),),),
        ((TCP, Numbers("dport", ((1, 1),))),),
        ((Atom("set seen src (rules:5)", negated=True), TEN),),
    ]
    (other,) = read(table("-m set --match-set lan src -j DROP"), "r", 4, sets=sets, changed=frozenset({"lan"}))
    assert other.chains[0].rules[0].any_of == ((Atom("set lan src (r:4)"),),)


CHANGING = {
    "-A INPUT -j SET --add-set bad src": {"bad"},
    "-A INPUT -p tcp --jump SET --exist --timeout 5 --del-set bad src,dst": {"bad"},
    '-A INPUT -m comment --comment "ticket #5" -j SET --add-set bad src': {"bad"},
    "-A INPUT -j SET --add-set bad src --del-set other src": {"bad", "other"},
    "-A INPUT -j SET --add bad src": {"bad"},
    "-A INPUT -j SET --add-set=bad src": {"bad"},
    '[0:0] -A INPUT -j SET "--add-set" "bad" src': {"bad"},
    "-A INPUT -j SET --dport 22 --add-set bad src": {"bad"},
    "-A INPUT -j SET --map-set bad src": set(),
    '-A INPUT -m comment --comment "-j SET --add-set bad src" -j DROP': set(),
    '-A INPUT -m comment --comment "SET --add-set bad src" -j LOG': set(),
    "# -A INPUT -j SET --add-set bad src": set(),
    '-A INPUT -m comment --comment "not closed -j SET --add-set bad src': set(),
}


@pytest.mark.parametrize("line", CHANGING)
def test_sets_that_rules_change(line: str) -> None:
    assert changed_sets(f"*filter\n:INPUT ACCEPT [0:0]\n{line}\nCOMMIT\n") == CHANGING[line]


def matched(sets: str, match: str) -> tuple[tuple[object, ...], ...]:
    """What a match of a set asks of a packet."""
    (found,) = read(table(f"-m set --match-set {match} -j ACCEPT"), "r", 4, sets=read_sets(sets, "sets"))
    return found.chains[0].rules[0].any_of


def test_the_smallest_network_decides_of_networks_with_interfaces() -> None:
    text = "create lan hash:net,iface family inet\nadd lan 10.0.0.0/8,eth1\nadd lan 10.1.0.0/16,eth0\n"
    low, high = first_and_last("10.0.0.0/8", 4)
    inner = first_and_last("10.1.0.0/16", 4)
    assert matched(text, "lan dst,dst") == (
        (Numbers("destination", ((low, inner[0] - 1), (inner[1] + 1, high))), Interface("out", ("eth1",))),
        (Numbers("destination", (inner,)), Interface("out", ("eth0",))),
    )


@pytest.mark.parametrize("kind", ["foo", "8/x", "300", "1/256"])
def test_a_type_of_icmp_that_there_is_not(kind: str) -> None:
    with pytest.raises(DocumentError) as error:
        read_sets(f"create p hash:ip,port\nadd p 10.0.0.1,icmp:{kind}\n", "s")
    assert str(error.value) == f's:2: there is no type "{kind}" of ICMP'


def test_ports_without_a_protocol_are_of_tcp_and_udp_and_those_side_by_side_are_one() -> None:
    """``ipset save`` tells each on a line of its own."""
    lines = "".join(f"add some {port}\n" for port in range(1024, 10_000))
    asked = matched(f"create some bitmap:port range 0-65535\n{lines}add some 22\n", "some src")
    assert asked == ((Numbers("protocol", ((6, 6), (17, 17))), Numbers("sport", ((22, 22), (1024, 9_999)))),)
