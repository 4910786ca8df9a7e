from __future__ import annotations

import pytest

from policyengine.model.kinds import kind
from policyengine.model.paths import FieldPath, render
from policyengine.model.types import STRING, Field, list_of, map_of, object_of

NESTED = object_of(
    rows=Field(list_of(list_of(STRING)), "rows"),
    by_name=Field(map_of(object_of(tags=Field(map_of(STRING), "tags"))), "by name"),
)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("privileged",), "privileged"),
        (("image", "digest"), "image.digest"),
        (("ports", 0), "ports[0]"),
        (("ports", 12, "host_ip"), "ports[12].host_ip"),
        (("cap_add", 0), "cap_add[0]"),
        (("environment", "DB_PASSWORD"), 'environment["DB_PASSWORD"]'),
        (("environment", ""), 'environment[""]'),
        (("labels", "com.example/env"), 'labels["com.example/env"]'),
        (("labels", 'a"b\\c'), 'labels["a\\"b\\\\c"]'),
        (("labels", "0"), 'labels["0"]'),
        (("healthcheck", "test", 1), "healthcheck.test[1]"),
    ],
)
def test_paths_of_a_container(path: FieldPath, text: str) -> None:
    assert render(path, kind("container").type) == text


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("rows", 0, 1), "rows[0][1]"),
        (("by_name", "web", "tags", "web"), 'by_name["web"].tags["web"]'),
        (("nowhere", "below", 0), "nowhere.below[0]"),
        (("no where",), '["no where"]'),
        (("nowhere", "a-b"), 'nowhere["a-b"]'),
    ],
)
def test_maps_in_objects_and_what_the_model_does_not_know(path: FieldPath, text: str) -> None:
    assert render(path, NESTED) == text
