"""The README's commands, run. ``python -m tests.readme`` writes their real output into it.

A ``console`` block holds commands after ``$`` and what they print; a line ``...`` stands for lines left out. A YAML
block after a line that ends in "`name`:" is a file of that name. Blocks run in the order of the page, in one copy of
the repository, on a terminal of 100 columns. A block with a ``docker`` command needs a container engine.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.installation import ROOT, copied, environment, fresh

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = ROOT / "README.md"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"`([^`\n]+)`:\n\n\Z")
_END = "\x01end\x02"


@dataclass(frozen=True)
class Block:
    """A fenced block of a page, where its text stands, and the file that it is."""

    language: str
    text: str
    start: int
    file: str | None

    @property
    def is_live(self) -> bool:
        """Whether it needs a container engine."""
        return any(command.split()[0] == "docker" or "| docker" in command for command, _ in self.commands())

    def commands(self) -> list[tuple[str, str]]:
        """Its commands, each with the output that the page shows."""
        parts = (
            re.split(r"^\$ ((?:.*\\\n)*.*)\n", self.text, flags=re.MULTILINE)[1:] if self.language == "console" else []
        )
        return list(zip(parts[::2], parts[1::2], strict=True))


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page."""
    return [
        Block(match[1], match[2], match.start(2), file[1] if (file := _FILE.search(page, 0, match.start())) else None)
        for match in _BLOCK.finditer(page)
    ]


class Shell:
    """Runs commands in a fresh environment and a copy of the repository, as somebody at a terminal would."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.directory = copied(place / "policyengine")
        self._venv = fresh(place / "venv")

    def write(self, block: Block) -> None:
        """Write the file that a block is."""
        if block.file:
            path = self.directory / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text)

    def run(self, commands: list[str]) -> list[str]:
        """What each of some commands prints, one after the other in one shell."""
        script = "\n".join(f"{command}\nprintf '%s' '{_END}'" for command in commands)
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 100, 0, 0))
        with subprocess.Popen(
            ["bash", "-c", script],
            cwd=self.directory,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
        ) as running:
            os.close(theirs)
            shown = b"".join(_read(ours)).decode().replace("\r\n", "\n")
            running.wait()
        os.close(ours)
        return shown.split(_END)[:-1]

    def _environment(self) -> dict[str, str]:
        """Nothing that the page would show differently elsewhere."""
        given = environment(
            self._venv, TERM="dumb", XDG_CACHE_HOME=str(self.place / "cache"), XDG_STATE_HOME=str(self.place / "state")
        )
        del given["POLICYENGINE_CACHE_DIR"], given["NO_COLOR"]
        return given


def _read(file: int) -> Iterator[bytes]:
    while True:
        try:
            part = os.read(file, 65536)
        except OSError:  # how Linux says that nobody has the other end open
            return
        if not part:
            return
        yield part


_CHANGING = [
    (re.compile(r"\b\d+\.\d+ s$", re.MULTILINE), "0.1 s"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "0" * 64),
    (re.compile(r"\d+\.\d+s\b"), "0.1s"),
]


def masked(text: str) -> str:
    """A text without what is different each time."""
    for pattern, constant in _CHANGING:
        text = pattern.sub(constant, text)
    return text.rstrip() + "\n"


def matches(shown: str, real: str) -> bool:
    """Whether a page shows what is printed; ``...`` stands for any lines."""
    pattern = "".join(
        r"(?:.*\n)*?" if line == "...\n" else re.escape(line) for line in masked(shown).splitlines(keepends=True)
    )
    return re.fullmatch(pattern, masked(real)) is not None


def rewritten(page: str, shell: Shell) -> str:
    """The page with the real output of every command; one that it shortens with ``...`` has to be mended by hand."""
    after = page
    for block in blocks(page):
        shell.write(block)
        given = block.commands()
        if not given:
            continue
        printed = shell.run([command for command, _ in given])
        text = "".join(
            f"$ {command}\n{shown if matches(shown, real) else _text(real)}"
            for (command, shown), real in zip(given, printed, strict=True)
        )
        after = after.replace(f"```console\n{block.text}```", f"```console\n{text}```")
    return after


def _text(printed: str) -> str:
    return printed.rstrip() + "\n" if printed.strip() else ""


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8"), Shell(Path(temporary))), encoding="utf-8")
    sys.exit(0)
