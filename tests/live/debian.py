"""A base image of Debian with Python, made of the packages that are installed here: no registry is asked.

It is what debootstrap would make, in a tenth of the time, with pip, as images of Python have it, and the wheels that
policyengine is built of.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.installation import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable

PYTHON = "/usr/bin/python3"
_ADDED = ("apt", "git", "python3")
"""What Debian's essential packages do not bring. That git is there spares the build a look into Debian's archive."""
_LEFT_OUT = re.compile("/usr/share/(doc|man|locale|info|perl)/|/usr/lib/[^/]+/(perl|gconv)/|/usr/lib/git-core/").match
"""What would make the image large, and is not used."""
_SITE = "usr/lib/python3/dist-packages"
_FIELDS = "${Package}\t${db:Status-Abbrev}\t${Essential}\t${Pre-Depends}, ${Depends}\t${Provides}\n"
_FILES = {
    "etc/pip.conf": "[global]\nno-index = true\nfind-links = /wheels\n",
    "etc/apt/sources.list": "",
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\n_apt:x:42:65534::/nonexistent:/usr/sbin/nologin\n",
    "etc/group": "root:x:0:\nnogroup:x:65534:\n",
}
"""Of the image itself: pip and apt find all that they need in it."""
_DIRECTORIES = {"tmp": 0o1777, "var/lib/apt/lists/partial": 0o755, "var/cache/apt/archives/partial": 0o755}
_LINKS = ("bin", "sbin", "lib", "lib64")
"""Into ``/usr``, in every Debian that has a Python new enough."""


class Package(NamedTuple):
    """A package that is installed here, and which it needs: any one of each group."""

    name: str
    essential: bool
    needs: list[list[str]]
    provides: list[str]


def closure(names: Iterable[str] = ()) -> set[str]:
    """Packages and all that they need, and Debian's essential ones with all that those need."""
    installed = _installed()
    providers = {provided: one.name for one in installed.values() for provided in one.provides}
    waiting = [*names, *(one.name for one in installed.values() if one.essential)]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        name = name if name in installed else providers.get(name, name)
        if name in installed and name not in found:
            found.add(name)
            waiting.extend(next(filter(installed.__contains__, group), group[0]) for group in installed[name].needs)
    return found


def _installed() -> dict[str, Package]:
    lines = _told("dpkg-query", "--show", f"--showformat={_FIELDS}").splitlines()
    rows = [line.split("\t") for line in lines]
    return {
        name: Package(name, essential == "yes", _groups(needs), [one for group in _groups(provides) for one in group])
        for name, status, essential, needs, provides in rows
        if status.startswith("ii")
    }


def _groups(relations: str) -> list[list[str]]:
    """Package names of a relation, without versions and architectures."""
    groups = [group.split("|") for group in relations.split(",") if group.strip()]
    return [[one.split("(")[0].split(":")[0].strip() for one in group] for group in groups]


def owners(paths: Iterable[str]) -> set[str]:
    """The packages that libraries are of. The directory may be a link: dpkg knows /lib where /usr/lib is real."""
    patterns = ["*/" + "/".join(path.rsplit("/", 2)[1:]) for path in paths]
    return {line.split(":")[0] for line in _told("dpkg-query", "--search", *patterns).splitlines()}


def wheels(place: Path) -> Path:
    """The wheels that policyengine is built and run with, for Debian's Python."""
    version = _told(PYTHON, "-c", "import sys; print('%d.%d' % sys.version_info[:2])").strip()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [*project["build-system"]["requires"], *project["project"]["dependencies"]]
    found = place / "wheels"
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--only-binary",
        ":all:",
        "--python-version",
        version,
    ]
    subprocess.run([*command, "--dest", str(found), *wanted], check=True, capture_output=True, timeout=300)
    return found


def archive(place: Path) -> Path:
    """The base image's root as a tar file."""
    packages = closure(_ADDED)
    with tarfile.open(place / "base.tar", "w") as tar:
        for name, mode in _DIRECTORIES.items():
            _add_directory(tar, name, mode)
        for name in _LINKS:
            tar.add(f"/{name}", name, recursive=False)
        for path in _paths(packages):
            tar.add(path, str(path).lstrip("/"), recursive=False)
        for name, text in {**_FILES, "var/lib/dpkg/status": _status(packages)}.items():
            _add_text(tar, name, text)
        tar.add(_pip(), f"{_SITE}/pip")
        tar.add(wheels(place), "wheels")
    return place / "base.tar"


def _pip() -> Path:
    return Path(_told(sys.executable, "-c", "import pip; print(pip.__path__[0])").strip())


def _paths(packages: set[str]) -> list[Path]:
    """The files and directories of packages, where they really are: /bin is a link to /usr/bin."""
    listed = [Path(line) for line in _told("dpkg-query", "--listfiles", *sorted(packages)).splitlines() if line]
    own = {Path("/", name) for name in (*_FILES, *_DIRECTORIES, *_LINKS, "", f"{_SITE}/pip")}
    real = {path.parent.resolve() / path.name for path in listed} - own
    return sorted(path for path in real if os.path.lexists(path) and not _LEFT_OUT(str(path)))


def _status(packages: set[str]) -> str:
    """dpkg's own list of what is installed."""
    entries = Path("/var/lib/dpkg/status").read_text().split("\n\n")
    return "\n\n".join(entry for entry in entries if entry.partition("\n")[0].removeprefix("Package: ") in packages)


def _add_directory(tar: tarfile.TarFile, name: str, mode: int) -> None:
    made = tarfile.TarInfo(name)
    made.type, made.mode = tarfile.DIRTYPE, mode
    tar.addfile(made)


def _add_text(tar: tarfile.TarFile, name: str, text: str) -> None:
    made = tarfile.TarInfo(name)
    made.size, made.mode = len(text.encode()), 0o644
    tar.addfile(made, io.BytesIO(text.encode()))


def _told(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
