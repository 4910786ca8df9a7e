"""Asks sshd in the mount namespace that it is started in: a line of JSON asks, a line of JSON answers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.authentication.sshd.laboratory import GROUP, PASSWD, SERVICES

HOME = Path("/etc/ssh")
KEYS = ("ssh_host_ed25519_key", "ssh_host_ed25519_key.pub")


def mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


def prepare(scratch: Path) -> None:
    """Give the namespace its files: /etc/ssh and /run are new, what sshd asks the system for is replaced."""
    for path, text in (("/etc/passwd", PASSWD), ("/etc/group", GROUP), ("/etc/services", SERVICES)):
        mine = scratch / Path(path).name
        mine.write_text(text)
        Path(path).touch()
        mount("--bind", str(mine), path)
    nss = scratch / "nsswitch.conf"
    nss.write_text("passwd: files\ngroup: files\nservices: files\nhosts: files\n")
    mount("--bind", str(nss), "/etc/nsswitch.conf")
    keys = [(scratch / name) for name in KEYS]
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(keys[0])], check=True)
    for place in (HOME, Path("/run")):
        mount("-t", "tmpfs", "tmpfs", str(place))
    Path("/run/sshd").mkdir(mode=0o755)
    for key in keys:
        shutil.copy(key, HOME / key.name)


def place(files: dict[str, str]) -> None:
    """Make the files, and only these, those below /etc/ssh; a text ``-> TARGET`` is a symlink, ``/`` a directory."""
    for found in HOME.iterdir():
        if found.is_dir() and not found.is_symlink():
            shutil.rmtree(found)
        elif found.name not in KEYS:
            found.unlink()
    for path, text in files.items():
        at = Path(path)
        at.parent.mkdir(parents=True, exist_ok=True)
        if text == "/":
            at.mkdir()
        elif text.startswith("-> "):
            at.symlink_to(text[3:])
        else:
            at.write_bytes(text.encode("utf-8", "surrogateescape"))


def asked(program: str, connection: str | None) -> tuple[int, str, str]:
    command = [program, "-T", *(() if connection is None else ("-C", connection))]
    told = subprocess.run(command, cwd="/", capture_output=True, check=False)
    return told.returncode, decoded(told.stdout), decoded(told.stderr)


def decoded(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def main() -> None:
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as scratch:
        prepare(Path(scratch))
        for line in sys.stdin:
            question = json.loads(line)
            place(question["files"])
            answers = [asked(program, connection) for connection in question["connections"]]
            sys.stdout.write(json.dumps(answers) + "\n")
            sys.stdout.flush()
        os.chdir("/")


if __name__ == "__main__":
    main()
