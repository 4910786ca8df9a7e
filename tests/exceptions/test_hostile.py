"""Files that are made to take long: what their comments cost stays in proportion to what they hold."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from policyengine.exceptions.grammar import ignore
from policyengine.exceptions.marks import marks
from policyengine.model.report import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

IGNORE = "# policyengine: ignore[privileged] why"

SHAPES: dict[str, Callable[[int], str]] = {
    "a mark on each line": lambda many: "services:\n" + f"  a: 1 {IGNORE}\n".join(f"k{n}:" for n in range(many)),
    "a mark above each line": lambda many: "\n".join(f"{IGNORE}\nk{n}: 1" for n in range(many)),
    "marks only": lambda many: f"{IGNORE}\n" * many + "a: 1\n",
    "marks and nothing": lambda many: "a: 1\n" + f"{IGNORE}\n" * many,
    "marks that are wrong": lambda many: "# policyengine: ignore[[[\n" * many + "a: 1\n",
    "one long comment": lambda many: f"a: 1 {IGNORE}{' x' * 50 * many}\n",
    "one long name": lambda many: f"a: 1 # policyengine: ignore[{'[' * 50 * many}\n",
    "many names": lambda many: f"a: 1 # policyengine: ignore[{'a,' * 20 * many}b] why\n",
    "spaces": lambda many: f"a: 1 # policyengine: ignore[a]{' ' * 100 * many}\n",
    "number signs": lambda many: f"a: {'# ' * 50 * many}policyengine: x\n",
    "quoted number signs": lambda many: f'a: "{"# " * 50 * many}policyengine: x"\n',
    "deep": lambda many: (
        "".join(f"{' ' * n}a:\n" for n in range(150)) + f"{' ' * 150}b: 1\n" * 1 + f"{IGNORE}\n" * many
    ),
    "items": lambda many: f"a:\n{f'- 1 {IGNORE}' + chr(10)}" * 1 + f"- 1 {IGNORE}\n" * many,
}


def seconds(text: str, path: str) -> float:
    started = time.process_time()
    marks(path, text.encode())
    return time.process_time() - started


@pytest.mark.parametrize("name", SHAPES)
def test_yaml(name: str) -> None:
    few, many = (min(seconds(SHAPES[name](size), "a.yaml") for _ in range(2)) for size in (1000, 8000))
    assert many < max(40 * few, 0.5), (few, many)


def test_dockerfiles() -> None:
    text = "FROM a\n" + f"{IGNORE}\nRUN sudo a\n" * 10_000
    assert seconds(text, "Dockerfile") < 5
    text = "FROM a\nRUN a \\\n" + f"{IGNORE}\n  b \\\n" * 10_000 + "c\n"
    assert seconds(text, "Dockerfile") < 5


def test_messages_stay_short() -> None:
    """What nobody understands is not repeated as a whole."""
    for form in ("x" * 10**6, "ignore[a] until " + "x" * 10**6, "ignore[a] until " + "2" * 10**6 + ": why"):
        with pytest.raises(ValueError) as caught:
            ignore(form)
        assert len(str(caught.value)) < 200


def test_nothing_is_a_mark_without_the_word() -> None:
    assert marks("a.yaml", b"[" * 10**6).found == ()
    assert marks("a.yaml", b"policyengine: [" * 10).problems == ()
    assert isinstance(marks("a.yaml", b"a: 1 # policyengine: x").problems[0], Problem)
