"""Rule sets by lot as ``iptables-restore`` and ``ip6tables-restore`` read them: every table, hook and common match."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.firewall.kernel.values import Values

BASE = {
    "raw": ("PREROUTING", "OUTPUT"),
    "mangle": ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"),
    "nat": ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"),
    "filter": ("INPUT", "FORWARD", "OUTPUT"),
}
INTERFACES = ("eth0", "eth1", "docker0", "eth+", "e+", "docker+", "wg0", "lo")
STATES = ("NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED")
ICMP_TYPES = {
    4: ("8", "0", "3", "3/3", "3/1", "8/0", "11", "13", "echo-request", "port-unreachable", "any"),
    6: ("128", "129", "1", "1/4", "echo-request", "port-unreachable", "139", "3/0"),
}
REJECTIONS = {
    4: ("icmp-port-unreachable", "icmp-host-prohibited", "icmp-admin-prohibited", "icmp-net-unreachable"),
    6: ("icmp6-port-unreachable", "icmp6-adm-prohibited", "icmp6-no-route"),
}
PROTOCOLS = {
    4: ("tcp", "tcp", "udp", "udp", "icmp", "sctp", "udplite", "47"),
    6: ("tcp", "tcp", "udp", "udp", "ipv6-icmp", "sctp", "udplite", "47"),
}
WITH_PORTS = ("tcp", "udp", "sctp", "udplite")
FLAGS = ("SYN,RST,ACK,FIN SYN", "ALL NONE", "SYN,ACK SYN,ACK", "RST RST", "FIN,SYN FIN,SYN", "ALL FIN,PSH,URG")
MASKS = {4: (8, 22, 24, 31, 32), 6: (32, 48, 64, 127, 128)}
SETS = {"nets": 1, "hosts": 1, "pairs": 2, "flows": 3, "blocks": 2, "numbers": 1, "devices": 2, "masked": 1}
"""Sets, and how many sides of a packet each is asked about."""


def sets(values: Values) -> str:
    """``SETS`` as ``ipset restore`` reads them."""
    family = "inet" if values.family == 4 else "inet6"
    lines = [f"create nets hash:net family {family} comment", f"create hosts hash:ip family {family}"]
    lines += [f'add nets {network} comment "{values.lot.choice(("nomatch", "a b"))}"' for network in values.networks(4)]
    netmask = values.lot.choice(MASKS[values.family])
    lines.append(f"create masked hash:ip family {family} netmask {netmask}")
    lines += [f"add -exist masked {values.address()}" for _ in range(2)]
    if values.chance(0.3):
        inside = values.networks(1)[0]
        lines.append(f"add -exist nets {inside} nomatch")
    lines += sorted({f"add hosts {values.address()}" for _ in range(4)})
    lines.append(f"create pairs hash:ip,port family {family}")
    lines += sorted(
        {f"add pairs {values.address()},{values.lot.choice(('tcp:', 'udp:', ''))}{values.port()}" for _ in range(4)}
    )
    lines.append(f"add pairs {values.address()},gre:0")
    lines += _of_several(values, family)
    return "\n".join(lines) + "\n"


def _of_several(values: Values, family: str) -> list[str]:
    """Sets of several things at once, and of ports alone."""
    lines = [f"create flows hash:ip,port,net family {family}", f"create blocks hash:net,port family {family}"]
    lines += [f"create devices hash:net,iface family {family}", "create numbers bitmap:port range 0-65535"]
    for _ in range(3):
        of, device = _ported(values), values.lot.choice(("eth0", "eth1", "docker0", "eth wildcard", "e wildcard"))
        lines.append(f"add -exist flows {values.address()},{of}:{values.port()},{values.networks(1)[0]}")
        lines.append(f"add -exist blocks {values.networks(1)[0]},{of}:{values.port()}")
        lines.append(f"add -exist devices {values.networks(1)[0]},{device}")
        lines.append(f"add -exist numbers {values.port_range('-')}")
    return lines


def _ported(values: Values) -> str:
    return values.lot.choice(("tcp", "udp"))


def ruleset(values: Values, size: int, *, with_sets: bool = False) -> str:
    """All tables; ``size`` is about how many rules there are."""
    busy = {table: values.chance(0.4) for table in ("raw", "mangle", "nat")} | {"filter": True}
    lines = []
    for table in BASE:
        share = size if table == "filter" else size // 3
        lines += _table(values, table, values.lot.randrange(1, share + 2) if busy[table] else 0, with_sets)
    return "\n".join(lines) + "\n"


def _table(values: Values, table: str, size: int, with_sets: bool) -> list[str]:
    lot = values.lot
    bases = BASE[table]
    mild = table != "filter"
    policies = [f":{chain} {_policy(values, table, mild)} [0:0]" for chain in bases]
    # A chain of one's own is called from the bases and from those before it. "in" ones have no -o, "out" ones no -i.
    own = [f"{lot.choice(('c', 'CHAIN-', 'ufw_'))}{number}" for number in range(lot.randrange(0, 5) if size else 0)]
    lines = [f"*{table}", *policies, *(f":{chain} - [0:0]" for chain in own)]
    for _ in range(size):
        place = lot.randrange(-len(bases), len(own))
        chain = own[place] if place >= 0 else bases[place]
        later = own[place + 1 :] if place >= 0 else own
        lines.append(_rule(values, table, chain, later, with_sets))
    return [*lines, "COMMIT"]


def _policy(values: Values, table: str, mild: bool) -> str:
    return "DROP" if table != "nat" and values.chance(0.05 if mild else 0.5) else "ACCEPT"


def _rule(values: Values, table: str, chain: str, later: Sequence[str], with_sets: bool) -> str:
    protocol = values.lot.choice(PROTOCOLS[values.family]) if values.chance(0.7) else ""
    matches = [
        *_interfaces(values, chain),
        *_card(values, chain),
        *_protocol(values, protocol),
        *_more(values, with_sets),
    ]
    target = _target(values, table, chain, later, protocol)
    words = ["-A", chain, *_addresses(values), *matches, target]
    if protocol and matches and f"-p {protocol}" not in matches and ("--to-" in target or "tcp-reset" in target):
        target = "-j ACCEPT"  # ports are of the protocols that a rule matches
        words[-1] = target
    return " ".join(word for word in words if word)


def _not(values: Values, chance: float = 0.2) -> str:
    return "! " if values.chance(chance) else ""


def _addresses(values: Values) -> list[str]:
    found = []
    for option in ("-s", "-d"):
        if values.chance(0.35):
            network = values.network()
            found.append(f"{'' if network.endswith('/0') else _not(values)}{option} {network}")
    return found


def _interfaces(values: Values, chain: str) -> list[str]:
    found = []
    if values.chance(0.15) and chain not in ("OUTPUT", "POSTROUTING"):
        found.append(f"{_not(values)}-i {values.lot.choice(INTERFACES)}")
    if values.chance(0.15) and chain not in ("PREROUTING", "INPUT"):
        found.append(f"{_not(values)}-o {values.lot.choice(INTERFACES)}")
    return found


def _card(values: Values, chain: str) -> list[str]:
    """Of what comes by no Ethernet it is false, negated or not. Only packets received may have a card."""
    if chain not in ("PREROUTING", "INPUT", "FORWARD") or not values.chance(0.05):
        return []
    return [f"-m mac {_not(values, 0.5)}--mac-source 02:00:00:00:00:{values.lot.randrange(8):02X}"]


def _protocol(values: Values, protocol: str) -> list[str]:
    if not protocol:
        return []
    if values.chance(0.12):
        return [f"! -p {protocol}"]
    found = [f"-p {protocol}"]
    if protocol in WITH_PORTS:
        found += _ports(values, protocol)
    elif protocol.endswith("icmp") and values.chance(0.5):
        name, option = ("icmp", "--icmp-type") if values.family == 4 else ("icmp6", "--icmpv6-type")
        kind = values.lot.choice(ICMP_TYPES[values.family])
        found.append(f"-m {name} {'' if kind == 'any' else _not(values)}{option} {kind}")
    return found


def _ports(values: Values, protocol: str) -> list[str]:
    lot, by = values.lot, values.lot.random()
    if by < 0.05 and protocol in ("tcp", "udp"):
        found = [f"-m {protocol} ! --sport {values.port()} ! --dport {values.port()}"]
    elif by < 0.35 and protocol != "udplite":
        found = [f"-m {protocol} {_not(values)}--{lot.choice(('dport', 'dport', 'sport'))} {values.port_range()}"]
    elif by < 0.65:
        several = dict.fromkeys(values.port_range() for _ in range(lot.randrange(1, 6)))
        side = lot.choice(("dports", "dports", "sports", "ports"))
        found = [f"-m multiport {_not(values)}--{side} {','.join(several)}"]
    else:
        found = []
    if protocol == "tcp" and values.chance(0.2):
        found.append(f"-m tcp {_not(values)}{lot.choice(('--syn', f'--tcp-flags {lot.choice(FLAGS)}'))}")
    return found


def _more(values: Values, with_sets: bool) -> list[str]:
    """Matches of modules."""
    makers: list[tuple[float, Callable[[Values], str]]] = [
        (0.3, _state),
        (0.08, _iprange),
        (0.06, _addrtype),
        (0.06, _original),
        (0.05, lambda values: f'-m comment --comment "{values.lot.choice(("x y", "-j DROP", "a"))}"'),
    ]
    if with_sets:
        makers.append((0.2, _set))
    return [make(values) for chance, make in makers if values.chance(chance)]


def _state(values: Values) -> str:
    chosen = ",".join(values.sample(STATES, 3))
    if values.chance(0.2):
        return f"-m state {_not(values)}--state {chosen}"
    beside = [
        _direction(values, chosen) if values.chance(0.4) else "",
        _original_end(values) if values.chance(0.1) else "",
    ]
    negation = "" if beside[0] else _not(values)
    return " ".join(("-m conntrack", f"{negation}--ctstate {chosen}", *filter(None, beside)))


def _direction(values: Values, states: str) -> str:
    """Of what is established, or an error about it, it is not known."""
    if not {"NEW", "INVALID", "UNTRACKED"}.issuperset(states.split(",")):
        return ""
    return f"--ctdir {values.lot.choice(('ORIGINAL', 'ORIGINAL', 'REPLY'))}"


def _iprange(values: Values) -> str:
    return f"-m iprange {_not(values)}--{values.lot.choice(('src', 'dst'))}-range {values.address_range()}"


def _addrtype(values: Values) -> str:
    side = values.lot.choice(("dst", "dst", "src"))
    return f"-m addrtype {_not(values)}--{side}-type {values.lot.choice(('LOCAL', 'LOCAL', 'UNICAST'))}"


def _original(values: Values) -> str:
    return f"-m conntrack {_original_end(values)}"


def _original_end(values: Values) -> str:
    if values.chance(0.5):
        return f"{_not(values)}--ctorigdst {values.network()}"
    return f"{_not(values)}--ctorigdstport {values.port()}"


def _set(values: Values) -> str:
    name = values.lot.choice([*SETS])
    sides = [values.lot.choice(("src", "dst")) for _ in range(SETS[name])]
    return f"-m set {_not(values)}--match-set {name} {','.join(sides)}"


def _target(values: Values, table: str, chain: str, later: Sequence[str], protocol: str) -> str:
    lot = values.lot
    targets = ["-j ACCEPT", "-j RETURN", ""] + [f"-j {name}" for name in later] * 2 + [f"-g {name}" for name in later]
    if table == "filter":
        targets += [
            "-j DROP",
            "-j ACCEPT",
            "-j DROP",
            "-j DROP",
            f"-j REJECT --reject-with {_rejection(values, protocol)}",
        ]
    elif table == "nat":
        targets += _translations(values, chain, protocol)
    elif table == "mangle":
        targets += ["-j DROP", "-j MARK --set-mark 0x1", "-j MARK --set-mark 0x2"]
    else:
        targets += ["-j DROP", "-j NOTRACK", "-j CT --notrack", "-j CT --notrack"]
    return lot.choice(targets)


def _rejection(values: Values, protocol: str) -> str:
    return "tcp-reset" if protocol == "tcp" and values.chance(0.4) else values.lot.choice(REJECTIONS[values.family])


def _translations(values: Values, chain: str, protocol: str) -> list[str]:
    """Only base chains translate: a chain of one's own may be called from hooks that may not."""
    ported = protocol in ("tcp", "udp", "sctp")
    address = _addressed(values)
    to = f"{address if values.family == 4 else f'[{address}]'}:{_target_ports(values)}"
    if chain == "PREROUTING":
        if values.family == 4 and values.chance(0.1):
            return ["-j DNAT --to-destination 127.0.0.1"]
        found = [f"-j DNAT --to-destination {address}", "-j REDIRECT"]
        found += (
            [f"-j DNAT --to-destination {to}", f"-j REDIRECT --to-ports {values.port_range('-')}"] if ported else []
        )
        return found * 2
    if chain == "OUTPUT":
        return [f"-j DNAT --to-destination {address}"] + ([f"-j DNAT --to-destination {to}"] if ported else [])
    source = f"-j SNAT --to-source {address}"
    if chain == "INPUT":
        return [source]
    if chain != "POSTROUTING":
        return []
    return [source, "-j MASQUERADE", *(_to_many_ports(values) if ported else [])] * 2


def _addressed(values: Values) -> str:
    """An address, or a range of a few."""
    low, high = values.remote_range()
    return values.text(low) if low == high else f"{values.text(low)}-{values.text(high)}"


def _target_ports(values: Values) -> str:
    """A port, a range, or a range that another is mapped to one by one."""
    ports = values.port_range("-")
    return f"{ports}/{values.port()}" if "-" in ports and values.chance(0.5) else ports


def _to_many_ports(values: Values) -> list[str]:
    """Source ports of which there are enough for every packet: two connections that become one are no matter here."""
    first = values.lot.randrange(1024, 40000)
    ports = f"{first}-{first + 20000}"
    address = values.text(values.remote())
    address = address if values.family == 4 else f"[{address}]"
    return [f"-j MASQUERADE --to-ports {ports}", f"-j SNAT --to-source {address}:{ports}"]
