"""Who a container's process starts as."""

from __future__ import annotations

import re

WINDOWS_USER = "ContainerAdministrator"
"""Who processes run as where neither an image of Windows nor what it is built on sets a user; nanoserver sets one.

https://learn.microsoft.com/virtualization/windowscontainers/manage-containers/container-security
"""

_ZERO = re.compile(r"[+-]?0+").fullmatch

_UNPRIVILEGED = re.compile(
    r"""(?x)
      (?:.*[^a-z0-9])? (?:non-?root|rootless|unprivileged|chiseled|nanoserver) (?:[^a-z0-9].*)?
    | mcr\.microsoft\.com/dotnet/[^:]*:.*distroless.*      # they set APP_UID, as the chiseled ones do
    | cgr\.dev/chainguard/.*
    """
).fullmatch


def named_unprivileged(reference: str) -> bool:
    """Whether a reference says that its image sets a user: ``nginx-unprivileged``, ``static:nonroot``, ``chiseled``."""
    return _UNPRIVILEGED(reference.lower()) is not None


def default_user(*, windows: bool) -> str:
    """Who processes run as where nothing sets a user (OCI image specification, ``config.User``)."""
    return WINDOWS_USER if windows else "root"


def is_root(user: str) -> bool:
    """Whether a ``user[:group]`` as in USER, Compose and the engine's configuration is uid 0.

    An empty user is root (OCI image specification, ``config.User``). A name other than root is taken for another
    user: only the image's /etc/passwd could tell better. Engines read a number as Go's ``strconv.Atoi`` does, with a
    sign if it has one.
    """
    name = user.partition(":")[0].strip()
    return name in ("", "root") or _ZERO(name) is not None
