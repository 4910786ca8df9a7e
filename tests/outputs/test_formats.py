from __future__ import annotations

import pkgutil
import subprocess
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from policyengine import outputs
from policyengine.outputs import SHARED, formats
from policyengine.outputs.options import RenderOptions

from .reports import CLEAN, EMPTY, EVERYTHING, whole

if TYPE_CHECKING:
    from policyengine.model.report import Report

NAMES = (
    "csv",
    "full",
    "github",
    "gitlab",
    "html",
    "in-toto",
    "json",
    "junit",
    "markdown",
    "oscal",
    "sarif",
    "table",
    "text",
)


def test_the_names_are_those_of_the_modules() -> None:
    assert tuple(formats()) == NAMES
    assert len(formats()) == len(NAMES)


def test_every_module_is_a_format_or_serves_them() -> None:
    modules = {info.name for info in pkgutil.iter_modules(outputs.__path__)}
    rendering = {name for name in modules if hasattr(import_module(f"policyengine.outputs.{name}"), "render")}
    assert {name.replace("_", "-") for name in rendering} == set(formats())
    assert modules - rendering == SHARED


@pytest.mark.parametrize("name", ["style", "nothing", "../full", ""])
def test_a_module_that_is_no_format_is_not_found(name: str) -> None:
    assert name not in formats()
    with pytest.raises(KeyError):
        formats()[name]


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        ("list(formats())", set()),
        ("formats()['text']", {"text"}),
        ("formats()['full']", {"full"}),
        ("formats()['json']", {"json"}),
    ],
)
def test_only_the_module_used_is_imported(used: str, expected: set[str]) -> None:
    program = f"""
import sys
from policyengine.outputs import formats
names = tuple(formats())
{used}
print(*(name for name in names if "policyengine.outputs." + name in sys.modules))
print(*(name for name in ("rich", "tabulate") if name in sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    modules, heavy = done.stdout.split("\n")[:2]
    assert set(modules.split()) == expected
    assert heavy == ""


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("report", [EVERYTHING, CLEAN, EMPTY])
def test_every_format_ends_with_one_line_feed_and_is_the_same_twice(name: str, report: Report) -> None:
    for options in (RenderOptions(), RenderOptions(colour=True, width=20, verbose=True, all=True)):
        text = whole(name)(report, options)
        assert text == whole(name)(report, options)
        assert text == "" or (text.endswith("\n") and not text.endswith("\n\n"))
