"""Settings: what makes no sense is refused when they are made, from the command line and from Python alike."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from policyengine.errors import UsageError
from policyengine.settings import Settings, assignments, parameters


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"select": "privileged"}, "select takes a sequence of strings, not one string"),
        ({"policies": "acme/"}, "policies takes a sequence of strings, not one string"),
        ({"unknown": "Fail"}, 'unknown takes fail, warn or ignore, not "Fail" (did you mean "fail"?)'),
        ({"fail_on": "error"}, 'fail-on takes critical, high, medium, low or info, not "error"'),
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError) as refused:
        Settings(**wrong)
    assert str(refused.value) == told


def test_a_copy_is_checked_too() -> None:
    with pytest.raises(UsageError):
        dataclasses.replace(Settings(), unknown="nope")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "values"),
    [
        (["a.x=1"], {"a": {"x": 1}}),
        (["a.x=1", "a.y=[b, c]", "b.x=yes"], {"a": {"x": 1, "y": ["b", "c"]}, "b": {"x": "yes"}}),
        (["acme/a.b.x=true"], {"acme/a.b": {"x": True}}),
        (["a.x="], {"a": {"x": None}}),
        (["a.x=1", "a.x=2"], {"a": {"x": 2}}),
        (["a.x=b=c"], {"a": {"x": "b=c"}}),
    ],
)
def test_parameters(given: list[str], values: dict[str, dict[str, object]]) -> None:
    assert parameters(given) == values


@pytest.mark.parametrize(
    ("given", "values"),
    [([], {}), (["A=1", "B="], {"A": "1", "B": ""}), (["A=b=c"], {"A": "b=c"}), (["A=1", "A=2"], {"A": "2"})],
)
def test_assignments(given: list[str], values: dict[str, str]) -> None:
    assert assignments(given) == values


@pytest.mark.parametrize("text", ["s3cret-marker", "=s3cret-marker"])
def test_a_value_without_a_name_is_not_repeated(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        assignments([text])
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("text", ["PASSWORD s3cret=x", "a-b=x", "1A=x", "A =x", "é=x", " s3cret=x"])
def test_what_is_no_name_of_a_variable_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        assignments(["GOOD=1", text])
    assert str(refused.value) == "--env: a name has letters, digits and _, and begins with no digit (--env TAG=1.25)"


@pytest.mark.parametrize("value", ["[", "{b: ", "1: 2: 3", "a\n\tb: ["])
def test_an_error_in_a_parameter_has_no_place_in_a_file(value: str) -> None:
    with pytest.raises(UsageError, match=r"^--param a\.x: malformed YAML: "):
        parameters([f"a.x={value}"])


class TestDigest:
    def test_is_the_same_for_the_same_settings(self) -> None:
        assert Settings(select=("a",)).digest() == Settings(select=("a",)).digest()

    @pytest.mark.parametrize(
        "other",
        [
            {"select": ("a",)},
            {"parameters": {"a": {"x": 1}}},
            {"built_in": False},
            {"env": {"A": "1"}},
            {"fail_on": "high"},
        ],
    )
    def test_differs_for_what_bears_on_the_result(self, other: dict[str, Any]) -> None:
        assert Settings(**other).digest() != Settings().digest()

    def test_does_not_tell_values_of_variables(self) -> None:
        """A digest of a short secret could be searched for."""
        assert Settings(env={"A": "1"}).digest() == Settings(env={"A": "2"}).digest()
