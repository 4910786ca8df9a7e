"""What is called around each target: what it is told, and what its answer does."""

from __future__ import annotations

import http.server
import json
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from policyengine.errors import RemedyError
from policyengine.model.care import Hooks
from policyengine.remediation.hooks import Call, Skip, call
from tests.commands.plans import WEB

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BEFORE = Call("before", "run1", WEB)
AFTER = Call("after", "run1", WEB, "replaced", "12 serves")


def script(directory: Path, text: str) -> str:
    path = directory / "hook.sh"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return "./hook.sh"


def test_what_a_command_is_told(tmp_path: Path) -> None:
    hook = script(tmp_path, 'cat > told.json; env | grep ^POLICYENGINE_HOOK | sort > variables; echo "$1" > argument')
    call(Hooks(after=(f"{hook} 'a b'",), directory=str(tmp_path)), AFTER)
    assert (tmp_path / "variables").read_text() == (
        "POLICYENGINE_HOOK_OUTCOME=replaced\n"
        "POLICYENGINE_HOOK_RUN=run1\n"
        "POLICYENGINE_HOOK_TARGET=container web\n"
        "POLICYENGINE_HOOK_URL=docker://local/container/web\n"
        "POLICYENGINE_HOOK_WHEN=after\n"
    )
    assert (tmp_path / "argument").read_text() == "a b\n"
    told = json.loads((tmp_path / "told.json").read_text())
    assert {name: value for name, value in told.items() if name != "target"} == {
        "version": 1, "hook": "after", "run": "run1", "outcome": "replaced", "detail": "12 serves",
    }  # fmt: skip
    assert told["target"]["name"] == "web"
    assert told["target"]["shown"][3] == {
        "field": 'environment["DB_PASSWORD"]', "before": "****", "after": None, "policies": ["env-secrets"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("exit 75", Skip, "the hook ./hook.sh skips it"),
        ("exit 1", RemedyError, "the hook ./hook.sh ended with 1"),
        (
            "echo one >&2; echo --token=hunter2 >&2; exit 3",
            RemedyError,
            "the hook ./hook.sh ended with 3: --token=****",
        ),
        ("sleep 5", RemedyError, "the hook ./hook.sh takes more than 0.3 s"),
        ("kill -9 $$", RemedyError, "the hook ./hook.sh ended with -9"),
    ],
)
def test_what_a_command_can_answer(text: str, error: type[Exception], message: str, tmp_path: Path) -> None:
    hooks = Hooks(before=(script(tmp_path, text),), seconds=0.3, directory=str(tmp_path))
    with pytest.raises(error) as refused:
        call(hooks, BEFORE)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("hook", "why"), [("./none --token=hunter2", "No such file or directory"), ("a 'b", "No clos")]
)
def test_a_command_that_cannot_be_run(hook: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(RemedyError, match=why) as refused:
        call(Hooks(before=(hook,), directory=str(tmp_path)), BEFORE)
    assert "hunter2" not in str(refused.value)


def test_the_first_that_fails_is_the_last(tmp_path: Path) -> None:
    hook = script(tmp_path, "echo . >> count; exit 1")
    with pytest.raises(RemedyError):
        call(Hooks(before=(hook, hook), directory=str(tmp_path)), BEFORE)
    assert (tmp_path / "count").read_text() == ".\n"


def test_none_is_called_of_another_time() -> None:
    call(Hooks(before=("/none",)), AFTER)


@contextmanager
def server(status: int, seen: list[Any]) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            seen.append((self.path, self.headers["Content-Type"], json.loads(self.rfile.read(length))))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.server_address[1]}/hook?token=hunter2"
        finally:
            listening.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "error", "message"),
    [
        (204, None, ""),
        (503, Skip, "skips it"),
        (500, RemedyError, "answers with status 500"),
        (302, RemedyError, "302"),
    ],
)
def test_a_url_is_posted_to_once(status: int, error: type[Exception] | None, message: str) -> None:
    seen: list[Any] = []
    with server(status, seen) as url:
        if error is None:
            call(Hooks(before=(url,)), BEFORE)
        else:
            with pytest.raises(error, match=message) as refused:
                call(Hooks(before=(url,)), BEFORE)
            assert "hunter2" not in str(refused.value)
    ((path, kind, told),) = seen
    assert (path, kind, told["hook"], told["target"]["name"]) == (
        "/hook?token=hunter2", "application/json", "before", "web",
    )  # fmt: skip


def test_a_url_that_does_not_answer() -> None:
    with server(200, []) as url:
        pass
    with pytest.raises(RemedyError, match="does not answer"):
        call(Hooks(before=(url,), seconds=1), BEFORE)
