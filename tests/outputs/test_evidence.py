"""What shows a violation of flows, the packet and the rules that it meets, in every format that has a place for it."""

from __future__ import annotations

import csv
import io
import json

import pytest
from msgspec.structs import replace

from policyengine.model.location import Location
from policyengine.model.report import Passed

from .reports import PORT, report, whole

PACKET = "NEW tcp 198.51.100.77:40000 -> 172.19.0.2:5432  in eth0  out br-9bc5"
ACCEPT = "-A DOCKER -p tcp -j ACCEPT"
FLOW = replace(
    PORT,
    witness=PACKET,
    path=(
        Passed(Location("after.rules", 17), "-A FORWARD -j DOCKER", "jumps to DOCKER"),
        Passed(None, ACCEPT, "accepts"),
    ),
    alike="source any; dport 5432",
)
STEPS = ["after.rules:17  -A FORWARD -j DOCKER", ACCEPT]


def rendered(name: str) -> str:
    return str(whole(name)(report(FLOW)))


def test_a_cell_each_in_csv() -> None:
    (row,) = csv.DictReader(io.StringIO(rendered("csv"), newline=""))
    assert (row["witness"], row["steps"], row["set"]) == (PACKET, "; ".join(STEPS), "source any; dport 5432")


def test_a_code_flow_in_sarif() -> None:
    (result,) = json.loads(rendered("sarif"))["runs"][0]["results"]
    place = {"uri": "after.rules", "uriBaseId": "%SRCROOT%"}
    assert result["codeFlows"] == [
        {
            "threadFlows": [
                {
                    "locations": [
                        {
                            "location": {
                                "physicalLocation": {"artifactLocation": place, "region": {"startLine": 17}},
                                "message": {"text": "-A FORWARD -j DOCKER"},
                            }
                        },
                        {"location": {"message": {"text": ACCEPT}}},
                    ]
                }
            ]
        }
    ]
    assert (result["properties"]["witness"], result["properties"]["set"]) == (PACKET, "source any; dport 5432")


def test_lines_of_the_body_in_gitlab_and_github() -> None:
    (issue,) = json.loads(rendered("gitlab"))
    shown = [f"witness: {PACKET}", *(f"path: {one}" for one in STEPS)]
    assert issue["content"]["body"].split("\n\n")[:4] == [*shown, "set: source any; dport 5432"]
    lines = rendered("github").splitlines()[0].split("%0A")
    assert lines[1:4] == [one.replace("%", "%25") for one in shown]


def test_a_witness_in_markdown() -> None:
    assert f" — witness: `{PACKET}`" in rendered("markdown")


@pytest.mark.parametrize("name", ["full", "junit"])
def test_lines_for_people(name: str) -> None:
    lines = [line.strip(" =").replace("&gt;", ">") for line in rendered(name).splitlines()]
    assert [line for line in lines if line.startswith(("witness: ", "path: ", "set: "))] == [
        f"witness: {PACKET}",
        *(f"path: {one}" for one in STEPS),
        "set: source any; dport 5432",
    ]
