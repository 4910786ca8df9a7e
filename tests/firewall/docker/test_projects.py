"""Who reaches whom in Compose projects: input, and the whole matrix."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from policyengine.firewall.docker.assembling import networks
from policyengine.sources import Reader

if TYPE_CHECKING:
    from pathlib import Path

    from policyengine.firewall.intervals import Intervals
    from policyengine.firewall.reach import Network, Place

PROJECT = """\
name: shop
services:
  web:
    image: nginx
    ports: ["8443:443", "127.0.0.1:9000:9000"]
    networks: [front, back]
  app:
    image: app
    expose: ["8080"]
    networks: [back]
  db:
    image: postgres
    networks: [secret]
    ports: ["5432:5432"]
  cache: {image: redis, networks: [secret]}
  agent: {image: agent, network_mode: host}
  far: {image: far, networks: [elsewhere]}
networks:
  front: {}
  back: {driver_opts: {com.docker.network.bridge.enable_icc: "false"}}
  secret: {internal: true}
  elsewhere: {external: true}
"""

OWN = "the rules of the host itself: an engine does not tell them"
VERSION = "the version of the engine: before 28 Docker lets straight to containers what 28 and later drop"
EXTERNAL = "what the network elsewhere lets through: it is external"

MATRIX = f"""\
agent -> app: everything
agent -> cache: everything
agent -> db: everything
agent -> far: perhaps everything: {EXTERNAL}
agent -> host: everything
agent -> lan: everything
agent -> web: everything
app -> agent: perhaps everything: {OWN}
app -> host: perhaps everything: {OWN}
app -> lan: everything
app -> web: tcp/443
cache -> agent: perhaps everything but tcp/8443: {OWN}
cache -> db: everything
cache -> host: perhaps everything but tcp/8443: {OWN}
db -> agent: perhaps everything but tcp/8443: {OWN}
db -> cache: everything
db -> host: perhaps everything but tcp/8443: {OWN}
far -> agent: perhaps everything: {EXTERNAL}
far -> host: perhaps everything: {EXTERNAL}
far -> lan: perhaps everything: {EXTERNAL}
far -> web: perhaps tcp/443, tcp/9000: {EXTERNAL}
host -> agent: everything
host -> app: everything
host -> cache: everything
host -> db: everything
host -> far: perhaps everything: {EXTERNAL}
host -> lan: everything
host -> web: everything
lan -> agent: perhaps everything: {OWN}
lan -> far: perhaps everything: {EXTERNAL}
lan -> host: perhaps everything: {OWN}
lan -> web: tcp/443, perhaps tcp/9000: {VERSION}
web -> agent: perhaps everything: {OWN}
web -> host: perhaps everything: {OWN}
web -> lan: everything
"""

EXPLAINED = f"""\
unknown: {VERSION}
NEW tcp 198.51.100.77:40000 -> 172.18.0.2:9000 in eth0
compose.yaml:20:3  -A FORWARD -o br-000000000001 -j DOCKER  jumps to DOCKER
compose.yaml:5:25  -A DOCKER -d 172.18.0.2/32 ! -i br-000000000001 -o br-000000000001 -p tcp -m tcp --dport 9000 -j ACCEPT  accepts
"""  # noqa: E501 - rules are as long as they are


def network(home: Path, text: str) -> Network:
    return read(home, "compose.yaml", text)


def read(home: Path, name: str, text: str) -> Network:
    """The network of a file."""
    (home / name).write_text(text, encoding="utf-8")
    reader = Reader(dict(os.environ), (), (), None)
    found = [one for item in reader.items([str(home / name)]) for one in reader.read(item).resources]
    (made,) = networks(found)
    return made


def matrix(of: Network) -> str:
    places = sorted(of.places(), key=lambda place: place.name)
    lines = [told(of, source, target) for source in places for target in places if source != target]
    return "".join(f"{line}\n" for line in lines if line)


def told(of: Network, source: Place, target: Place) -> str:
    flows = of.flows(source, target)
    parts = [ports(flows.allowed)] if flows.allowed else []
    if flows.unknown:
        parts.append(f"perhaps {ports(flows.unknown)}: {'; '.join(flows.why)}")
    return f"{source.name} -> {target.name}: {', '.join(parts)}" if parts else ""


def ports(by_protocol: dict[str, Intervals]) -> str:
    if len(by_protocol) < 4:
        return ", ".join(f"{name}/{low}" for name, pairs in by_protocol.items() for low, _ in pairs)
    left = [f"{name}/{pairs[0][1] + 1}" for name, pairs in by_protocol.items() if len(pairs) > 1]
    return f"everything but {', '.join(left)}" if left else "everything"


def test_a_projects_matrix(tmp_path: Path) -> None:
    assert matrix(network(tmp_path, PROJECT)) == MATRIX


def test_what_a_service_exposes_changes_nothing(tmp_path: Path) -> None:
    silent = PROJECT.replace('    expose: ["8080"]\n', "")
    assert matrix(network(tmp_path, silent)) == MATRIX


def test_loopback_means_loopback_only_since_28(tmp_path: Path) -> None:
    of = network(tmp_path, PROJECT)
    places = {place.name: place for place in of.places()}
    found = of.explain(places["lan"], places["web"], "tcp", 9000)
    packet = found.packet
    assert packet is not None
    head = (
        f"NEW {packet.protocol} {packet.source}:{packet.sport} -> {packet.destination}:{packet.dport} in {packet.into}"
    )
    path = [f"{step.where}  {step.text}  {step.does}".removeprefix(f"{tmp_path}/") for step in found.path]
    assert "\n".join([f"{found.verdict}: {found.why}", head, *path, ""]) == EXPLAINED


UNREAD = """\
name: shop
services:
  all: {image: x, ports: ["${P}"]}
  target: {image: x, ports: [{target: "${P}", published: 80, protocol: udp}]}
  protocol: {image: x, ports: [{target: 90, published: 80, protocol: "${P}"}]}
  address: {image: x, ports: [{target: 90, published: 80, host_ip: "${P}"}]}
  published: {image: x, ports: [{target: 90, published: "${P}"}]}
  mode: {image: x, network_mode: "${P}"}
  name: {image: x, networks: ["${P}"]}
  other: {image: x, network_mode: "container:other"}
  shares: {image: x, network_mode: "service:all"}
  patch: {ports: ["9:9"]}
  none: {image: x, network_mode: none, ports: ["${P}"]}
  inner: {image: x, networks: [inner], ports: ["${P}"]}
networks:
  inner: {internal: true}
"""

_NO_VALUE = "P has no value in .env or --env"
FROM_LAN = f"""\
lan -> address: perhaps tcp/90: on which address it publishes a port: {_NO_VALUE}
lan -> all: perhaps tcp/0, udp/0, sctp/0: which ports it publishes: {_NO_VALUE}
lan -> host: perhaps everything: {OWN}
lan -> mode: perhaps everything: which networks it is on: {_NO_VALUE}
lan -> name: perhaps everything: which networks it is on: {_NO_VALUE}
lan -> other: perhaps everything: whose network other has: container:other is not known here
lan -> patch: perhaps everything: which networks it is on: the service has no image and no build: it adds to one in \
another file
lan -> protocol: perhaps tcp/90, udp/90, sctp/90: which ports it publishes: {_NO_VALUE}
lan -> published: tcp/90
lan -> shares: perhaps tcp/0, udp/0, sctp/0: which ports it publishes: {_NO_VALUE}
lan -> target: perhaps udp/0: which ports it publishes: {_NO_VALUE}
"""


def test_what_is_not_known_of_ports_and_networks_is_not_passed_over(tmp_path: Path) -> None:
    told_of = [line for line in matrix(network(tmp_path, UNREAD)).splitlines() if line.startswith("lan ->")]
    assert "".join(f"{line}\n" for line in told_of) == FROM_LAN


WIDE = """\
name: wide
services: {six: {image: six, ports: ["127.0.0.1:8080:80"]}}
networks: {default: {enable_ipv6: true, ipam: {config: [{subnet: "fd00:1::/64"}]}}}
"""


def test_before_27_nothing_filters_ipv6_unless_it_is_asked_for(tmp_path: Path) -> None:
    found = dict(line.split(": ", 1) for line in matrix(network(tmp_path, WIDE)).splitlines())
    assert found["lan -> six"] == f"perhaps everything: {VERSION}; the engine's setting ip6tables is on"


def test_between_containers_that_a_network_keeps_apart_it_is_told_by_which_rule(tmp_path: Path) -> None:
    of = network(tmp_path, PROJECT)
    web, app = (next(one for one in of.places() if one.name == name) for name in ("web", "app"))
    found = of.explain(web, app, "tcp", 8080)
    assert (found.verdict, found.why) == ("denied", "")
    assert [step.text for step in found.path] == [
        "-A FORWARD -j DOCKER-FORWARD",
        "-A DOCKER-FORWARD -i br-000000000001 -o br-000000000001 -j DROP",
    ]
