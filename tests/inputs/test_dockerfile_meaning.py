from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.images.managers import SYSTEM
from policyengine.model.unknown import OpenList, OpenMap, Unknown
from tests.judging import shown_line

from .dockerfile_reading import at, of_kind

if TYPE_CHECKING:
    from policyengine.model.resource import Resource

PIPES = [
    ("RUN curl a | tar x", False),
    ("RUN echo a | tar x", None),
    ("RUN true | printf a | cat | wc", False),
    ("RUN curl a; tar x || false", None),
    ("RUN set -euo pipefail; curl a | tar x", True),
    ("RUN curl a | tar x; set -o pipefail", False),
    ("RUN set -o errexit; curl a | tar x", False),
    ('RUN bash -eo pipefail -c "curl a | tar x"', True),
    ('RUN ["bash", "-c", "curl a | tar x"]', False),
    ('RUN ["curl", "a", "|", "tar"]', None),
    ('SHELL ["/bin/ash", "-o", "pipefail", "-c"]\nRUN curl a | tar x', True),
    ('SHELL ["/bin/ash", "-o", "pipefail", "-c"]\nRUN ["sh", "-c", "curl a | tar x"]', False),
    ('SHELL ["pwsh", "-c"]\nRUN curl a | tar x', None),
]


def run(text: str) -> Resource:
    """The last RUN of a Dockerfile."""
    return [found for found in of_kind("instruction", text) if found.facts["instruction"] == "RUN"][-1]


@pytest.mark.parametrize(("text", "pipefail"), PIPES)
def test_whether_a_pipe_fails(text: str, pipefail: bool | None) -> None:
    assert run(f"FROM a\n{text}").facts.get("pipefail") is pipefail


def test_the_variables_of_the_stage_are_known() -> None:
    text = (
        "FROM a AS b\nENV TOOLS='curl git=1'\nARG PIP_NO_CACHE_DIR=1\nFROM b\nRUN apt-get install $TOOLS; pip install c"
    )
    packages = run(text).facts["packages"]
    assert isinstance(packages, dict)
    assert packages["apt"][0]["unpinned"] == ["curl"]
    assert packages["pip"][0]["keeps_cache"] is False


def test_what_a_variable_decides_is_open() -> None:
    packages = run("FROM a\nARG B\nRUN apt-get install c $B && rm -rf $C").facts["packages"]
    assert isinstance(packages, dict)
    found = packages["apt"][0]["unpinned"]
    assert isinstance(found, OpenList)
    assert (list(found), found.unknown) == (["c"], Unknown("packages.unpinned", "a variable decides"))


@pytest.mark.parametrize(("shell", "system"), [("cmd", list(SYSTEM)), ("powershell", list(SYSTEM)), ("pwsh", [])])
def test_windows_has_no_managers_of_linux(shell: str, system: list[str]) -> None:
    facts = run(f'FROM a\nSHELL ["{shell}", "-c"]\nRUN pip install b').facts
    assert isinstance(facts["packages"], OpenMap)
    assert list(facts["packages"]) == system
    assert isinstance(facts["tls_off"], Unknown)


def test_a_script_that_is_not_understood_may_do_more() -> None:
    facts = run("FROM a\nRUN apk add b; (").facts
    assert isinstance(facts["packages"], OpenMap)
    assert list(facts["packages"]) == ["apk"]
    assert isinstance(facts["downloads"], OpenList)


def test_a_heredoc_is_a_script() -> None:
    found = run("FROM a\nRUN <<E\nset -e\n\nyum install b\nE")
    assert at(found.where(("packages", "yum", 0, "assume_yes"))) == "5:1-14"
    assert found.facts["packages"]["yum"][0]["assume_yes"] is False  # type: ignore[index] # what it is is asserted


def test_variables_that_turn_the_verification_off() -> None:
    text = "FROM a\nARG B\nENV C=1 GIT_SSL_NO_VERIFY=0 NODE_TLS_REJECT_UNAUTHORIZED=$B\nARG PIP_TRUSTED_HOST"
    _, _, env, arg = of_kind("instruction", text)
    unknown = Unknown("build argument", "ARG B has no value", "--env B=VALUE")
    assert env.facts["tls_off"] == [{"tool": "git", "how": "GIT_SSL_NO_VERIFY"}, unknown]
    assert at(env.where(("tls_off", 0, "tool"))) == "3:27-28"
    assert "tls_off" not in arg.facts


def test_what_onbuild_does_is_not_done_yet() -> None:
    text = "FROM a\nONBUILD RUN apt-get update\nRUN apt-get install b"
    assert run(text).facts["packages"]["apt"][0]["stale_index"] is False  # type: ignore[index] # as above


def test_the_calls_by_the_name_of_the_program() -> None:
    found = run("FROM a\nRUN curl b && \\\n  wget c; $D; curl e")
    calls = found.facts["calls"]
    assert isinstance(calls, OpenMap)
    assert list(calls) == ["curl", "wget"]
    assert [call["args"] for call in calls["curl"]] == [["b"], ["e"]]  # type: ignore[attr-defined] # a list of calls
    places = [("calls", "wget"), ("calls", "wget", 0, "text"), ("calls", "curl", 1, "args", 0)]
    assert [at(found.where(place)) for place in places] == ["3:3-7", "3:3-9", "3:20-21"]


def test_passwords_are_kept_out_of_excerpts() -> None:
    found = run("FROM a\nRUN useradd b && echo 'b:hunter2' | chpasswd")
    assert shown_line(found, found.where(("calls", "chpasswd"))) == "RUN useradd b && echo **** | chpasswd"
