"""How runs end: bugs, interruptions, and streams that do not take what is written."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import pytest

from policyengine import __version__
from tests.running import COMMAND, POD, SECONDS, Ended, cli, variables
from tests.waiting import until


class TestEnds:
    def test_3_for_a_bug(self, here: Path) -> None:
        script = (
            "import policyengine.sources as sources, policyengine.cli as cli\n"
            "def broken(*_): raise RuntimeError('tell nobody')\n"
            "sources.claimant = broken\n"
            "cli.main()\n"
        )
        command = [COMMAND[0], "-c", script, "check", "pod.yaml"]
        ended = subprocess.run(
            command, cwd=here, env=variables(TMPDIR=str(here)), capture_output=True, text=True, check=False
        )
        (written,) = here.glob("policyengine-*.traceback")
        assert (ended.returncode, ended.stdout) == (3, "")
        assert ended.stderr == (
            "policyengine has a bug: RuntimeError\n"
            f"Where it happened is written to {written}, without any value from your files.\n"
            "Please report it with that file.\n"
        )
        text = written.read_text()
        assert text.startswith(f"policyengine {__version__}, Python 3.")
        assert "in broken" in text
        assert "tell nobody" not in text.replace("raise RuntimeError('tell nobody')", "")

    def test_130_when_interrupted(self, here: Path) -> None:
        with subprocess.Popen(
            [*COMMAND, "check", "-"],
            cwd=here,
            env=variables(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=_heed_interrupts,  # noqa: PLW1509 - it only sets a signal
        ) as running:
            _wait_until_it_reads(running.pid)
            running.send_signal(signal.SIGINT)
            out, err = running.communicate(timeout=SECONDS)
        assert (running.returncode, out, err) == (130, b"", b"interrupted\n")


def _heed_interrupts() -> None:
    """A shell has what it starts in the background ignore them, and with it everything that is started from there."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _wait_until_it_reads(pid: int) -> None:
    """Until a process sleeps in a read of standard input: read(2) is 0 on x86-64 and 63 on arm64."""

    def reads() -> bool:
        try:
            call = Path(f"/proc/{pid}/syscall").read_text().split()
        except OSError:  # a hardened kernel tells nobody
            time.sleep(5)
            return True
        return call[0] in ("0", "63") and call[1] == "0x0"

    until(reads, "the process reads standard input")


class TestStreams:
    @pytest.mark.parametrize("format_", ["text", "full", "json", "sarif", "table"])
    def test_a_reader_that_goes_away_changes_nothing(self, format_: str, here: Path) -> None:
        services = "".join(f"  s{number}: {{image: nginx, privileged: true}}\n" for number in range(400))
        (here / "many.yaml").write_text(f"services:\n{services}")
        command = (
            f"set -o pipefail; {' '.join(COMMAND)} check many.yaml -f {format_} | head -c 1; echo ${{PIPESTATUS[0]}}"
        )
        ended = subprocess.run(
            ["bash", "-c", command], cwd=here, env=variables(), capture_output=True, text=True, check=False
        )
        assert ended.stderr == ""
        assert ended.stdout[1:] == "1\n"

    @pytest.mark.parametrize("arguments", [["check", "pod.yaml"], ["--help"], ["--version"], ["policies"]])
    def test_a_full_disk_is_told(self, arguments: list[str], here: Path) -> None:
        with Path("/dev/full").open("w") as full:
            ended = subprocess.run(
                [*COMMAND, *arguments],
                cwd=here,
                env=variables(),
                stdout=full,
                stderr=subprocess.PIPE,
                check=False,
            )
        assert ended.returncode == 2
        assert ended.stderr == b"error: cannot write to standard output: no space left on device\n"

    def test_closed_streams(self, here: Path) -> None:
        command = f"{' '.join(COMMAND)} check --select privileged pod.yaml >&- 2>&-"
        ended = subprocess.run(["sh", "-c", command], cwd=here, env=variables(), check=False)
        assert ended.returncode == 1

    def test_an_encoding_that_lacks_a_character(self, here: Path) -> None:
        (here / "pod.yaml").write_text(POD.replace("name: web\n", "name: wéb\n"))
        ended = cli("check", "--select", "privileged", "pod.yaml", cwd=here, PYTHONIOENCODING="ascii")
        assert ended == Ended(1, "pod.yaml:8:37: critical privileged w\\xe9b runs privileged\n", "")
