"""Settings from variables of the environment."""

from __future__ import annotations

import pytest

from policyengine.errors import UsageError
from policyengine.settings.environment import layer
from policyengine.settings.settings import Origin


@pytest.mark.parametrize(
    ("name", "text", "values"),
    [
        ("PACKS", "strict, ./acme", {"packs": ("strict", "./acme")}),
        ("SELECT", "a,b", {"select": ("a", "b")}),
        ("IGNORE", "a", {"ignore": ("a",)}),
        ("POLICIES", "own:other/p.yaml", {"policies": ("own", "other/p.yaml")}),
        ("RESOLVE", "engine", {"resolve": ("engine",)}),
        ("FORMAT", "text,json=a.json", {"format": ("text", "json=a.json")}),
        ("FAIL_ON", "high", {"fail_on": "high"}),
        ("UNKNOWN", "fail", {"unknown": "fail"}),
        ("REQUIRE_MATCH", "true", {"require_match": True}),
        ("JOBS", "4", {"jobs": 4}),
        ("JOBS", "auto", {"jobs": 0}),
        ("NO_CACHE", "1", {"cache": False}),
        ("NO_CACHE", "false", {"cache": True}),
        ("COLOR", "always", {"color": "always"}),
        ("SELECT", "", {}),
        ("CONFIG", "a.yaml", {}),
        ("CACHE_DIR", "/tmp/x", {"cache_directory": "/tmp/x"}),
        ("VERSION", "0.1.0", {}),
        ("SERVICE_HOST", "10.0.0.1", {}),
        ("PORT_80_TCP_ADDR", "10.0.0.1", {}),
    ],
)
def test_variables(name: str, text: str, values: dict[str, object]) -> None:
    said, warnings = layer({f"POLICYENGINE_{name}": text, "PATH": "/bin"})
    assert (said.values, warnings) == (values, [])
    assert all(origin == Origin(f"POLICYENGINE_{name}") for origin in said.origins.values())
    assert {(key,) for key in values} <= said.origins.keys()


@pytest.mark.parametrize(
    ("variables", "color"),
    [
        ({"NO_COLOR": "1"}, "never"),
        ({"FORCE_COLOR": "1"}, "always"),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, "never"),
        ({"NO_COLOR": "", "FORCE_COLOR": "1"}, "always"),
        ({"NO_COLOR": "1", "POLICYENGINE_COLOR": "always"}, "always"),
        ({"NO_COLOR": ""}, None),
    ],
)
def test_colours(variables: dict[str, str], color: str | None) -> None:
    assert layer(variables)[0].values.get("color") == color


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("JOBS", "many", "POLICYENGINE_JOBS takes a number of processes, or auto"),
        ("JOBS", "0", "POLICYENGINE_JOBS takes a number of processes, or auto"),
        ("JOBS", "-1", "POLICYENGINE_JOBS takes a number of processes, or auto"),
        ("JOBS", "\u00b2", "POLICYENGINE_JOBS takes a number of processes, or auto"),
        ("NO_CACHE", "maybe", "POLICYENGINE_NO_CACHE takes true or false"),
        ("SELCT", "a", "POLICYENGINE_SELCT is no setting (did you mean POLICYENGINE_SELECT?)"),
        ("PACK", "a", "POLICYENGINE_PACK is no setting (did you mean POLICYENGINE_PACKS?)"),
        ("FAILON", "a", "POLICYENGINE_FAILON is no setting (did you mean POLICYENGINE_FAIL_ON?)"),
        ("fail_on", "a", "POLICYENGINE_fail_on is no setting (did you mean POLICYENGINE_FAIL_ON?)"),
    ],
)
def test_what_makes_no_sense(name: str, text: str, told: str) -> None:
    with pytest.raises(UsageError) as refused:
        layer({f"POLICYENGINE_{name}": text})
    assert str(refused.value) == told


@pytest.mark.parametrize("name", ["REQUIRE_LIVE", "EXAMPLES", "HOME"])
def test_what_is_like_no_setting_is_a_warning(name: str) -> None:
    said, warnings = layer({f"POLICYENGINE_{name}": "1"})
    assert (said.values, warnings) == ({}, [f"warning: POLICYENGINE_{name} is no setting, and is not heeded"])
