"""What iptables-restore refuses of a rule, whatever the values of its options: seen by the order of the options alone.

As iptables 1.8.9 does of either backend: ``do_parse`` in iptables/xshared.c, the matches' own checks in extensions/,
and those of the kernel (``checkentry``).
"""

from __future__ import annotations

from functools import lru_cache

from policyengine.firewall.iptables.matches import protocol_number

ONCE = {
    **dict.fromkeys(("-s", "--source", "--src"), "-s"),
    **dict.fromkeys(("-d", "--destination", "--dst"), "-d"),
    **dict.fromkeys(("-i", "--in-interface"), "-i"),
    **dict.fromkeys(("-o", "--out-interface"), "-o"),
    **dict.fromkeys(("-p", "--protocol", "--proto"), "-p"),
    **dict.fromkeys(("-f", "--fragment"), "-f"),
}
"""Options of every rule, each of which it has once at most (``set_option``)."""

NEVER_IN = {"-i": frozenset({"OUTPUT", "POSTROUTING"}), "-o": frozenset({"INPUT", "PREROUTING"})}
"""The chains where there is no such interface yet, or no more."""

_PORT = ("--sport", "--source-port", "--dport", "--destination-port")
_PORTS = ("--sports", "--source-ports", "--dports", "--destination-ports", "--ports")
_SINGLE = frozenset({*_PORT, "--ctorigsrcport", "--ctorigdstport"})
_WITH_PORTS = ("tcp", "udp", "sctp", "dccp", "udplite")

MATCHES = {
    **dict.fromkeys(_PORT, frozenset({*_WITH_PORTS, "multiport"})),  # to multiport they are short for --dports
    **dict.fromkeys(_PORTS, frozenset({"multiport"})),
    **dict.fromkeys(("--tcp-flags", "--syn"), frozenset({"tcp"})),
    "--icmp-type": frozenset({"icmp"}),
    "--icmpv6-type": frozenset({"icmp6", "icmpv6", "ipv6-icmp"}),
    **dict.fromkeys(
        ("--ctstate", "--ctproto", "--ctorigsrc", "--ctorigdst", "--ctorigsrcport", "--ctorigdstport"),
        frozenset({"conntrack"}),
    ),
    "--state": frozenset({"state"}),
    **dict.fromkeys(("--mac-source", "--mac"), frozenset({"mac"})),
    **dict.fromkeys(("--src-range", "--dst-range"), frozenset({"iprange"})),
    **dict.fromkeys(("--src-type", "--dst-type"), frozenset({"addrtype"})),
}
"""The matches that options are of; one of them must be named before, or be the protocol's."""

OF_PROTOCOL = {6: "tcp", 17: "udp", 132: "sctp", 33: "dccp", 136: "udplite", 1: "icmp", 58: "icmp6"}
"""The match that comes with a protocol, once an option of it is asked for."""

PROTOCOLS = {
    **{name: frozenset({number}) for number, name in OF_PROTOCOL.items() if name != "udplite"},
    **dict.fromkeys(("icmpv6", "ipv6-icmp"), frozenset({58})),
    "multiport": frozenset({6, 17, 132, 33, 136}),
}
"""The protocols that matches are for: a rule with one must be of such a protocol."""


@lru_cache(maxsize=65536)
def refused(options: tuple[str, ...], chain: str) -> str | None:
    """Why a rule of a base chain (else ``chain`` is empty) is refused; None where it is not.

    ``options`` are those of its matches in order, ``-p`` and ``-m`` with their values after them; one that has a list
    ends in a comma.
    """
    once: set[str] = set()
    matches: set[str] = set()
    protocol: int | None = None
    ahead = iter(options)
    for written in ahead:
        option = written.rstrip(",")
        if (of_rule := ONCE.get(option)) is not None:
            if of_rule in once:
                return f"{of_rule} is there twice, and a rule has one: make two rules of it"
            if chain in NEVER_IN.get(of_rule, ()):
                return f"a rule of {chain} cannot ask for {of_rule}"
            once.add(of_rule)
            if of_rule == "-p":
                protocol = protocol_number(next(ahead))
        elif option == "-m":
            matches.add(next(ahead))
        elif why := _of_match(written, matches, OF_PROTOCOL.get(protocol or 0, "")):
            return why
    return _of_other_protocol(matches, protocol)


def _of_match(written: str, matches: set[str], own: str) -> str | None:
    """Why an option of a match is refused. That of the rule's protocol, ``own``, is added where the option calls it."""
    option = written.rstrip(",")
    of = MATCHES.get(option)
    if of is None:
        return None
    if not of & matches:
        if own not in of:
            return f"{option} needs {_needed(option, of)} before it"
        matches.add(own)
    several = option in _PORTS or (option in _PORT and not matches.intersection(_WITH_PORTS))
    if written != option and option in _SINGLE and not several:
        return f"{option} takes one port, or a range: several are for -m multiport --dports"
    return None


def _of_other_protocol(matches: set[str], protocol: int | None) -> str | None:
    for match in sorted(matches & PROTOCOLS.keys()):
        if protocol not in PROTOCOLS[match]:
            names = " or ".join(f"-p {OF_PROTOCOL[number]}" for number in sorted(PROTOCOLS[match]))
            return f"-m {match} needs {names.replace('icmp6', 'ipv6-icmp')}"
    return None


def _needed(option: str, of: frozenset[str]) -> str:
    """What to write, in the way that most people do."""
    if option in _PORT:
        return "-p tcp, -p udp, -p sctp or -p dccp"
    return f"-p {min(of)}" if min(of) in ("tcp", "icmp") else "-p ipv6-icmp" if "icmp6" in of else f"-m {min(of)}"
