"""What iptables-restore refuses is refused, with what to write instead; and what it takes is taken."""

from __future__ import annotations

import os
import subprocess
from shutil import which
from typing import TYPE_CHECKING

import pytest

from policyengine.errors import DocumentError
from policyengine.firewall.iptables import read

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "*filter\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:MINE - [0:0]\n"

RULES = {
    "-A INPUT -s 1.1.1.1 -s 2.2.2.2": "-s is there twice, and a rule has one: make two rules of it",
    "-A INPUT -s 1.1.1.1 ! --src 2.2.2.2": "-s is there twice, and a rule has one: make two rules of it",
    "-A INPUT -p tcp -p udp": "-p is there twice, and a rule has one: make two rules of it",
    "-A INPUT -i a -i b": "-i is there twice, and a rule has one: make two rules of it",
    "-A INPUT -f -f": "-f is there twice, and a rule has one: make two rules of it",
    "-A INPUT ! -s 1.1.1.1,2.2.2.2": '"! 1.1.1.1,2.2.2.2" has several addresses, of which none can be negated',
    "-A INPUT -o eth0": "a rule of INPUT cannot ask for -o",
    "-A OUTPUT -i eth0": "a rule of OUTPUT cannot ask for -i",
    "-A INPUT --dport 22": "--dport needs -p tcp, -p udp, -p sctp or -p dccp before it",
    "-A INPUT --dport 22 -p tcp": "--dport needs -p tcp, -p udp, -p sctp or -p dccp before it",
    "-A INPUT -p icmp --dport 22": "--dport needs -p tcp, -p udp, -p sctp or -p dccp before it",
    "-A INPUT -p udp --syn": "--syn needs -p tcp before it",
    "-A INPUT -p udp --tcp-flags SYN SYN": "--tcp-flags needs -p tcp before it",
    "-A INPUT -p tcp --icmp-type 8": "--icmp-type needs -p icmp before it",
    "-A INPUT --ctstate NEW": "--ctstate needs -m conntrack before it",
    "-A INPUT -m state --ctstate NEW": "--ctstate needs -m conntrack before it",
    "-A INPUT -m conntrack --state NEW": "--state needs -m state before it",
    "-A INPUT --src-range 1.1.1.1-1.1.1.2": "--src-range needs -m iprange before it",
    "-A INPUT --mac-source 02:00:00:00:00:01": "--mac-source needs -m mac before it",
    "-A INPUT -p tcp --dports 22,80": "--dports needs -m multiport before it",
    "-A INPUT -m tcp": "-m tcp needs -p tcp",
    "-A INPUT -m tcp --dport 22": "-m tcp needs -p tcp",
    "-A INPUT -p udp -m tcp --dport 22": "-m tcp needs -p tcp",
    "-A INPUT -p all -m udp": "-m udp needs -p udp",
    "-A INPUT -m icmp --icmp-type 8": "-m icmp needs -p icmp",
    "-A INPUT -m multiport --dports 22": ("-m multiport needs -p tcp or -p udp or -p dccp or -p sctp or -p udplite"),
    "-A INPUT -p icmp -m multiport --dports 22": (
        "-m multiport needs -p tcp or -p udp or -p dccp or -p sctp or -p udplite"
    ),
    "-A INPUT -p tcp --dport 22,80": "--dport takes one port, or a range: several are for -m multiport --dports",
    "-A INPUT -p tcp --dport 1 -m multiport --sport 22,80": (
        "--sport takes one port, or a range: several are for -m multiport --dports"
    ),
    "-A INPUT -m conntrack --ctorigdstport 22,80": (
        "--ctorigdstport takes one port, or a range: several are for -m multiport --dports"
    ),
    "-A INPUT -p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15:16": (
        '"1,2,3,4,5,6,7,8,9,10,11,12,13,14,15:16" has more than 15 ports, a range being two: make two rules of it'
    ),
    "-A INPUT -p tcp -m multiport --dports 22:": '"22:" has no end, which multiport needs',
    " COMMIT": 'there are blanks before "COMMIT", which iptables-restore refuses',
    " # mine": 'there are blanks before "# mine", which iptables-restore refuses',
    " :OTHER - [0:0]": 'there are blanks before ":OTHER - [0:0]", which iptables-restore refuses',
    "-A INPUT -j ACCEPT\r": (
        "the line ends in CR LF: iptables-restore takes the CR for a part of it"
        " (save it with the ends of lines that Unix has, as dos2unix does)"
    ),
}
"""Lines, and why each is refused."""

TAKEN = [
    "-A INPUT -p tcp -m multiport --dport 22,80",  # short for --dports, where the match of tcp is not asked for
    "-A INPUT -p tcp -m multiport --sport 22,80 -m tcp --dport 23",
    "-A INPUT -p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14:15",
    "-A INPUT -p udplite -m multiport --dports 22",
    "-A INPUT -m tcp -p tcp --dport 22",
    "-A INPUT -p 6 --dport 22",
    "-A INPUT -p sctp --dport 22",
    "-A INPUT -p icmp --icmp-type 8",
    "-A INPUT -p tcp --syn",
    "-A INPUT -s 1.1.1.1,2.2.2.2 -d 3.3.3.3,4.4.4.4",
    "-A MINE -i eth0 -o eth1",
    "  -A INPUT -j ACCEPT",
    "# comment\r",
]
"""Lines that iptables-restore takes."""


@pytest.mark.parametrize("line", RULES)
def test_what_is_refused_says_why(line: str) -> None:
    with pytest.raises(DocumentError) as error:
        read(f"{HEAD}{line}\nCOMMIT\n", "r", 4)
    assert str(error.value) == f"r:5: {RULES[line]}"


@pytest.mark.parametrize("line", TAKEN)
def test_what_is_taken(line: str) -> None:
    assert read(f"{HEAD}{line}\nCOMMIT\n", "r", 4)


def test_a_file_with_the_line_ends_of_windows_is_refused_at_its_first_line() -> None:
    with pytest.raises(DocumentError, match=r"^r:2: the line ends in CR LF"):
        read(f"# saved\n{HEAD}COMMIT\n".replace("\n", "\r\n"), "r", 4)


EACH = 'for file in {files}/*; do {program}-restore <"$file" >/dev/null 2>&1; echo "$(basename "$file") $?"; done'


@pytest.mark.live
@pytest.mark.parametrize("program", ["iptables-nft", "iptables-legacy"])
def test_iptables_restore_refuses_and_takes_the_same(program: str, tmp_path: Path) -> None:
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    missing = which(program, path=path) is None or os.geteuid() != 0
    if missing and os.environ.get("POLICYENGINE_REQUIRE_LIVE") == "1":
        pytest.fail(f"POLICYENGINE_REQUIRE_LIVE=1, but {program} is not installed, or this is not root", pytrace=False)
    if missing:
        pytest.skip(f"{program} is not installed, or this is not root")
    lines = [*RULES, *TAKEN]
    for number, line in enumerate(lines):
        (tmp_path / str(number)).write_bytes(f"{HEAD}{line}\nCOMMIT\n".encode())
    command = ["unshare", "--net", "sh", "-c", EACH.format(files=tmp_path, program=program)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "PATH": path})
    codes = dict(line.split() for line in done.stdout.splitlines())
    taken = [line for number, line in enumerate(lines) if codes[str(number)] == "0"]
    assert taken == TAKEN
