"""Messages: templates and what they say of a finding."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from policyengine.model.kinds import kind
from policyengine.model.resource import Owner, Resource
from policyengine.model.scope import Scope
from policyengine.model.unknown import Unknown
from policyengine.policy.messages import SPECIAL, message, placeholder_error, placeholders
from tests.judging import Origins

CONTAINER = kind("container")
HOLE = Unknown("x", "why")
FACTS: dict[str, Any] = {
    "name": "web",
    "privileged": True,
    "read_only": False,
    "mem_limit": 5,
    "cpus": 0.5,
    "user": HOLE,
    "cap_add": ["A", "B"],
    "image": {"tag": "1.2", "digest": HOLE},
    "environment": {"PASSWORD": "hunter2", "EMPTY": None},
    "labels": {"com.example/a": "b", 'quote"d': "c"},
    "ports": [{"target": 80, "protocol": "tcp"}],
    "command": ["x" * 500],
    "healthcheck": HOLE,
}
RESOURCE = Resource("container", "web", "compose", Scope("compose", "shop"), FACTS, Origins(1), "service/web")

TEXTS = [
    ("plain", "plain"),
    ("{name}", "web"),
    ("{kind} {parent} {scope}", "container service/web compose:shop"),
    ("{field} = {value} at {key}", "ports[0].target = 80 at target"),
    ("{item.protocol}/{item.target} {item.host_ip}", "tcp/80 -"),
    ("{privileged} {read_only}", "true false"),
    ("{mem_limit} {cpus}", "5 0.5"),
    ("{cap_add}", "A, B"),
    ("{image.tag}", "1.2"),
    ("{user} {image.digest} {healthcheck.test}", "- - -"),
    ('{network_mode} {image.registry} {labels["none"]}', "- - -"),
    ('{labels["com.example/a"]} {labels["quote\\"d"]}', "b c"),
    ('{environment["PASSWORD"]}', "****"),
    ('{environment["EMPTY"]}', "-"),
    ("{{name}} {{{name}}} }}{{", "{name} {web} }{"),
    ("{", "{"),
    ("a } b", "a } b"),
    ("{command}", "x" * 200),
    ("$(id) %s {0}"[:-4], "$(id) %s"),
]


@pytest.mark.parametrize(("text", "said"), TEXTS)
def test_message(text: str, said: str) -> None:
    assert message(text, RESOURCE, CONTAINER, ("ports", 0, "target"), 80) == said


VALUES: list[tuple[tuple[str | int, ...], Any, str]] = [
    (("environment", "PASSWORD"), "hunter2", 'PASSWORD=**** environment["PASSWORD"]'),
    (("environment",), {"A": "hunter2"}, "environment=**** environment"),
    (("cap_add", 1), "B", "1=B cap_add[1]"),
    (("privileged",), None, "privileged=- privileged"),
    ((), None, "-=- -"),
]


@pytest.mark.parametrize(("path", "value", "said"), VALUES)
def test_the_value_that_was_found(path: tuple[str | int, ...], value: Any, said: str) -> None:
    text = message("{key}={value} {field}", RESOURCE, CONTAINER, path, value)
    assert "hunter2" not in text
    assert text.replace("{'A': '****'}", "****") == said


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (("network_mode",), "pod shop of deployment/shop in compose:shop"),
        (("privileged",), "container web of service/web in compose:shop"),
        ((), "container web of service/web in compose:shop"),
    ],
)
def test_what_several_resources_share_is_said_of_its_owner(path: tuple[str, ...], said: str) -> None:
    resource = replace(RESOURCE, shared={"network_mode": Owner("pod", "shop", "deployment/shop")})
    assert message("{kind} {name} of {parent} in {scope}", resource, CONTAINER, path, "host") == said


def test_no_template_shows_a_secret() -> None:
    names = [*SPECIAL, *CONTAINER.fields, 'environment["PASSWORD"]']
    for path in (("environment", "PASSWORD"), ("environment",)):
        value: Any = FACTS["environment"] if len(path) == 1 else "hunter2"
        text = message(" ".join(f"{{{name}}}" for name in names), RESOURCE, CONTAINER, path, value)
        assert "hunter2" not in text


def test_placeholders_with_their_offsets() -> None:
    assert list(placeholders("a {b} {{c}} {d.e}{}")) == [(3, "b"), (13, "d.e"), (18, "")]


def test_what_is_in_no_list_has_no_item() -> None:
    assert message("{item.target}", RESOURCE, CONTAINER, ("privileged",), True) == "-"
    assert message("{item.target}", RESOURCE, CONTAINER, ("cap_add", 1), "B") == "-"


@pytest.mark.parametrize("name", [*SPECIAL, "item.host_ip", "image.tag", 'labels["a"]', "ports", "environment"])
def test_good_placeholders(name: str) -> None:
    assert placeholder_error(name, [CONTAINER]) is None


@pytest.mark.parametrize(
    "name",
    [
        "",
        "nam",
        "ports[].target",
        "ports[]?",
        "environment{}",
        "name!r",
        "0",
        "name.x",
        "a b",
        "item.",
        "item.targe",
        "item.name.x",
    ],
)
def test_bad_placeholders(name: str) -> None:
    assert placeholder_error(name, [CONTAINER]) is not None
