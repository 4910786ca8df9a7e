"""What several policies want of one image: each table row is what they want, and what that is together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.errors import RemedyError
from policyengine.policy.image_strategy import Pin, Rebuild, Upgrade
from policyengine.remediation.images.combining import Wanted, combined

if TYPE_CHECKING:
    from policyengine.policy.image_strategy import ImageStrategy

RUNNING, SERVED = Pin("running"), Pin("served")
K8S = {"k8s.gcr.io": "registry.k8s.io"}
USER = Rebuild(user="1000")
LAYERS = {
    "a": Rebuild(user="1000", remove=("/usr/bin/su",), files={"/etc/a": "1"}, run=("true",)),
    "b": Rebuild(user="1000", remove_setuid=True, remove=("/usr/bin/su", "/usr/bin/sudo"), files={"/etc/b": "2"}),
    "c": Rebuild(files={"/etc/a": "1"}, run=("true", "false")),
}

TOGETHER: list[tuple[dict[str, ImageStrategy], Wanted]] = [
    ({"a": RUNNING}, Wanted(RUNNING)),
    ({"a": RUNNING, "b": SERVED}, Wanted(SERVED)),
    ({"a": Upgrade("minor"), "b": Upgrade("patch"), "c": SERVED}, Wanted(Upgrade("patch"), sought=frozenset("ab"))),
    ({"a": Upgrade("same-tag", "mapped")}, Wanted(Upgrade("same-tag"), {}, sought=frozenset("a"))),
    (
        {"a": Upgrade("same-tag", "mapped"), "b": Upgrade("patch", K8S)},
        Wanted(Upgrade("same-tag"), K8S, sought=frozenset("ab")),
    ),
    (
        {"a": Upgrade("patch", K8S), "b": Upgrade("patch", {**K8S, "x.example": "y.example"})},
        Wanted(Upgrade("patch"), {**K8S, "x.example": "y.example"}, sought=frozenset("ab")),
    ),
    ({"a": USER}, Wanted(RUNNING, layer=USER, layered=frozenset("a"))),
    ({"a": USER, "b": SERVED}, Wanted(SERVED, layer=USER, layered=frozenset("a"))),
    ({"a": USER, "b": Upgrade("minor")}, Wanted(Upgrade("minor"), None, USER, frozenset("a"), frozenset("b"))),
    (
        {**LAYERS},
        Wanted(
            RUNNING,
            layer=Rebuild(
                user="1000",
                remove_setuid=True,
                remove=("/usr/bin/su", "/usr/bin/sudo"),
                files={"/etc/a": "1", "/etc/b": "2"},
                run=("true", "false"),
            ),
            layered=frozenset("abc"),
        ),
    ),
]

APART: list[tuple[dict[str, ImageStrategy], str]] = [
    ({"a": USER, "b": Rebuild(user="1001")}, "a and b want different users"),
    (
        {"a": Rebuild(files={"/etc/x": "1"}), "b": Rebuild(files={"/etc/x": "2"}), "c": USER},
        "a and b want different contents of /etc/x",
    ),
    (
        {"a": Rebuild(files={"/etc/x": "1"}), "b": Rebuild(remove=("/etc/x",))},
        "one policy removes /etc/x, and another writes it: a, b",
    ),
    (
        {"a": Upgrade("patch", K8S), "b": Upgrade("patch", {"k8s.gcr.io": "example.com"})},
        "a and b want different registries in place of k8s.gcr.io",
    ),
]


@pytest.mark.parametrize(("strategies", "wanted"), TOGETHER)
def test_together(strategies: dict[str, ImageStrategy], wanted: Wanted) -> None:
    assert combined(strategies) == wanted


@pytest.mark.parametrize(("strategies", "why"), APART)
def test_what_cannot_be_had_together(strategies: dict[str, ImageStrategy], why: str) -> None:
    with pytest.raises(RemedyError) as caught:
        combined(strategies)
    assert str(caught.value) == why
