"""Who reaches whom, in every form: whole texts."""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import partial
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from policyengine.commands.firewall.forms import FORMS, rendered
from policyengine.commands.firewall.groups import groups
from policyengine.commands.firewall.matrix import Asked, Matrix, matrix
from policyengine.errors import UsageError
from policyengine.firewall.reach import Flows, Place
from policyengine.firewall.untold import rules_untold
from tests.commands.firewall.standing_in import ALL, SHOP, Endless, Written, tcp

if TYPE_CHECKING:
    from policyengine.firewall.reach import Network


def asked(network: Network, port: tuple[str, int | None] | None = None) -> Matrix:
    places = tuple(network.places())
    return matrix(network, Asked(places, places, port))


def text(form: str, *matrices: Matrix, width: int | None = None) -> str:
    return "".join(rendered(form, width)(matrices))


TABLE = """\
From          To                      Reaches on    May reach on
------------  ----------------------  ------------  --------------
web-1, web-2  web-1, web-2, internet  everything
web-1, web-2  db                      tcp/5432
web-1, web-2  cache                   tcp/6379
internet      web-1, web-2            tcp/80,443
internet      db                                    tcp/22

not known: whether the set admins has the sender
"""


class TestTable:
    def test_those_that_fare_alike_are_told_together(self) -> None:
        assert text("table", asked(SHOP)) == TABLE

    def test_of_one_port(self) -> None:
        assert text("table", asked(SHOP, ("tcp", 443))) == (
            "From          To                      Reaches on\n"
            "------------  ----------------------  ------------\n"
            "web-1, web-2  web-1, web-2, internet  tcp/443\n"
            "internet      web-1, web-2            tcp/443\n"
        )

    def test_where_nobody_reaches_anybody(self) -> None:
        assert text("table", asked(Written("none", ("a", "b"), {}))) == "nobody reaches anybody\n"

    def test_where_nothing_can_be_decided_all_may(self) -> None:
        assert text("table", asked(Endless("deep", ("a", "b"), {}))) == (
            "From    To    Reaches on    May reach on\n"
            "------  ----  ------------  --------------\n"
            "a, b    a, b                everything\n"
            "\n"
            "not known: more than 1,000,000 steps\n"
        )

    def test_rules_that_are_not_there_are_said(self) -> None:
        untold = rules_untold((6,), "rules.v4")
        half = Written("rules.v4", ("a", "b"), {("a", "b"): Flows(tcp(22), untold=untold)})
        nothing = Written("rules.v4", ("a", "b"), {("a", "b"): Flows(untold=untold)})
        said = "not known: the rules of IPv6 are not in rules.v4\n"
        assert text("table", asked(half)) == (
            f"From    To    Reaches on\n------  ----  ------------\na       b     tcp/22\n\n{said}"
        )
        assert (
            text("table", asked(half, ("tcp", 80)))
            == text("table", asked(nothing))
            == f"nobody reaches anybody\n{said}"
        )
        network = json.loads(text("json", asked(nothing)))["networks"][0]
        assert (network["flows"], network["untold"]) == ([], ["the rules of IPv6 are not in rules.v4"])
        assert 'label="rules.v4, the rules of IPv6 are not in rules.v4"' in text("dot", asked(half))
        assert ">rules.v4, the rules of IPv6 are not in rules.v4<" in text("svg", asked(half))

    def test_whose_rules_decide_is_said(self) -> None:
        live = Written("docker://local", ("a", "b"), {})
        live.rules = "live rules"
        assert text("table", asked(live)) == "nobody reaches anybody\ndecided by live rules\n"
        assert json.loads(text("json", asked(live)))["networks"][0]["rules"] == "live rules"
        assert 'label="docker://local, live rules"' in text("dot", asked(live))
        assert ">docker://local, live rules<" in text("svg", asked(live))

    def test_several_networks(self) -> None:
        one, other = (Written(name, ("a", "b"), {("a", "b"): Flows(tcp(1))}) for name in ("one", "other"))
        table = "From    To    Reaches on\n------  ----  ------------\na       b     tcp/1\n"
        assert text("table", asked(one), asked(other)) == f"one\n\n{table}\nother\n\n{table}"

    def test_on_a_terminal_long_lists_of_names_are_shortened(self) -> None:
        names = [f"web-{number}" for number in range(30)]
        made = asked(Written("many", (*names, "db"), {(name, "db"): Flows(tcp(5432)) for name in names}))
        assert text("table", made, width=100).splitlines()[2] == "web-0, web-1, web-2 and 27 more  db    tcp/5432"
        assert text("table", made).splitlines()[2].startswith(", ".join(names))


class TestJson:
    def test_every_pair_is_told(self) -> None:
        told = json.loads(text("json", asked(SHOP)))
        (network,) = told["networks"]
        assert told["version"] == 1
        assert network["name"] == "shop"
        assert network["places"][0] == {"name": "web-1", "kind": "container"}
        assert len(network["flows"]) == 11
        assert network["flows"][-1] == {
            "from": "internet",
            "to": "db",
            "allowed": {},
            "unknown": {"tcp": ["22"]},
            "why": ["whether the set admins has the sender"],
        }


DOT = """\
digraph firewall {
  rankdir=LR; fontname="sans-serif";
  node [shape=box, style=rounded, fontname="sans-serif"];
  edge [fontname="sans-serif", fontsize=10];
  subgraph "cluster_0" {
    label="shop";
    n0_0 [label="web-1, web-2"];
    n0_1 [label="db"];
    n0_2 [label="cache"];
    n0_3 [label="internet", shape=ellipse];
    n0_0 -> n0_0 [label="everything"];
    n0_0 -> n0_1 [label="tcp/5432"];
    n0_0 -> n0_2 [label="tcp/6379"];
    n0_0 -> n0_3 [label="everything"];
    n0_3 -> n0_0 [label="tcp/80,443"];
    n0_3 -> n0_1 [label="tcp/22", style=dashed];
  }
}
"""
HOSTILE = 'a"];\\N<script>&\x1b[31m\u202e'
"""A name that would end a string, be an escape of Graphviz, be markup, or steer a terminal."""


class TestDot:
    def test_whole(self) -> None:
        assert text("dot", asked(SHOP)) == DOT

    def test_a_hostile_name(self) -> None:
        made = asked(Written("h", (HOSTILE, "b"), {(HOSTILE, "b"): Flows(ALL)}))
        assert '[label="a\\"];\\\\N<script>&\\\\x1b[31m\\\\u202e"];' in text("dot", made)

    @pytest.mark.skipif(shutil.which("dot") is None, reason="there is no dot command (Debian: graphviz)")
    def test_graphviz_reads_it(self) -> None:
        made = asked(Written("h", (HOSTILE, "b"), {(HOSTILE, "b"): Flows(ALL)}))
        for one in (made, asked(SHOP)):
            subprocess.run(["dot", "-Tsvg"], input=text("dot", one).encode(), check=True, capture_output=True)


class TestSvg:
    def test_rows_columns_and_cells(self) -> None:
        root = ElementTree.fromstring(text("svg", asked(SHOP)))
        written = ["".join(one.itertext()) for one in root.iter("{http://www.w3.org/2000/svg}text")]
        assert "tcp/80,443" in written
        assert "? tcp/22" in written
        titles = [one.text for one in root.iter("{http://www.w3.org/2000/svg}title")]
        assert "internet \N{RIGHTWARDS ARROW} db: ? tcp/22" in titles
        assert "cache \N{RIGHTWARDS ARROW} db: nothing" in titles

    def test_a_hostile_name_is_text(self) -> None:
        made = asked(Written(HOSTILE, (HOSTILE, "b"), {(HOSTILE, "b"): Flows(ALL)}))
        root = ElementTree.fromstring(text("svg", made))
        assert {one.tag.split("}")[1] for one in root.iter()} == {"svg", "title", "style", "rect", "g", "text"}


class TestGroups:
    def test_replicas_that_do_not_reach_each_other_are_alike(self) -> None:
        made = asked(Written("n", ("a", "b", "c"), {("a", "c"): Flows(ALL), ("b", "c"): Flows(ALL)}))
        assert [group.names for group in groups(made)] == [("a", "b"), ("c",)]

    def test_one_that_reaches_the_other_is_not_like_it(self) -> None:
        flows = {("a", "b"): Flows(ALL)}
        assert [group.names for group in groups(asked(Written("n", ("a", "b"), flows)))] == [("a",), ("b",)]

    def test_one_that_is_reached_otherwise_is_not_like_it(self) -> None:
        flows = {("c", "a"): Flows(tcp(1)), ("c", "b"): Flows({}, tcp(1))}
        assert [group.names for group in groups(asked(Written("n", ("a", "b", "c"), flows)))] == [
            ("a",),
            ("b",),
            ("c",),
        ]

    def test_what_is_asked_as_sender_only_is_not_like_a_receiver(self) -> None:
        one, other = Place("a", "container"), Place("b", "container")
        made = matrix(Written("n", ("a", "b"), {}), Asked((one,), (other,)))
        assert [group.names for group in groups(made)] == [("a",), ("b",)]

    @pytest.mark.parametrize("form", FORMS)
    def test_every_form_tells_of_a_thousand_places_that_are_alike(self, form: str) -> None:
        names = [f"pod-{number}" for number in range(300)]
        made = asked(Written("n", (*names, "db"), {(name, "db"): Flows(ALL) for name in names}))
        assert "db" in text(form, made)


def test_an_unknown_form() -> None:
    with pytest.raises(UsageError, match='--format takes table, json, dot or svg, not "tabel"'):
        partial(rendered, "tabel")(None)
