"""What a container has of its own, against the merge that an engine makes of it and of its image's configuration."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyengine.remediation.docker.own import own

Config = dict[str, Any]

NAMES = st.sampled_from(["A", "B", "C"])
VARIABLES = st.builds("{}={}".format, NAMES, st.sampled_from(["1", "2"]))
COMMANDS = st.none() | st.lists(st.sampled_from(["x", "y", ""]), max_size=2)
PORTS: st.SearchStrategy[Config] = st.dictionaries(st.sampled_from(["1/tcp", "2/tcp"]), st.just({}), max_size=2)
CHECKS = st.none() | st.fixed_dictionaries(
    {},
    optional={
        "Test": st.sampled_from([["NONE"], ["CMD", "a"], ["CMD-SHELL", "b"]]),
        "Interval": st.sampled_from([1, 2]),
        "Retries": st.sampled_from([1, 2]),
    },
)


def configs(env: st.SearchStrategy[str]) -> st.SearchStrategy[Config]:
    return st.fixed_dictionaries(
        {
            "User": st.sampled_from(["", "1", "2"]),
            "WorkingDir": st.sampled_from(["", "/a"]),
            "Env": st.lists(env, max_size=4),
            "Labels": st.dictionaries(NAMES, st.sampled_from(["1", "2"]), max_size=2),
            "ExposedPorts": st.none() | PORTS,
            "Volumes": st.none() | st.dictionaries(st.sampled_from(["/a", "/b"]), st.just({}), max_size=2),
            "Entrypoint": COMMANDS,
            "Cmd": COMMANDS,
            "Healthcheck": CHECKS,
        }
    )


ASKED = configs(VARIABLES | NAMES)
IMAGES = configs(VARIABLES).map(lambda image: {**image, "Env": list({item[0]: item for item in image["Env"]}.values())})


def merged(asked: Config, image: Config) -> Config:
    """What an engine makes of the two: daemon/commit.go ``merge`` and daemon/create.go of moby 20.10."""
    user: Config = {**asked, "Labels": {**image["Labels"], **(asked.get("Labels") or {})}}
    for key in ("User", "WorkingDir"):
        user[key] = asked.get(key) or image[key]
    for key in ("ExposedPorts", "Volumes"):
        user[key] = {**(image[key] or {}), **(asked.get(key) or {})} or None
    names = {item.partition("=")[0] for item in asked.get("Env") or []}
    user["Env"] = [*(asked.get("Env") or []), *(one for one in image["Env"] if one.partition("=")[0] not in names)]
    entrypoint, command = asked.get("Entrypoint"), asked.get("Cmd")
    if not entrypoint:
        command = command or image["Cmd"]
        entrypoint = image["Entrypoint"] if entrypoint is None else entrypoint
    user["Entrypoint"], user["Cmd"] = None if entrypoint == [""] else entrypoint, command
    user["Healthcheck"] = asked.get("Healthcheck")
    if image["Healthcheck"] is not None:
        given_ = {key: value for key, value in (asked.get("Healthcheck") or {}).items() if value}
        user["Healthcheck"] = {**image["Healthcheck"], **given_}
    return user


def comparable(config: Config) -> Config:
    """Variables in any order, but of one name; no command and an empty one alike where nothing comes of it."""
    env = sorted(config["Env"], key=lambda item: item.partition("=")[0])
    return {**config, "Env": env, "Cmd": config["Cmd"] or None}


@given(ASKED, IMAGES)
def test_what_is_its_own_makes_the_same_again(asked: Config, image: Config) -> None:
    image = {**image, "Entrypoint": None if image["Entrypoint"] == [""] else image["Entrypoint"]}
    before = merged(asked, image)
    again = merged(own(before, image, frozenset()), image)
    assert comparable(again) == comparable(before)


@given(ASKED, IMAGES, IMAGES)
def test_a_new_image_s_own_values_count(asked: Config, old: Config, new: Config) -> None:
    """What a person set otherwise than the old image stays; for the rest it is as if the new image alone spoke."""
    before = merged(asked, old)
    after = merged(own(before, old, frozenset()), new)
    for key in ("User", "WorkingDir"):
        assert after[key] == (before[key] if before[key] != old[key] else new[key])
    for name, value in before["Labels"].items():
        mine = old["Labels"].get(name) != value
        assert after["Labels"].get(name) == (value if mine else new["Labels"].get(name))
    for name in "ABC":
        values = [item for item in before["Env"] if item[0] == name]
        mine = [item for item in values if item not in old["Env"]]
        if not mine and len(values) < 2:
            assert [item for item in after["Env"] if item[0] == name] == [one for one in new["Env"] if one[0] == name]
        else:
            assert [item for item in after["Env"] if item[0] == name] == values


IMAGE: Config = {
    "User": "1000",
    "Env": ["A=1", "B=2"],
    "Entrypoint": ["/run"],
    "Cmd": ["serve"],
    "Healthcheck": {"Test": ["CMD", "ok"], "Interval": 1},
    "ExposedPorts": {"80/tcp": {}},
}


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        pytest.param({"Entrypoint": ["/run"], "Cmd": ["serve"]}, {}, id="all of it the image's"),
        pytest.param({"Entrypoint": ["/run"], "Cmd": ["x"]}, {"Cmd": ["x"]}, id="a command"),
        pytest.param(
            {"Entrypoint": ["/run"], "Cmd": None},
            {"Entrypoint": ["/run"], "Cmd": None},
            id="the image's entry point that was asked for, which has no command",
        ),
        pytest.param(
            {"Entrypoint": ["/x"], "Cmd": ["serve"]},
            {"Entrypoint": ["/x"], "Cmd": ["serve"]},
            id="the image's command that was asked for with another entry point",
        ),
        pytest.param(
            {"Entrypoint": [], "Cmd": ["serve"]}, {"Entrypoint": []}, id="no entry point, the image's command"
        ),
        pytest.param(
            {"Entrypoint": None, "Cmd": ["serve"]}, {"Entrypoint": [""], "Cmd": ["serve"]}, id='what [""] comes to'
        ),
    ],
)
def test_commands(config: Config, expected: Config) -> None:
    found = own(config, IMAGE, frozenset())
    assert found == expected


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        pytest.param(["C=3", "A=1", "B=2"], ["C=3"], id="one more"),
        pytest.param(["A=9", "B=2"], ["A=9"], id="another value"),
        pytest.param(["A", "B=2"], ["A"], id="unset"),
        pytest.param(["A=9", "A=1", "B=2"], ["A=9", "A=1"], id="given twice, the last as the image's"),
    ],
)
def test_environment(env: list[str], expected: list[str]) -> None:
    assert own({"Env": env}, IMAGE, frozenset())["Env"] == expected


def test_a_published_port_stays_exposed() -> None:
    config: Config = {"ExposedPorts": {"80/tcp": {}, "81/tcp": {}}}
    assert own(config, IMAGE, frozenset())["ExposedPorts"] == {"81/tcp": {}}
    assert own(config, IMAGE, frozenset({"80/tcp"}))["ExposedPorts"] == {"80/tcp": {}, "81/tcp": {}}


def test_of_a_health_check_only_the_parts_that_differ() -> None:
    check = {"Test": ["CMD", "ok"], "Interval": 5, "Retries": 3}
    assert own({"Healthcheck": check}, IMAGE, frozenset())["Healthcheck"] == {"Interval": 5, "Retries": 3}
