"""One spelling for what can be spelt in several ways, so that policies need to know only one."""

from __future__ import annotations

import posixpath
import re
from ipaddress import IPv6Address, ip_address

_DIGITS = 9
_NAMED_PIPE = re.compile(r"//[.?]/pipe/[^/]+", re.IGNORECASE).fullmatch


def capability(name: str) -> str:
    """A Linux capability in upper case without ``CAP_``, as engines read it."""
    return name.upper().removeprefix("CAP_")


def host_path(path: str) -> str:
    """An absolute path of a host in its shortest form, as engines clean it (Go's ``path.Clean``).

    Anything else stays as it is written: a relative path, one of Windows, a named pipe (``//./pipe/docker_engine``).
    """
    if not path.startswith("/") or (_NAMED_PIPE(path) and not path.endswith("/..")):
        return path
    return "/" + posixpath.normpath(path).lstrip("/")


def shareable(volume: object) -> tuple[str, str] | None:
    """What makes a mount in the words of Compose the same as another's; None for what nobody else can mount."""
    if not isinstance(volume, dict) or volume.get("type") not in ("bind", "volume"):
        return None
    source = volume.get("source")
    return (str(volume["type"]), source) if isinstance(source, str) else None


def restart_limit(policy: str) -> int | None:
    """How often a restart policy in the words of Compose starts a container again; None for no limit.

    The engine takes 0 for no limit: https://docs.docker.com/reference/cli/docker/container/run/#restart.
    """
    name, _, attempts = policy.partition(":")
    if name == "no":
        return 0
    counted = name == "on-failure" and attempts.isascii() and attempts.isdigit() and len(attempts) <= _DIGITS
    return int(attempts) or None if counted else None


def address(text: str) -> str:
    """An IP address in its shortest form, without brackets; what is no address stays as it is written.

    An IPv4 address written as IPv6 (``::ffff:10.0.0.1``) is the IPv4 address, which is what sockets make of it.
    """
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        found = ip_address(bare)
    except ValueError:
        return text
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped or found)
