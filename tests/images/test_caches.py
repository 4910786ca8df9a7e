from __future__ import annotations

import pytest

from policyengine.images.packages import Stage, Step, package_commands

from .calls import calls

KEPT = [
    # apt: its lists
    ("apt-get update", True),
    ("apt-get update && apt-get clean", True),
    ("apt-get update && apt-get distclean", False),
    ("apt-get update && apt-get dist-clean", False),
    ("apt-get update; rm -rf /var/lib/apt/lists/*", False),
    ("apt-get update; rm -rf /var/lib/apt/lists/*_dists_*", False),
    ("apt-get update; rm -rf /var/lib/apt/lists/partial/*", True),
    ("apt-get update; rm -rf /tmp/* /var/{cache,lib}/apt", True),
    ("bash -c 'apt-get update; rm -rf /tmp/* /var/{cache,lib}/apt'", False),
    ("apt-get update; cd /var/lib; rm -r apt dpkg", False),
    ("apt-get update; find /var/lib/apt/lists -type f -delete", False),
    ("apt-get update; find /var/lib/apt/lists -type f", True),
    ("rm -rf /var/lib/apt/lists/*; apt-get update", True),
    ("apt-get update; rm -rf /var/cache/apt", True),
    ("apt-get update; rm -rf $DIRS", None),
    ("apt-get install curl", None),
    # apk
    ("apk add curl", True),
    ("apk --no-cache add curl", False),
    ("apk add --no-network curl", False),
    ("apk add curl && rm -rf /var/cache/apk/*", False),
    # yum, dnf
    ("yum install a", True),
    ("yum install a && yum -y clean all", False),
    ("yum install a && dnf clean all", False),
    ("dnf install a && rm -rf /var/cache/yum", False),
    ("dnf install a && rm -rf /var/{cache,log}/dnf", False),
    ("microdnf install a && dnf clean all", True),
    ("microdnf install a && microdnf clean all", False),
    ("dnf remove a", None),
    ("zypper in a && zypper cc -a", False),
    ("zypper in a && rm -rf /var/cache/*", False),
    ("pacman -S a && pacman -Scc", False),
    # pip
    ("pip install a", True),
    ("pip install --no-cache-dir a", False),
    ("pip install --no-cache-dir=0 a", True),
    ("PIP_NO_CACHE_DIR=yes pip install a", False),
    ("PIP_NO_CACHE_DIR=off pip install a", True),
    ("export PIP_NO_CACHE_DIR=1; python -m pip install a", False),
    ("pip install a && pip cache purge", False),
    ("pip install a && rm -rf ~/.cache/pip", False),
    ("pip install a && rm -rf /tmp/a", True),
    # yarn, npm
    ("yarn install && yarn cache clean", False),
    ("yarn", True),
    ("npm ci && npm cache clean --force", False),
    ("gem install a", None),
]


@pytest.mark.parametrize(("script", "kept"), KEPT)
def test_what_stays_in_the_layer(script: str, kept: bool | None) -> None:
    found = package_commands(calls(script), Stage(), Step({}))
    first = next(command for command in found if command.action not in ("clean", "other"))
    assert first.keeps_cache is kept
    assert ("keeps_cache" in first.unsure) is ("$DIRS" in script)


MOUNTED = [
    ("apt-get update", "/var/lib/apt", False),
    ("apt-get update", "/var/lib/apt/lists/", False),
    ("apt-get update", "/var/cache/apt", True),
    ("apk add a", "/var/cache/apk", False),
    ("apk add a", "/var/cache/foo", True),
    ("pip install a", "/root/.cache/pip", False),
    ("pip install a", "/home/app/.cache", False),
    ("pip install a", "/root", False),
    ("pip install --cache-dir /mnt/x a", "/mnt/x", False),
    ("pip install a", "/mnt/x", True),
    ("PIP_CACHE_DIR=/mnt/x pip install a", "/mnt/x", False),
    ("yarn", "/usr/local/share/.cache/yarn", False),
    ("yarn", "/root/.gradle", True),
]


@pytest.mark.parametrize(("script", "target", "kept"), MOUNTED)
def test_a_mount_is_no_part_of_the_layer(script: str, target: str, kept: bool) -> None:
    assert package_commands(calls(script), Stage(), Step({}, (target,)))[0].keeps_cache is kept


def test_a_shell_that_expands_braces() -> None:
    step = Step({}, shell="bash")
    assert package_commands(calls("apt-get update; rm -rf /var/{cache,lib}/apt"), Stage(), step)[0].keeps_cache is False


def test_one_cache_is_told_once() -> None:
    found = package_commands(calls("dnf upgrade -y && dnf install -y a && pip install b"), Stage(), Step({}))
    assert [command.keeps_cache for command in found] == [True, None, True]
