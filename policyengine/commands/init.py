"""``policyengine init``: a settings file to begin with."""

from __future__ import annotations

import textwrap
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

from policyengine.documents.load import document, format_of
from policyengine.errors import PolicyengineError, UsageError
from policyengine.outputs.deliver import deliver
from policyengine.outputs.summary import joined, plural
from policyengine.settings.discovery import NAME, PYPROJECT, has_table, shown
from policyengine.settings.schema import help_of
from policyengine.sources import claimant
from policyengine.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_FILES = 2000
"""How many files are looked at: enough to see what a directory is about."""
MAX_BYTES = 512 * 1024
"""Larger files are not looked at."""

_NOT_OURS = ("vendor", "third_party", "third-party", "bower_components")
"""Directories with what others wrote."""
_FOR_TESTS = ("test", "tests", "testdata", "fixtures", "__fixtures__")
"""Directories whose files may be wrong on purpose."""
TITLES = {
    "accounts": "accounts file",
    "compose": "Compose file",
    "docker": "Docker snapshot",
    "docker_config": "Docker settings file",
    "dockerfile": "Dockerfile",
    "firewall": "firewall dump",
    "host": "host snapshot",
    "kubernetes": "Kubernetes manifest",
    "ssh": "ssh_config file",
    "sshd": "sshd_config file",
    "sudoers": "sudoers file",
}
"""What a file of each input kind is called."""


class Seen(Struct):
    """What a directory holds: how many files of each input kind, and what bears on how they are judged."""

    kinds: Counter[str] = field(default_factory=Counter)
    charts: list[str] = field(default_factory=list)
    overlays: list[str] = field(default_factory=list)
    not_ours: set[str] = field(default_factory=set)
    for_tests: set[str] = field(default_factory=set)
    cut: bool = False


def init(directory: Path, *, force: bool = False) -> Seen:
    """Write a settings file that fits a directory; what was seen in it.

    Raises :class:`UsageError` when there is one, unless ``force``.
    """
    path = directory / NAME
    if path.exists() and not force:
        raise UsageError("there is one already", path=shown(path), hint="--force writes it anew, --stdout shows it")
    pyproject = directory / PYPROJECT
    if pyproject.is_file() and has_table(pyproject):
        hint = "--stdout shows what init would say"
        raise UsageError("there are settings already, in [tool.policyengine]", path=shown(pyproject), hint=hint)
    found = seen(directory)
    deliver(settings_text(found), path)
    return found


def next_steps(found: Seen) -> str:
    """What to do with the file that was written."""
    kinds = [_counted(name, count) for name, count in sorted(found.kinds.items())]
    what = (
        f"It holds settings for {joined(kinds, 'and')}."
        if kinds
        else "No Compose file, manifest or Dockerfile was found here yet."
    )
    return (
        f"{NAME} is written. {what}\n"
        "Next:\n"
        "  policyengine check            judges them\n"
        "  policyengine config           shows the settings that apply here\n"
        "  policyengine packs            lists the packs, and policyengine policies the policies\n"
    )


def _counted(name: str, count: int) -> str:
    return plural(count, TITLES.get(name, name))


def seen(directory: Path) -> Seen:
    """What a directory holds, as git would see it."""
    found = Seen()
    for number, path in enumerate(_files(directory)):
        if number >= MAX_FILES:
            found.cut = True
            break
        below = path.relative_to(directory)
        if path.name == "Chart.yaml":
            found.charts.append(str(below.parent))
        elif path.name in ("kustomization.yaml", "kustomization.yml"):
            found.overlays.append(str(below.parent))
        kind = _kind(path)
        if kind:
            found.kinds[kind] += 1
            found.not_ours |= {part for part in below.parts[:-1] if part in _NOT_OURS}
            found.for_tests |= {part for part in below.parts[:-1] if part in _FOR_TESTS}
    return found


def _files(directory: Path) -> Iterator[Path]:
    return (Path(path) for path, _ in Walk(directory).files(lambda path: format_of(path) is not None))


def _kind(path: Path) -> str | None:
    """The input kind that claims a file; None for what is none, and for what cannot be read."""
    try:
        if path.stat().st_size > MAX_BYTES:
            return None
        reader = claimant(document(str(path), path.read_bytes()))
    except (OSError, PolicyengineError):
        return None
    return reader.NAME if reader else None


def settings_text(found: Seen) -> str:
    """A commented settings file for what was seen."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Seen) -> Iterator[str]:
    yield "# Settings of policyengine. All keys but version are optional."
    yield "# POLICYENGINE_... variables count more than these, and flags count most:"
    yield "# `policyengine config` shows what applies, and where each comes from."
    yield "version: 1"
    yield from _about("sources", _found(found))
    yield "sources: [.]"
    yield from _about("exclude")
    yield from _excludes(found)
    yield from _about("packs")
    yield "packs: [default]"
    for key, suggested in _SUGGESTED.items():
        yield from _about(key)
        yield from (f"# {line}" for line in suggested)
    yield from _about("unknown")
    if found.kinds["compose"]:
        yield '# Variables of Compose files can be given here: env: {TAG: "1.25"}'
    yield "unknown: warn"
    yield from _about("fail_on")
    yield "fail_on: info"


def _about(key: str, more: str = "") -> Iterator[str]:
    """A blank line, and what a key is for as a comment."""
    yield ""
    yield from (f"# {line}" for line in textwrap.wrap(help_of(key) + more, _WIDTH, break_on_hyphens=False))


_WIDTH = 98
_SUGGESTED = {
    "policies": ["policies: [policies/]"],
    "ignore": ["ignore: [base-latest]"],
    "parameters": ["parameters:", "  caps-added: {allowed: [NET_BIND_SERVICE]}"],
    "enforcement": [
        "enforcement:",
        "  - {severity: [low, info], enforce: warn}",
        "  - {policy: privileged, path: legacy/, enforce: warn}",
    ],
    "remediate": [
        "remediate:",
        "  soak: 3600",
        "  gate: 60",
        "  stable: 10",
        "  max_unavailable: 1",
        "  protected: ['db-*', label=com.example.pet]",
        "  hooks: {before: [./drain.sh], after: ['https://hooks.example/replaced'], seconds: 60}",
        "  unsafe_fixes: no",
        "  push: registry.example/mended",
        "  registries: {docker.io: registry.example/hub}",
        "  state_dir: state/",
    ],
}
"""Keys with values that one may want, to be uncommented."""


def _found(found: Seen) -> str:
    kinds = [_counted(name, count) for name, count in sorted(found.kinds.items())]
    if not kinds:
        return ""
    return f" Found here: {joined(kinds, 'and')}{', and perhaps more' if found.cut else ''}."


def _excludes(found: Seen) -> Iterator[str]:
    if found.charts:
        yield f"# Helm charts ({_some(found.charts)}) are left out by themselves: what is rendered can be judged, with"
        yield "# helm template . | policyengine check -"
    if found.overlays:
        yield f"# Kustomize overlays ({_some(found.overlays)}) are judged when they are rendered, with"
        yield "# kustomize build . | policyengine check -"
    listed = [f"- {name}/ # what others wrote" for name in sorted(found.not_ours)]
    perhaps = [f"- {name}/ # if its files are wrong on purpose" for name in sorted(found.for_tests)]
    yield "exclude:" if listed else "# exclude:"
    yield from (f"  {line}" for line in listed)
    yield from (f"#   {line}" for line in perhaps or ["- legacy/"])


def _some(places: list[str]) -> str:
    first = sorted(places)[:3]
    return ", ".join(first) + (", ..." if len(places) > len(first) else "")
