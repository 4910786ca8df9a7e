"""``policyengine fields`` tells what the model says, all of it."""

from __future__ import annotations

import pytest

from policyengine.commands.fields import fields, kinds_listing
from policyengine.inputs import inputs
from policyengine.model.kinds import kinds
from policyengine.policy.selectors import parse

SECRET = """\
secret: A Kubernetes Secret
Read from kubernetes.

"""


@pytest.mark.parametrize("name", sorted(kinds()))
def test_every_field_of_a_kind_is_listed_with_its_meaning(name: str) -> None:
    rows = fields(name).splitlines()[5:]
    listed = {row.split()[0]: row for row in rows}
    for field, about in kinds()[name].fields.items():
        assert about.meaning in listed[field]
        assert ("sensitive: never shown" in listed[field]) is about.sensitive


@pytest.mark.parametrize("name", sorted(kinds()))
def test_every_path_can_be_written_in_a_policy(name: str) -> None:
    for row in fields(name).splitlines()[5:]:
        assert parse(row.split()[0])


def test_a_field_that_only_some_inputs_supply_says_which() -> None:
    rows = {row.split()[0]: row for row in fields("container").splitlines()[5:]}
    assert rows["devices"].endswith("[compose, docker]")
    assert rows["state"].endswith("[docker]")
    assert not rows["privileged"].endswith("]")


def test_a_closed_vocabulary_is_told() -> None:
    rows = {row.split()[0]: row for row in fields("container").splitlines()[5:]}
    assert "string: tcp, udp, sctp " in rows["ports[].protocol"]
    assert "list of string: Ingress, Egress " in fields("network_policy")


def test_fields_of_related_kinds_are_listed_with_their_own_kind() -> None:
    text = fields("pod")
    assert "related.network_policies" in text
    assert "list of network_policy" in text
    assert "related.network_policies[]." not in text


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_tables_fit_the_width(width: int) -> None:
    assert max(map(len, fields("secret", width).splitlines())) <= width
    assert max(map(len, kinds_listing(max(width, 80)).splitlines())) <= max(width, 80)


def test_without_a_width_a_row_is_one_line() -> None:
    text = fields("container")
    assert all(row and not row.startswith(" ") for row in text.splitlines()[5:])


def test_the_head_tells_where_a_kind_comes_from() -> None:
    assert fields("secret").startswith(SECRET)


def test_every_kind_is_listed_with_the_inputs_that_make_it() -> None:
    rows = {row.split()[0]: row for row in kinds_listing().splitlines()[2:-2]}
    assert set(rows) == set(kinds())
    for name, row in rows.items():
        assert ", ".join(origin for origin, reader in inputs().items() if name in reader.supplies()) in row
