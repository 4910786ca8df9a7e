"""Docker Compose v2, the plugin of the ``docker`` command or the program ``docker-compose``, as it is asked to act.

https://docs.docker.com/reference/cli/docker/compose/. It reads a project's files itself, with the variables of our
environment, and acts on the engine that it is told. Nothing is asked of anybody: standard input is empty, so that what
it would not do without a yes (give up a volume) it does not do.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from policyengine.errors import SourceError
from policyengine.model.masking import concealed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from policyengine.connections.docker_context import Endpoint

SECONDS = 60
"""How long a question about a project may take."""

OLDEST = (2, 20)
"""The oldest version that has the options used here: ``--dry-run``, ``--progress``, ``up --pull``, ``--no-build``."""

_PROGRAMS = (("docker", "compose"), ("docker-compose",))
_VERSION = re.compile(r"v?(\d+)\.(\d+)").match
_TOUCHED = re.compile(r"(?:DRY-RUN MODE -)?\s*(Container|Network|Volume|Image|Service) (\S+)\s+([A-Z][a-z]+)").match
_IDLE = frozenset({"Running", "Healthy", "Waiting", "Exited", "Skipped"})
"""What is told of things that are left as they are."""

_HASHED = re.compile(r"(\S+) ([0-9a-f]{64})").fullmatch
_GRACE = 10
_SHOWN = 500


class NoComposeError(SourceError):
    """There is no Docker Compose that can be used."""


class Project(Struct, frozen=True):
    """A project as ``docker compose`` is told it: its name, its directory, its files, and where variables come from."""

    name: str
    directory: str
    files: tuple[str, ...]
    env_files: tuple[str, ...] = ()

    @property
    def options(self) -> tuple[str, ...]:
        """The same as options. All profiles count: who names a service means it, whatever its profile."""
        files = [part for file in self.files for part in ("--file", file)]
        env_files = [part for file in self.env_files for part in ("--env-file", file)]
        named = ("--project-name", self.name, "--project-directory", self.directory)
        return (*named, *files, *env_files, "--profile", "*")


class Touched(NamedTuple):
    """What ``up`` would do something to: ``Container``, ``shop-web-1``, ``Recreate``."""

    kind: str
    name: str
    deed: str


class Up(Struct, frozen=True):
    """What is to be brought up: so many containers of each service.

    With ``alone``, what they depend on is left out, and left as it is.
    """

    services: Mapping[str, int]
    alone: bool = True

    @property
    def arguments(self) -> tuple[str, ...]:
        """The same as arguments. No image is pulled or built: what runs is what was there when it was planned."""
        scales = [part for name, number in self.services.items() for part in ("--scale", f"{name}={number}")]
        alone = ("--no-deps",) if self.alone else ()
        return ("up", "--detach", "--no-build", "--pull", "never", *alone, *scales, "--", *self.services)


class Compose:
    """A Docker Compose that answers, for the engine at an endpoint."""

    def __init__(self, program: Sequence[str], version: str, environment: Mapping[str, str]) -> None:
        self.version = version
        self._program = tuple(program)
        self._environment = environment

    def hashes(self, project: Project) -> dict[str, str]:
        """The hash of each service's configuration: what its containers have as label ``config-hash``."""
        said = self._asked(project, ("config", "--hash", "*"))
        return {match[1]: match[2] for line in said.splitlines() if (match := _HASHED(line.strip()))}

    def rehearsed(self, project: Project, up: Up) -> list[Touched]:
        """What bringing services up would touch, without doing it."""
        return list(touched(self._asked(project, up.arguments, "--dry-run", "--progress", "plain")))

    def up(self, project: Project, up: Up, seconds: float, held: int | None = None) -> None:
        """Bring services up.

        ``held`` is an open file: it stays open as long as Compose runs, even if we do not. Raises
        :class:`SourceError` where it fails, or has not ended after so many seconds.
        """
        self._asked(project, up.arguments, "--progress", "plain", seconds=seconds, held=held)

    def _asked(
        self,
        project: Project,
        arguments: Sequence[str],
        *options: str,
        seconds: float = SECONDS,
        held: int | None = None,
    ) -> str:
        command = (*self._program, *options, *project.options, *arguments)
        ended = _ended(command, self._environment, seconds, () if held is None else (held,))
        if ended.code:
            raise SourceError(f"docker compose {arguments[0]} failed: {_last(ended.err)}", path=project.files[0])
        return f"{ended.out}\n{ended.err}"


def touched(said: str) -> Iterable[Touched]:
    """What Compose tells, line by line, that it does something to."""
    for line in said.splitlines():
        match = _TOUCHED(line.strip())
        if match and match[3] not in _IDLE:
            yield Touched(match[1], match[2], match[3])


def compose(endpoint: Endpoint, environ: Mapping[str, str] = os.environ) -> Compose:
    """The Docker Compose at hand. Raises :class:`NoComposeError` where there is none, or one that is too old."""
    environment = _environment(endpoint, environ)
    old = ""
    for program in _PROGRAMS:
        version = _version(program, environment)
        number = _VERSION(version)
        if number and (int(number[1]), int(number[2])) >= OLDEST:
            return Compose(program, version, environment)
        if number:
            old = old or _too_old(program, version, int(number[1]))
    raise NoComposeError(old or "there is no Docker Compose here", hint="install the plugin compose of docker")


def _too_old(program: Sequence[str], version: str, major: int) -> str:
    if major == 1:
        return f"{' '.join(program)} is {version}: Compose v1, which knows neither the files of today nor their labels"
    return f"{' '.join(program)} is {version}: older than {'.'.join(map(str, OLDEST))}"


def _version(program: Sequence[str], environment: Mapping[str, str]) -> str:
    """The version that a program says it has, empty where it cannot be asked."""
    try:
        ended = _ended((*program, "version", "--short"), environment, SECONDS)
    except SourceError:
        return ""
    return ended.out.strip() if ended.code == 0 else ""


def _environment(endpoint: Endpoint, environ: Mapping[str, str]) -> dict[str, str]:
    """Our environment, in which Compose looks for variables, with the engine that is meant.

    What would choose other files, profiles or engines is left out:
    https://docs.docker.com/compose/how-tos/environment-variables/envvars/
    """
    kept = {name: value for name, value in environ.items() if name not in _CHOOSING}
    found = {**kept, "DOCKER_HOST": endpoint.host, "COMPOSE_ANSI": "never", "COMPOSE_MENU": "false"}
    if endpoint.certificates is not None:
        found |= {"DOCKER_TLS": "1", "DOCKER_CERT_PATH": str(endpoint.certificates)}
        found |= {"DOCKER_TLS_VERIFY": "1"} if endpoint.verify else {}
    return found


_CHOOSING = frozenset(
    {
        "COMPOSE_FILE",
        "COMPOSE_PROFILES",
        "COMPOSE_PROJECT_NAME",
        "COMPOSE_ENV_FILES",
        "COMPOSE_REMOVE_ORPHANS",
        "COMPOSE_DISABLE_ENV_FILE",
        "DOCKER_CONTEXT",
        "DOCKER_HOST",
        "DOCKER_TLS",
        "DOCKER_TLS_VERIFY",
        "DOCKER_CERT_PATH",
    }
)


class _Ended(NamedTuple):
    code: int
    out: str
    err: str


def _ended(
    command: Sequence[str], environment: Mapping[str, str], seconds: float, held: tuple[int, ...] = ()
) -> _Ended:
    """How a command ended. It does not hear of the interrupt key: who starts it decides what becomes of it."""
    try:
        process = subprocess.Popen(  # noqa: S603 - no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env=dict(environment),
            start_new_session=True,
            pass_fds=held,
        )
    except OSError as error:
        raise SourceError(f"{command[0]} cannot be run: {error.strerror}") from None
    with process:
        try:
            out, err = process.communicate(timeout=seconds)
        except BaseException as error:
            _stop(process)
            if isinstance(error, subprocess.TimeoutExpired):
                raise SourceError(f"{' '.join(command[:2])} has not ended after {seconds:g} s") from None
            raise
    return _Ended(process.returncode, out, err)


def _stop(process: subprocess.Popen[str]) -> None:
    """End a command and all that it started: the plugin is a process of its own."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=_GRACE)
            return


def _last(said: str) -> str:
    """Why it failed: the last line that is not about how it gets on."""
    lines = [line.strip() for line in said.splitlines() if line.strip() and not _TOUCHED(line.strip())]
    return concealed(lines[-1])[:_SHOWN] if lines else "it does not say why"
