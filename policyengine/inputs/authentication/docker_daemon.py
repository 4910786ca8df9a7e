"""A root's Docker engine as a resource: daemon.json and dockerd's flags, with the defaults of what is not set."""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import TYPE_CHECKING

from policyengine.authentication.docker.daemon import Refusal, Set, read
from policyengine.authentication.docker.sockets import listeners
from policyengine.authentication.resolving import entry
from policyengine.inputs.authentication.origins import WrittenOrigins
from policyengine.model.kinds import docker_daemon as kind
from policyengine.model.location import Location
from policyengine.model.provenance import DECLARED, Provenance
from policyengine.model.resource import Resource
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from policyengine.authentication.docker.daemon import Daemon
    from policyengine.authentication.files import Entry, Root
    from policyengine.documents.document import Document
    from policyengine.model.paths import FieldPath
    from policyengine.model.scope import Scope

SUPPLIES: Mapping[str, frozenset[str]] = {"docker_daemon": frozenset(kind.KIND.fields)}

DEFAULT = Provenance("default", "dockerd")

_FIELDS: Mapping[str, tuple[str, object]] = {
    "authorization_plugins": ("authorization-plugins", None),
    "bridge": ("bridge", None),
    "cgroup_parent": ("cgroup-parent", None),
    "data_root": ("data-root", "/var/lib/docker"),
    "debug": ("debug", False),
    "default_cgroupns_mode": ("default-cgroupns-mode", None),  # private or host, as the host's cgroups are
    "default_ipc_mode": ("default-ipc-mode", "private"),
    "default_runtime": ("default-runtime", "runc"),
    "exec_opts": ("exec-opts", None),
    "experimental": ("experimental", False),
    "features": ("features", None),
    "group": ("group", "docker"),
    "http_proxy": ("http-proxy", None),
    "https_proxy": ("https-proxy", None),
    "icc": ("icc", True),
    "init": ("init", False),
    "ip": ("ip", "0.0.0.0"),  # noqa: S104 - what dockerd listens at, not we
    "ip6tables": ("ip6tables", True),
    "ip_forward": ("ip-forward", True),
    "ip_masq": ("ip-masq", True),
    "iptables": ("iptables", True),
    "ipv6": ("ipv6", False),
    "labels": ("labels", None),
    "live_restore": ("live-restore", False),
    "log_level": ("log-level", "info"),
    "logging_driver": ("log-driver", "json-file"),
    "logging_options": ("log-opts", None),
    "metrics_address": ("metrics-addr", None),
    "no_new_privileges": ("no-new-privileges", False),
    "registry_mirrors": ("registry-mirrors", None),
    "rootless": ("rootless", False),
    "seccomp_profile": ("seccomp-profile", "builtin"),
    "selinux_enabled": ("selinux-enabled", False),
    "storage_driver": ("storage-driver", None),
    "storage_options": ("storage-opts", None),
    "tls_ca": ("tlscacert", "/root/.docker/ca.pem"),
    "tls_certificate": ("tlscert", "/root/.docker/cert.pem"),
    "tls_key": ("tlskey", "/root/.docker/key.pem"),
    "userland_proxy": ("userland-proxy", True),
    "userns_user": ("userns-remap", None),
}
"""By field: the key, and dockerd's default."""

_SOCKET = "unix:///var/run/docker.sock"
_FIXED = {"os_type": "linux", "product": "docker"}


def resources(
    root: Root, name: str, scope: Scope, origin: str, refused: Callable[[str, Location], None]
) -> Iterator[Resource]:
    """The engine that a root's files configure, if any; one that dockerd refuses to be is told."""
    yield from engine(root, name, scope, origin, refused)


def engine(
    root: Root,
    name: str,
    scope: Scope,
    origin: str,
    refused: Callable[[str, Location], None],
    *,
    alone: bool = False,
) -> Iterator[Resource]:
    """The engine; ``alone``: nothing but daemon.json itself is there."""
    found = read(root, alone=alone)
    if isinstance(found, Refusal):
        refused(f"dockerd refuses it: {found.message}", found.where)
    elif found is not None:
        for strange in found.strange:
            refused(f"dockerd refuses it: {strange.message}", strange.where)
        yield _Facts(found, name, root).resource(scope, origin)


class _Facts:
    """Collects the facts and where they come from."""

    def __init__(self, daemon: Daemon, name: str, root: Root) -> None:
        self._daemon = daemon
        self._root = root
        self._name = name
        self._facts: dict[str, object] = {"name": name, **_FIXED}
        self._places: dict[FieldPath, Location] = {}
        self._texts: dict[str, str | Document] = {}
        self._how: dict[FieldPath, Provenance] = {("name",): DECLARED}

    def resource(self, scope: Scope, origin: str) -> Resource:
        """The engine."""
        for field, (key, default) in _FIELDS.items():
            self._put(field, key, default)
        self._put("hosts", "hosts", [_SOCKET], _listener)
        self._put_sockets()
        self._put("insecure_registries", "insecure-registries", None, _public)
        self._put("default_ulimits", "default-ulimits", None)
        self._put_ulimits()
        self._put("userns_remap", "userns-remap", default=False)
        self._facts["userns_remap"] = self._truth("userns_remap")
        self._put_tls()
        self._put_tls_files()
        self._put_settings()
        directory = self._facts["data_root"]
        self._facts["swarm"] = directory if isinstance(directory, Unknown) else _swarm(self._root, str(directory))
        daemon = self._daemon
        origins = WrittenOrigins(daemon.path, self._places, self._how, {**daemon.texts, **self._texts})
        facts = {field: _typed(field, value) for field, value in self._facts.items() if value not in (None, "", [])}
        self._how |= {(field,): DECLARED for field in facts if (field,) not in self._how}
        return Resource("docker_daemon", self._name, origin, scope, facts, origins)

    def _put(
        self, field: str, key: str, default: object, change: Callable[[str], str | None] = lambda text: text
    ) -> None:
        """A field's value: what is set, else the default; Unknown where more may be set.

        Items that ``change`` drops are left out.
        """
        found = self._daemon.settings.get(key)
        if found is None:
            self._facts[field] = self._daemon.rest or default
            self._how[(field,)] = DEFAULT
            return
        self._note(field, found)
        value = found.value
        if isinstance(value, list):
            pairs = [(changed, at) for at, item in enumerate(value) if (changed := change(str(item)))]
            self._places |= {(field, new): found.items[at] for new, (_, at) in enumerate(pairs) if at in found.items}
            value = [changed for changed, _ in pairs]
        elif found.items:
            self._places |= {(field, key): where for key, where in found.items.items()}
        self._facts[field] = value

    def _put_sockets(self) -> None:
        """What systemd listens at for dockerd, beside what that listens at by itself."""
        hosts = self._facts["hosts"]
        if not isinstance(hosts, list) or not any(host.startswith("fd://") for host in hosts):
            return
        found = listeners(self._root)
        if isinstance(found, Unknown):
            self._facts["hosts"] = hosts if any(map(_is_tcp, hosts)) else found
            return
        given, texts = found
        self._texts |= texts
        exposed = next(filter(_is_tcp, given), None)
        if exposed is not None and not any(map(_is_tcp, hosts)):
            self._places[("hosts",)] = given[exposed].where
        self._places |= {("hosts", at): line.where for at, line in enumerate(given.values(), len(hosts))}
        self._facts["hosts"] = [*hosts, *given]

    def _note(self, field: str, found: Set) -> None:
        self._places[(field,)] = found.where
        self._how[(field,)] = DECLARED

    def _truth(self, field: str) -> object:
        value = self._facts[field]
        return value not in ("", False) if isinstance(value, str | bool) else value

    def _put_ulimits(self) -> None:
        found = self._facts["default_ulimits"]
        if isinstance(found, dict):
            self._facts["default_ulimits"] = {name: _limit(limit) for name, limit in found.items()}

    def _put_tls(self) -> None:
        """Who says ``tlsverify``, true or false, has TLS; who says ``tls`` alone has what that says for both."""
        self._put("tls", "tls", default=False)
        tls = self._facts["tls"]
        self._put("tls_verify", "tlsverify", default=tls)
        if "tlsverify" in self._daemon.settings:
            self._facts["tls"] = True
        elif "tls" in self._daemon.settings:
            self._facts["tls_verify"] = tls
            self._places[("tls_verify",)] = self._places[("tls",)]

    def _put_tls_files(self) -> None:
        """The owners and modes of what is read for TLS, where that is on."""
        tls, files = self._facts["tls"], list[object]()
        for field in ("tls_ca", "tls_certificate", "tls_key") if tls is not False else ():
            path = self._facts[field]
            unread = next((one for one in (tls, path) if isinstance(one, Unknown)), None)
            found = unread or entry(self._root, str(path))
            mode = f"{field}_mode"
            self._facts[mode] = found if found is None or isinstance(found, Unknown) else f"{found.mode:04o}"
            if found is None:
                continue
            if not isinstance(path, Unknown):  # else it lies nobody knows where
                self._places[("tls_files", len(files))] = Location(self._root.where(str(path)))
                self._places[(mode,)] = Location(self._root.where(str(path)))
            files.append(found if isinstance(found, Unknown) else _owned(str(path), found))
        self._facts["tls_files"] = files

    def _put_settings(self) -> None:
        settings = sorted(self._daemon.settings.items())
        self._facts["settings"] = [
            {"option": key, "source": "flag" if found.flag else "file"} for key, found in settings
        ]
        self._places |= {("settings", at): found.where for at, (_, found) in enumerate(settings)}


def _owned(path: str, found: Entry) -> dict[str, object]:
    return {"path": path, "uid": found.uid, "gid": found.gid}


def _swarm(root: Root, directory: str) -> str | Unknown:
    """The state of a node is kept in its data directory until it leaves the Swarm."""
    found = entry(root, f"{directory}/swarm/docker-state.json")
    return found if isinstance(found, Unknown) else "inactive" if found is None else "active"


def _typed(field: str, value: object) -> object:
    """A value as it is, where it is of the field's type: dockerd refuses any other, which is told."""
    is_map = kind.KIND.fields[field].type.name == "map"
    wrong = is_map and not isinstance(value, dict | Unknown)
    return Unknown("daemon.json", f"{field} is not what dockerd takes") if wrong else value


def _limit(limit: object) -> dict[str, object]:
    known = limit if isinstance(limit, dict) else {}
    return {name.lower(): _whole(known[name]) for name in ("Soft", "Hard") if known.get(name) is not None}


def _whole(number: object) -> object:
    wrong = not isinstance(number, int) or isinstance(number, bool)
    return Unknown("daemon.json", "default_ulimits is not what dockerd takes") if wrong else number


def _listener(host: str) -> str:
    """A listener with its protocol: without one it is TCP's; an empty one is the socket."""
    host = host.strip()
    return host if "://" in host else f"tcp://{host}" if host else _SOCKET


def _is_tcp(host: str) -> bool:
    return host.startswith("tcp://")


def _public(registry: str) -> str | None:
    """A registry, or a range of addresses, that is not the host itself: that is spoken to without TLS anyway."""
    address = _ADDRESS(registry)
    host = address[1] or address[2] if address else registry
    try:
        return None if host == "localhost" or ip_network(host, strict=False).is_loopback else registry
    except ValueError:
        return registry


_ADDRESS = re.compile(r"(?:\[([^\]]*)\]|([^:]*))(?::[0-9]+)?").fullmatch
"""A host with its port: ``[::1]:5000``."""
