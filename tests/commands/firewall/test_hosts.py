"""The network of this host: the networks that its interfaces are in."""

from __future__ import annotations

from policyengine.commands.firewall.hosts import neighbours
from policyengine.firewall.addresses import shown
from policyengine.firewall.host import Host, HostInterface, host_address


def spans(pairs: tuple[tuple[int, int], ...] | None, family: int) -> list[str]:
    assert pairs is not None
    return [f"{shown(low, family)} {shown(high, family)}" for low, high in pairs]  # type: ignore[arg-type]


def test_neighbours_are_called_as_their_interface_is() -> None:
    texts = {
        "lo": ("127.0.0.1/8", "::1/128"),
        "eth0": ("192.0.2.2/24", "2001:db8::2/64", "fe80::1/64"),
        "tun0": ("10.3.0.1/32",),
        "veth1": ("fe80::2/64",),
        "down0": (),
    }
    interfaces = (HostInterface(name, tuple(map(host_address, of))) for name, of in texts.items())
    (found,) = neighbours(Host(tuple(interfaces), ()))
    assert (found.name, found.kind) == ("eth0", "zone")
    assert spans(found.ipv4, 4) == ["192.0.2.1 192.0.2.1", "192.0.2.3 192.0.2.254"]
    assert spans(found.ipv6, 6) == ["2001:db8::1 2001:db8::1", "2001:db8::3 2001:db8::ffff:ffff:ffff:ffff"]
