"""What is shown before and after somebody logs in."""

from __future__ import annotations

import pytest

from policyengine.authentication.files import Given, Something
from policyengine.authentication.system.banners import Banner, banners
from policyengine.model.unknown import Unknown

RELEASE: dict[str, Something] = {"/etc/os-release": 'PRETTY_NAME="X"\nNAME="Red Hat"\nID=rhel\nVERSION_ID="9"\n'}
GONE = Unknown("/x", "it cannot be read")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, Banner(exists=False, text="", discloses=())),
        ({"/etc/issue": "Go away\n"}, Banner(exists=True, text="Go away\n", discloses=())),
        ({"/etc/issue": "\\S \\r \\l \\r"}, Banner(exists=True, text="\\S \\r \\l \\r", discloses=("\\S", "\\r"))),
        (
            {"/etc/issue": "A RHEL of red hat"},
            Banner(exists=True, text="A RHEL of red hat", discloses=("red hat", "rhel")),
        ),
        ({"/etc/issue": "rhels"}, Banner(exists=True, text="rhels", discloses=())),
        ({"/etc/issue.d/1.issue": "\\m"}, Banner(exists=False, text="\\m", discloses=("\\m",))),
        ({"/etc/issue.d/1.txt": "\\m"}, Banner(exists=False, text="", discloses=())),
        ({"/etc/issue": GONE}, GONE),
        ({"/etc/issue": "x", "/etc/os-release": GONE}, GONE),
    ],
)
def test_issue(files: dict[str, Something], expected: object) -> None:
    assert banners(Given(RELEASE | files))["issue"] == expected


def test_each_has_its_files() -> None:
    files: dict[str, Something] = {"/etc/issue": "a", "/etc/issue.net": "b", "/etc/motd": "c", "/etc/motd.d/x": "d"}
    told = {name: one.text for name, one in banners(Given(files)).items() if isinstance(one, Banner)}
    assert told == {"issue": "a", "issue_net": "b", "motd": "cd"}
