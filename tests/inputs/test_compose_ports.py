from __future__ import annotations

import pytest

from policyengine.inputs.compose import ports
from policyengine.model.unknown import Unknown

from .compose_reading import container, read

SYNTAX = "[HOST_IP:][HOST_PORT:]CONTAINER_PORT[/PROTOCOL]"
BOUNDS = "ports up to 65535, the lower one first"
ADDRESS = "an IP address before the ports"
PROTOCOL = "a protocol that is tcp, udp or sctp"
AS_MANY = "as many ports of the host as of the container"


def port(target: int, published: str | None = None, host_ip: str | None = None, protocol: str | None = None) -> object:
    written = {"target": target, "published": published, "host_ip": host_ip, "protocol": protocol}
    return {key: value for key, value in written.items() if value is not None}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3000", [port(3000)]),
        ("0080", [port(80)]),
        ("6060/udp", [port(6060, protocol="udp")]),
        ("80/TCP", [port(80, protocol="tcp")]),
        ("3000-3002", [port(3000), port(3001), port(3002)]),
        ("3000-3000", [port(3000)]),
        ("8080:80", [port(80, "8080")]),
        ("22222:22", [port(22, "22222")]),
        ("9090-9091:8080-8081", [port(8080, "9090"), port(8081, "9091")]),
        ("9090-9091:8080-8081/udp", [port(8080, "9090", protocol="udp"), port(8081, "9091", protocol="udp")]),
        ("8000-9000:80", [port(80, "8000-9000")]),
        ("8000-8000:80", [port(80, "8000")]),
        ("127.0.0.1:8080:80", [port(80, "8080", "127.0.0.1")]),
        ("127.0.0.1:8080:80/udp", [port(80, "8080", "127.0.0.1", "udp")]),
        ("127.0.0.1::80", [port(80, None, "127.0.0.1")]),
        ("127.0.0.1:5000-5001:5000-5001", [port(5000, "5000", "127.0.0.1"), port(5001, "5001", "127.0.0.1")]),
        ("0.0.0.0:80:80", [port(80, "80", "0.0.0.0")]),
        ("[::1]:80:80", [port(80, "80", "::1")]),
        ("[::]:80:80", [port(80, "80", "::")]),
        ("::1:80:80", [port(80, "80", "::1")]),
        ("[::1]::80", [port(80, None, "::1")]),
        (":80", [port(80)]),
        ("0:80", [port(80, "0")]),
        ("", SYNTAX),
        ("80:", SYNTAX),
        (":", SYNTAX),
        ("/", PROTOCOL),
        ("80/", PROTOCOL),
        ("80/http", PROTOCOL),
        ("80/tcp/udp", SYNTAX),
        ("web:80", SYNTAX),
        ("80:web", SYNTAX),
        ("-80", SYNTAX),
        ("80-", SYNTAX),
        ("80 ", SYNTAX),
        ("8e1", SYNTAX),
        ("٨٠", SYNTAX),
        ("65536", BOUNDS),
        ("99999:80", BOUNDS),
        ("3005-3000", BOUNDS),
        ("999999", SYNTAX),
        ("1-3:1-2", AS_MANY),
        ("80:80-81", AS_MANY),
        ("localhost:80:80", ADDRESS),
        ("127.0.0:80:80", ADDRESS),
        ("127.0.0.1:80:80:80", ADDRESS),
        ("[127.0.0.1:80:80", ADDRESS),
    ],
)
def test_short_syntax(text: str, expected: object) -> None:
    try:
        found: object = ports.short(text)
    except ValueError as error:
        found = str(error)
    assert found == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("80", port(80, None, "0.0.0.0", "tcp")),
        ("{target: 80}", port(80, None, "0.0.0.0", "tcp")),
        ("{target: '80', published: 8080}", port(80, "8080", "0.0.0.0", "tcp")),
        ("{target: 80, published: '8080-8090', mode: host}", port(80, "8080-8090", "0.0.0.0", "tcp")),
        ("{target: 80, host_ip: '::1', protocol: UDP, name: web}", port(80, None, "::1", "udp")),
        ("{target: 80, host_ip: '::ffff:0.0.0.0'}", port(80, None, "0.0.0.0", "tcp")),
        ("{target: 80, host_ip: '[0::0]'}", port(80, None, "::", "tcp")),
        ("'[0:0:0:0:0:0:0:0]:80:80'", port(80, "80", "::", "tcp")),
        ("{target: 80, host_ip: '', published: }", port(80, None, "0.0.0.0", "tcp")),
    ],
)
def test_defaults_and_long_syntax(written: str, expected: object) -> None:
    assert container(f"image: x, ports: [{written}]")["ports"] == [expected]


def test_a_wrong_item_leaves_the_others() -> None:
    resources, problems = read("services: {web: {image: x, ports: [80, nonsense, {}, [], 443]}}")
    unknown = Unknown("ports", f"it is not {SYNTAX}")
    first, last = port(80, None, "0.0.0.0", "tcp"), port(443, None, "0.0.0.0", "tcp")
    found = resources[0].facts["ports"]
    assert found == [first, unknown, {"host_ip": "0.0.0.0", "protocol": "tcp"}, unknown, last]
    assert [problem.message for problem in problems] == [f"ports should be {SYNTAX}"] * 2


@pytest.mark.parametrize("published", ["127.0.0.1:8080", "127.0.0.1", "http"])
def test_a_published_port_that_is_none_decides_nothing(published: str) -> None:
    resources, problems = read(f"services: {{web: {{image: x, ports: [{{target: 80, published: '{published}'}}]}}}}")
    wrong = Unknown("ports.published", "it is not a port, or a range of ports")
    assert resources[0].facts["ports"] == [
        {"target": 80, "published": wrong, "host_ip": wrong, "protocol": "tcp"},
    ]
    assert [(problem.message, problem.column) for problem in problems] == [
        ("ports.published should be a port, or a range of ports", 60)
    ]


def test_items_and_their_places_agree_after_a_range() -> None:
    resources, _ = read("services:\n  web:\n    image: x\n    ports:\n      - 1-3\n      - {target: 9}\n")
    places = [resources[0].where(("ports", index, "target")) for index in range(4)]
    assert [(place.line, place.column) for place in places] == [(5, 9), (5, 9), (5, 9), (6, 18)]


def test_ports_without_bound_are_refused() -> None:
    items = ", ".join(["1-65535"] * 100)
    resources, problems = read(f"services: {{web: {{image: x, ports: [{items}]}}}}")
    found = resources[0].facts["ports"]
    assert isinstance(found, list)
    assert len(found) <= ports.MAX_PORTS
    assert {problem.message for problem in problems} == {"ports should be 150,000 at most"}
