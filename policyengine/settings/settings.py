"""The settings of a run."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Literal

from policyengine.errors import UsageError, did_you_mean
from policyengine.model.care import Care
from policyengine.model.report import SEVERITIES, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policyengine.model.enforcement import EnforcementRule
    from policyengine.settings.trusted import Trusted

OnUnknown = Literal["fail", "warn", "ignore"]
ON_UNKNOWN: tuple[OnUnknown, ...] = ("fail", "warn", "ignore")

Color = Literal["auto", "always", "never"]
COLOR: tuple[Color, ...] = ("auto", "always", "never")

_REGISTRIES = ("insecure_registries", "registry_mirrors")
_NOT_THE_RESULT = ("jobs", "cache", "cache_directory", "progress", "origins", "remediate")
"""What bears on how a run goes, and not on what it finds."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a setting was said: at a place of a file, or by a flag's or a variable's ``name``."""

    name: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.name, self.line, self.column) if part is not None)

    def error(self, message: str, hint: str | None = None) -> UsageError:
        """An error that tells where the setting was said; what a flag says needs no place."""
        if self.line is not None:
            return UsageError(message, path=self.name, line=self.line, column=self.column, hint=hint)
        return UsageError(message if self.name.startswith("-") else f"{self.name}: {message}", hint=hint)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run was asked for.

    ``policies`` are files and directories of policies beside the built-in ones (``built_in`` leaves those out);
    ``packs`` names built-in packs or directories with ``pack.yaml``: none means ``default``, or with ``select`` all
    policies; ``select`` and ``ignore`` name policies: ids, categories, tags, benchmark controls, other tools' ids;
    ``parameters`` are values by policy id and parameter; ``enforcement`` says which violations block;
    ``unknown`` says what unknown judgements do to the exit code; ``fail_on`` is the least severity that fails a run;
    ``require_match`` fails a run in which no policy applied to anything; ``resolve`` names enrichments;
    ``insecure_registries`` may be asked over plain HTTP, ``registry_mirrors`` are asked before Docker Hub; ``env``
    holds variables for interpolation; ``zones`` are networks in CIDR notation by the name that policies call them;
    ``exclude`` holds patterns, as in .gitignore, of what is left out when
    directories are walked, and ``exclusions`` the same with the directory that they are relative to; ``skip_others``
    leaves named files out, too, that are excluded or of no known kind; ``all`` keeps passes as findings.
    ``exceptions`` lets exceptions count: those of the files ``waivers`` and ``baseline``, where these are named, and
    the ignores in what is judged; of running systems only with ``live_exceptions``. ``new_since``
    names a git revision: what was found where HEAD left it is waived. ``trusted`` is the revision
    that these settings were taken from, whose ignores count alone.
    ``jobs`` is the number of processes, 0 for as many as are worth it; ``cache`` keeps results between runs, in
    ``cache_directory`` if it is named; ``progress`` shows how far a run is, None on a terminal only.
    ``remediate`` is with what care running things are replaced.
    ``origins`` tell for messages where a setting, or a name or key in it, was said.
    Raises :class:`~policyengine.errors.UsageError` for values that make no sense.
    """

    policies: tuple[str, ...] = ()
    built_in: bool = True
    packs: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    parameters: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    enforcement: tuple[EnforcementRule, ...] = ()
    unknown: OnUnknown = "warn"
    fail_on: Severity = "info"
    require_match: bool = False
    resolve: tuple[str, ...] = ()
    insecure_registries: tuple[str, ...] = ()
    registry_mirrors: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    exclusions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    skip_others: bool = False
    all: bool = False
    exceptions: bool = True
    waivers: str = ""
    baseline: str = ""
    live_exceptions: bool = False
    new_since: str = ""
    trusted: Trusted | None = field(default=None, compare=False)
    jobs: int = 0
    zones: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cache: bool = True
    cache_directory: str = ""
    progress: bool | None = None
    remediate: Care = field(default_factory=Care)
    origins: Mapping[tuple[str, ...], Origin] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("policies", "packs", "select", "ignore", "resolve", "exclude", *_REGISTRIES):
            if isinstance(getattr(self, name), str):
                raise UsageError(f"{name} takes a sequence of strings, not one string")
        self._check_choice("unknown", ON_UNKNOWN)
        self._check_choice("fail_on", SEVERITIES)
        if isinstance(self.jobs, bool) or not isinstance(self.jobs, int) or self.jobs < 0:
            raise self.error(("jobs",), "jobs takes a number of processes, or 0 for as many as are worth it")

    def error(self, at: tuple[str, ...], message: str, hint: str | None = None) -> UsageError:
        """An error about a setting, or about a name or a key in it, that tells where it was said."""
        found = next((self.origins[at[:end]] for end in range(len(at), 0, -1) if at[:end] in self.origins), None)
        return found.error(message, hint) if found else UsageError(message, hint=hint)

    def digest(self) -> str:
        """A digest of everything that bears on the result; of ``env`` the names only, since values may be secrets."""
        said = {name: value for name, value in asdict(self).items() if name not in _NOT_THE_RESULT}
        said["trusted"] = self.trusted and self.trusted.commit
        said["env"] = sorted(self.env)
        for rule in said["enforcement"]:
            del rule["place"], rule["base"]
        said["exclusions"] = [patterns for _, patterns in self.exclusions]
        return sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()[:16]

    def _check_choice(self, name: str, choices: Sequence[str]) -> None:
        value = getattr(self, name)
        if value not in choices:
            *first, last = choices
            hint = did_you_mean(str(value).lower(), choices)
            shown = name.replace("_", "-")
            raise self.error((name,), f'{shown} takes {", ".join(first)} or {last}, not "{value}"', hint)
