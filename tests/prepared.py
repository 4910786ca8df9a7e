"""The command in a process that has imported it already: a run's own start of Python takes most of its time.

``python -m tests.prepared FD`` imports every module and the libraries that they use, then forks itself for each run
that is asked for: what runs is ``python -m policyengine`` as from there on, in a process of its own that ends as any
does. What Python and libraries read when they start cannot be given to such a run: see :func:`can_run`.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import pkgutil
import resource
import runpy
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack, suppress
from functools import cache
from importlib import import_module
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, NamedTuple

from tests.installation import ROOT, environment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

LIBRARIES = ("cel_expr_python", "pathspec", "re2", "sqlite3", "tomllib", "yaml")
"""What most runs import where it is used."""
STARTING = 120.0
"""Seconds in which a run is begun: for the first one the server imports everything, on a machine that may be busy."""
_READ_LATER = ("DOCKER_", "GIT_", "HOME", "PATH", "POLICYENGINE_", "PYTEST_CURRENT_TEST", "TMPDIR", "XDG_")
"""How the names of variables begin that nothing reads before the command runs."""


class Bounds(NamedTuple):
    """What a run may take: bytes of address space, and seconds of processor time, after which SIGXCPU ends it."""

    memory: int = resource.RLIM_INFINITY
    seconds: int = resource.RLIM_INFINITY

    def put(self) -> None:
        """Have this process, and those that it starts, take no more."""
        for limit, most in ((resource.RLIMIT_AS, self.memory), (resource.RLIMIT_CPU, self.seconds)):
            resource.setrlimit(limit, (most, resource.getrlimit(limit)[1]))


UNBOUNDED = Bounds()


@cache
def _variables() -> Mapping[str, str]:
    """The environment in which the server starts: one of a test session."""
    return environment(PYTHONPATH=str(ROOT))


@cache
def _server() -> socket.socket:
    """Where runs are asked for; the server ends when this process does."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with there:
        command = [sys.executable, "-m", "tests.prepared", str(there.fileno())]
        serving = subprocess.Popen(
            command, cwd=ROOT, env=_variables(), pass_fds=[there.fileno()], stdin=subprocess.DEVNULL
        )
    atexit.register(serving.wait)
    atexit.register(here.close)  # which comes first
    return here


def can_run(variables: Mapping[str, str]) -> bool:
    """Whether a run with these variables is as one that is started with them."""
    names = {name for name, _ in variables.items() ^ _variables().items()}
    return all(name.startswith(_READ_LATER) for name in names)


def run(
    arguments: Sequence[str],
    cwd: Path,
    variables: Mapping[str, str],
    given: bytes,
    seconds: float,
    bounds: Bounds = UNBOUNDED,
) -> tuple[int, bytes, bytes]:
    """Run the command; gives its exit code and what it wrote on standard output and on standard error.

    Raises :class:`subprocess.TimeoutExpired` where it does not end within so many seconds by the clock.
    """
    with ExitStack() as stack:
        request, stdin, out, err = (stack.enter_context(TemporaryFile()) for _ in range(4))
        request.write(json.dumps([list(arguments), str(cwd), dict(variables), *bounds]).encode())
        stdin.write(given)
        told, telling = (stack.enter_context(one) for one in socket.socketpair())
        files = (request, stdin)
        for file in files:
            file.seek(0)
        fds = [request.fileno(), stdin.fileno(), out.fileno(), err.fileno(), telling.fileno()]
        socket.send_fds(_server(), [b"run"], fds)
        telling.close()
        code = _waited(told, arguments, seconds)
        out.seek(0)
        err.seek(0)
        return code, out.read(), err.read()


def _waited(told: socket.socket, arguments: Sequence[str], seconds: float, starting: float = STARTING) -> int:
    """The exit code of the run of which a socket tells its number, then how it ended.

    Raises :class:`subprocess.TimeoutExpired` where it does not end in time, or was not even begun.
    """
    process = None
    with told.makefile() as lines:
        try:
            told.settimeout(starting)
            process = int(lines.readline())
            told.settimeout(seconds)
            return int(lines.readline())
        except TimeoutError:
            if process is None:
                raise subprocess.TimeoutExpired(["tests.prepared"], starting) from None
            os.kill(process, signal.SIGKILL)
            raise subprocess.TimeoutExpired(["policyengine", *arguments], seconds) from None


def serve(asked: socket.socket) -> None:
    """Fork for each run that is asked for, until nobody can ask any more; ends in the run, too."""
    for module in pkgutil.walk_packages(import_module("policyengine").__path__, "policyengine."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    for name in LIBRARIES:
        import_module(name)
    gc.freeze()
    while True:
        data, fds, _, _ = socket.recv_fds(asked, 16, 5)
        if not data:
            return
        if os.fork() == 0:
            asked.close()
            _attended(*fds)
            return
        for fd in fds:
            os.close(fd)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                continue


def _attended(request: int, stdin: int, out: int, err: int, telling: int) -> None:
    """Fork the run itself, and tell its number and how it ends."""
    process = os.fork()
    if process == 0:
        os.close(telling)
        for target, fd in enumerate((stdin, out, err)):
            os.dup2(fd, target)
            os.close(fd)
        with open(request, "rb") as file:
            arguments, cwd, variables, *bounds = json.load(file)
        os.chdir(cwd)
        os.environ.clear()
        os.environ.update(variables)
        sys.argv[:] = ["policyengine", *arguments]
        Bounds(*bounds).put()
        runpy.run_module("policyengine", run_name="__main__", alter_sys=True)
        return
    os.write(telling, b"%d\n" % process)
    _, status = os.waitpid(process, 0)
    os.write(telling, b"%d\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
