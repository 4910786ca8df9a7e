"""Ignores in comments: what each speaks for, and what is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.api import Settings, evaluate
from tests.exceptions.saying import PRIVILEGED, said, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def service(name: str, more: str = "", comment: str = "") -> str:
    return f"  {name}:{more}\n    image: nginx\n    privileged: true{comment}\n"


IGNORE = "# policyengine: ignore[privileged] why"
TWO = service("a"), service("b")
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: NAME}
spec:
  containers:
    - name: web
      image: nginx
      securityContext: {privileged: true}
"""


def item(name: str) -> str:
    """One of a List."""
    lines = POD.replace("NAME", name).splitlines()
    return "".join(f"  {'- ' if number == 0 else '  '}{line}\n" for number, line in enumerate(lines))


SPEAKS = {
    "on the line": ("services:\n" + service("a", comment=f"  {IGNORE}") + TWO[1], ["4 waived", "7 fail"]),
    "on the line, after a tab": ("services:\n" + service("a", comment=f"\t{IGNORE}") + TWO[1], ["4 waived", "7 fail"]),
    "after what only looks like a comment": (
        "services:\n" + service("a").replace("true", f"true#no {IGNORE}").replace("true#no", "true   "),
        ["4 waived"],
    ),
    "on the line above": (
        "services:\n" + TWO[0].replace("    privileged", f"    {IGNORE}\n    privileged") + TWO[1],
        ["5 waived", "8 fail"],
    ),
    "above another line": (
        "services:\n" + TWO[0].replace("    image", f"    {IGNORE}\n    image"),
        ["5 fail", "3:5 unused: the ignore of privileged has nothing to let pass: remove it"],
    ),
    "above an entry of a mapping": (f"services:\n  {IGNORE}\n" + "".join(TWO), ["5 waived", "8 fail"]),
    "above the second": (f"services:\n{TWO[0]}  {IGNORE}\n{TWO[1]}", ["4 fail", "8 waived"]),
    "above, with another comment and an empty line between": (
        f"services:\n  {IGNORE}\n  # more\n\n" + "".join(TWO),
        ["7 waived", "10 fail"],
    ),
    "above at another depth": (f"services:\n{IGNORE}\n" + "".join(TWO), ["5 waived", "8 fail"]),
    "on the line of a key, which is not where the value is": (
        "services:\n" + service("a", more=f" {IGNORE}"),
        ["4 fail", "2:6 unused: the ignore of privileged has nothing to let pass: remove it"],
    ),
    "above everything": (f"{IGNORE}\nservices:\n" + "".join(TWO), ["5 waived", "8 waived"]),
    "above the first of two keys": (f"{IGNORE}\nname: x\nservices:\n" + "".join(TWO), ["6 waived", "9 waived"]),
    "parted by an empty line": (f"# x\n{IGNORE}\n\nservices:\n" + "".join(TWO), ["7 waived", "10 waived"]),
    "the whole file from anywhere": (
        "services:\n" + "".join(TWO) + IGNORE.replace("ignore[", "ignore-file["),
        ["4 waived", "7 waived"],
    ),
    "in a block": ("services:\n" + service("a") + f"    command: |\n      {IGNORE}\n      x\n", ["4 fail"]),
    "in a quoted text of several lines": (
        f'services:\n{TWO[0]}    command: "a\n      {IGNORE}\n      b"\n',
        ["4 fail"],
    ),
    "in quotes": ("services:\n" + service("a") + f"    command: ['{IGNORE}', \"{IGNORE}\"]\n", ["4 fail"]),
    "after a plain text of several lines": (
        f"services:\n{TWO[0]}    command: a\n      b {IGNORE}\n",
        ["4 fail", "6:9 unused: the ignore of privileged has nothing to let pass: remove it"],
    ),
    "below a block": (f"services:\n{TWO[0]}    command: |\n      a\n\n  {IGNORE}\n{TWO[1]}", ["4 fail", "11 waived"]),
    "below a block at its end": (
        f"services:\n{TWO[0]}    command: |\n      a\n# policyengine: ignore-file[privileged] why\n",
        ["4 waived"],
    ),
    "in a block, as its last line": (
        f"services:\n{TWO[0]}    command: >-\n      a\n      {IGNORE}\n\n{TWO[1]}",
        ["4 fail", "11 fail"],
    ),
    "on the head of a block": (
        f"services:\n{TWO[0]}    command: | {IGNORE}\n      a\n",
        ["4 fail", "5:16 unused: the ignore of privileged has nothing to let pass: remove it"],
    ),
    "after a flow mapping": (
        f"services:\n  a: {{privileged: true, image: x}} {IGNORE}\n  b: {{image: x, privileged: true}}\n",
        ["2 waived", "3 fail"],
    ),
    "in a flow mapping": (f"services:\n  a: {{\n    {IGNORE}\n    privileged: true,\n    image: x}}\n", ["4 waived"]),
    "with lines that end as on Windows": (
        "services:\r\n" + (TWO[0] + f"  {IGNORE}\n" + TWO[1]).replace("\n", "\r\n"),
        ["4 fail", "8 waived"],
    ),
    "with old lines": (("services:\n" + TWO[0] + f"  {IGNORE}\n" + TWO[1]).replace("\n", "\r"), ["4 fail", "8 waived"]),
    "with a mark of byte order": (f"\ufeff{IGNORE}\n\nservices:\n" + TWO[0], ["6 waived"]),
    "in no other case": ("services:\n" + service("a", comment="  # Policyengine: ignore[privileged] why"), ["4 fail"]),
    "after other words": (
        "services:\n" + service("a", comment="  # see policyengine: ignore[privileged] why"),
        ["4 fail"],
    ),
    "without a space": ("services:\n" + service("a", comment=f"  {IGNORE.replace(' ', '')}"), ["4 waived"]),
    "several": ("services:\n" + service("a", comment=f"  {IGNORE.replace('[', '[host-network, ')}"), ["4 waived"]),
    "of what an anchor brings": (
        f"x-a: &a\n  {IGNORE}\n  privileged: true\n  image: x\nservices:\n  a: *a\n  b:\n    <<: *a\n",
        ["3 waived", "3 waived"],
    ),
    "documents of a stream": (
        "\n---\n".join([POD.replace("NAME", "a"), f"{IGNORE}\n" + POD.replace("NAME", "b"), POD.replace("NAME", "c")]),
        ["8 fail", "19 waived", "29 fail"],
    ),
    "a stream, parted by its first ---": (
        f"{IGNORE}\n---\n" + "---\n".join([POD.replace("NAME", "a"), POD.replace("NAME", "b")]),
        ["10 waived", "19 waived"],
    ),
    "an item of a List": (
        f"apiVersion: v1\nkind: List\nitems:\n  {IGNORE}\n" + "".join(map(item, "ab")),
        ["12 waived", "20 fail"],
    ),
    "one container and not its neighbour": (
        POD.replace("    - name: web", f"    {IGNORE}\n    - name: web")
        + "    - {name: two, image: x, securityContext: {privileged: true}}\n",
        ["9 waived", "10 fail"],
    ),
    "one container, the last": (
        POD + f"    {IGNORE}\n    - {{name: two, image: x, securityContext: {{privileged: true}}}}\n",
        ["8 fail", "10 waived"],
    ),
}


@pytest.mark.parametrize("name", SPEAKS)
def test_what_it_speaks_for(name: str, tmp_path: Path) -> None:
    text, expected = SPEAKS[name]
    write(tmp_path, {"compose.yaml": text})
    lines = [line.removeprefix("compose.yaml:").replace(" privileged", "", 1) for line in said()]
    lines = [line.replace(" (inline: why)", "").replace("ignore of has", "ignore of privileged has") for line in lines]
    assert lines == expected
    bare = [line.rpartition(" ")[0].rpartition(":")[2] for line in said(exceptions=False)]
    assert bare == [line.replace("waived", "fail") for line in expected if " unused" not in line]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_wide_files(encoding: str, tmp_path: Path) -> None:
    text = f"{IGNORE}\n\nservices:\n{TWO[0]}"
    data = text.encode(encoding) if not encoding.endswith("le") else b"\xff\xfe" + text.encode(encoding)
    write(tmp_path, {"compose.yaml": data})
    assert said() == ["compose.yaml:6 waived privileged (inline: why)"]


MISPLACED = "this is no comment here, but a part of the value: write it on a line of its own, above"
DOCKERFILE = """\
# syntax=docker/dockerfile:1

# policyengine: ignore[sudo] the stage
FROM debian:12 AS build
RUN sudo make
RUN sudo make install

FROM debian:12
# policyengine: ignore[sudo] the next
RUN echo a \\
  && sudo make
RUN sudo make
RUN echo \\
  # policyengine: ignore[sudo] the next line
  && sudo make \\
  && sudo make
RUN <<EOT
# policyengine: ignore[sudo] in a heredoc
sudo make
EOT
RUN sudo make # policyengine: ignore[sudo] no comment in a Dockerfile
"""


def test_dockerfiles(tmp_path: Path) -> None:
    write(tmp_path, {"Dockerfile": DOCKERFILE})
    assert said(settings=Settings(select=("sudo",), cache=False)) == [
        "Dockerfile:5 waived sudo (inline: the stage)",
        "Dockerfile:6 waived sudo (inline: the stage)",
        "Dockerfile:11 waived sudo (inline: the next)",
        "Dockerfile:12 fail sudo",
        "Dockerfile:15 waived sudo (inline: the next line)",
        "Dockerfile:19 fail sudo",
        "Dockerfile:21 fail sudo",
        f"Dockerfile:21:15 problem: {MISPLACED}",
    ]


LONE = {
    "sshd_config": (
        "PermitRootLogin yes # policyengine: ignore[ssh-root-login] a lab\n"
        "PermitEmptyPasswords yes\n"
        "ForceCommand /bin/x # policyengine: ignore[ssh-root-login] part of the command\n",
        [
            "sshd_config:1 waived ssh-root-login (inline: a lab)",
            "sshd_config:2 fail ssh-empty-passwords",
            f"sshd_config:3:21 problem: {MISPLACED}",
        ],
    ),
    "ssh_config": (
        "Host *\n  ForwardAgent yes # policyengine: ignore[ssh-client-agent] a lab\n"
        "  ProxyCommand nc %h # policyengine: ignore[ssh-client-agent] part of the command\n",
        [
            "ssh_config:2 waived ssh-client-agent (inline: a lab)",
            f"ssh_config:3:22 problem: {MISPLACED}",
        ],
    ),
    "sudoers": (
        "Defaults !authenticate # policyengine: ignore[sudo-authenticate] a lab\n"
        'Defaults badpass_message="a # policyengine: ignore[sudo-nopasswd] quoted"\n'
        "bob ALL=(ALL) NOPASSWD: /bin/echo \\# # policyengine: ignore[sudo-nopasswd] a lab\n",
        [
            "sudoers:1 waived sudo-authenticate (inline: a lab)",
            "sudoers:3 waived sudo-nopasswd (inline: a lab)",
        ],
    ),
    "rules.v4": (
        "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n"
        "-A INPUT -p tcp -j ACCEPT\n"
        '-A INPUT -p tcp -m comment --comment "a # policyengine: ignore[rule-shadowed] quoted" -j ACCEPT\n'
        "-A INPUT -p udp -j ACCEPT # policyengine: ignore[rule-shadowed] part of the rule\nCOMMIT\n",
        ['rules.v4:7 problem: "#" is unexpected', f"rules.v4:7:27 problem: {MISPLACED}"],
    ),
    "passwd": (
        "root:x:0:0:root:/root:/bin/bash\n"
        "toor:x:0:0:root:/root:/bin/bash # policyengine: ignore[account-uid-zero] part of the shell\n",
        ["passwd:2 fail account-uid-zero", f"passwd:2:33 problem: {MISPLACED}"],
    ),
}
"""What a file of each format has after values, and what is said of it."""


@pytest.mark.parametrize("name", LONE)
def test_after_a_value_where_not_all_that_looks_so_is_a_comment(name: str, tmp_path: Path) -> None:
    text, wanted = LONE[name]
    write(tmp_path, {name: text})
    select = ("ssh-root-login", "ssh-empty-passwords", "ssh-client-agent", "sudo-authenticate", "sudo-nopasswd")
    assert said(settings=Settings(select=(*select, "account-uid-zero", "rule-shadowed"), cache=False)) == wanted


RULES = """\
*raw
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp --dport 22 -j ACCEPT
[7:420] -A INPUT -p tcp --dport 22 -j ACCEPT
-A INPUT -p tcp --dport 22 -j DROP
COMMIT
"""
SHADOWED = "# policyengine: ignore[rule-shadowed] why\n"
DEFAULT = "# policyengine: ignore[host-default-deny] why\n"
NOTHING = (
    "this comment is not understood: nothing follows that it could speak of (write ignore[POLICY] REASON, or "
    "ignore[POLICY, ...] until YYYY-MM-DD: REASON)"
)
OF_RULES = {
    "above a rule": (
        RULES.replace("[7:", f"{SHADOWED}[7:"),
        [
            "rules.v4:4 fail host-default-deny",
            "rules.v4:9 waived rule-shadowed (inline: why)",
            "rules.v4:10 fail rule-shadowed",
        ],
    ),
    "above a chain's policy": (
        RULES.replace(":INPUT", f"{DEFAULT}:INPUT"),
        [
            "rules.v4:5 waived host-default-deny (inline: why)",
            "rules.v4:9 fail rule-shadowed",
            "rules.v4:10 fail rule-shadowed",
        ],
    ),
    "above a table": (
        RULES.replace("*filter", f"{SHADOWED}*filter"),
        [
            "rules.v4:5 fail host-default-deny",
            "rules.v4:9 waived rule-shadowed (inline: why)",
            "rules.v4:10 waived rule-shadowed (inline: why)",
        ],
    ),
    "above another table": (
        f"{SHADOWED}{RULES}",
        [
            "rules.v4:5 fail host-default-deny",
            "rules.v4:9 fail rule-shadowed",
            "rules.v4:10 fail rule-shadowed",
            "rules.v4:1:1 unused: the ignore of rule-shadowed has nothing to let pass: remove it",
        ],
    ),
    "at the head": (
        f"{SHADOWED}{DEFAULT}\n{RULES}",
        [
            "rules.v4:7 waived host-default-deny (inline: why)",
            "rules.v4:11 waived rule-shadowed (inline: why)",
            "rules.v4:12 waived rule-shadowed (inline: why)",
        ],
    ),
    "below everything": (
        f"{RULES}{SHADOWED}",
        [
            "rules.v4:4 fail host-default-deny",
            "rules.v4:8 fail rule-shadowed",
            "rules.v4:9 fail rule-shadowed",
            f"rules.v4:11:1 problem: {NOTHING}",
        ],
    ),
}


@pytest.mark.parametrize("where", OF_RULES)
def test_what_a_comment_in_a_dump_of_rules_speaks_for(where: str, tmp_path: Path) -> None:
    text, wanted = OF_RULES[where]
    write(tmp_path, {"rules.v4": text, "rules.v6": text.replace("ACCEPT [", "DROP [").replace("-j", "-s ::1 -j")})
    found = said(settings=Settings(select=("rule-shadowed", "host-default-deny"), cache=False))
    assert [line for line in found if line.startswith("rules.v4")] == wanted


def test_what_is_missing_is_ignored_at_the_head(tmp_path: Path) -> None:
    head = "# policyengine: ignore[user-missing, healthcheck-missing] a tool\nFROM debian:12\n"
    pod = POD.replace("NAME", "a").replace("    - name", "    # policyengine: ignore[memory-limit] small\n    - name")
    network = "# policyengine: ignore[networkpolicy-missing] alone\n---\n" + pod
    write(tmp_path, {"Dockerfile": head, "deploy/pod.yaml": network})
    select = ("user-missing", "healthcheck-missing", "memory-limit", "networkpolicy-missing")
    found = evaluate(".", Settings(select=select, cache=False))
    assert {(one.policy, one.status) for one in found.findings} == {(policy, "waived") for policy in select}


FORMS = {
    "ignore[privileged]": "it has no reason",
    "ignore[privileged] -": "it has no reason",
    "ignore[privileged] until 2027-01-31": "it has no reason",
    "ignore[privileged] until 2027-01-31:": "it has no reason",
    "ignore privileged why": "it names no policy in brackets",
    "ignore": "it names no policy in brackets",
    "ignore[] why": "it names no policy in brackets",
    "ignore[ ] why": "it names no policy in brackets",
    "ignore[privileged why": "it names no policy in brackets",
    "ignore[privileged,] why": "the name of a policy is empty",
    "ignore[[privileged]] why": "it names no policy in brackets",
    "ignore(privileged) why": "it names no policy in brackets",
    "ignored[privileged] why": "it names no policy in brackets",
    "ignore-line[privileged] why": "it names no policy in brackets",
    "ignroe[privileged] why": '"ignroe" is nothing that can be asked for',
    "Ignore[privileged] why": '"Ignore" is nothing that can be asked for',
    "skip[privileged] why": '"skip" is nothing that can be asked for',
    "": "nothing is asked for",
    "[privileged] why": "nothing is asked for",
    "ignore[privileged] until 2027-02-31: why": "there is no day 2027-02-31",
    "ignore[privileged] until 27-1-1: why": '"27-1-1" is no day such as 2027-01-31',
    "ignore[privileged] until tomorrow: why": '"tomorrow" is no day such as 2027-01-31',
    "ignore[privileged] until 2027-01-31T10:00: why": '"2027-01-31T10" is no day such as 2027-01-31',
    "ignore[privileged] until ٢٠٢٧-01-31: why": '"٢٠٢٧-01-31" is no day such as 2027-01-31',
}
HINT = "write ignore[POLICY] REASON, or ignore[POLICY, ...] until YYYY-MM-DD: REASON"


@pytest.mark.parametrize("form", FORMS)
def test_what_is_not_understood(form: str, tmp_path: Path) -> None:
    write(tmp_path, {"compose.yaml": f"services:\n{service('a', comment=f'  # policyengine: {form}')}{TWO[1]}"})
    report = evaluate(".", PRIVILEGED)
    assert report.exit_code == 2
    assert [finding.status for finding in report.findings] == ["fail", "fail"]
    assert said()[2:] == [f"compose.yaml:4:23 problem: this comment is not understood: {FORMS[form]} ({HINT})"]
    assert evaluate(".", Settings(select=("privileged",), exceptions=False, cache=False)).exit_code == 1


def test_nothing_follows(tmp_path: Path) -> None:
    write(tmp_path, {"compose.yaml": f"services:\n{TWO[0]}{IGNORE}\n# the end\n\n"})
    assert said()[1:] == [
        f"compose.yaml:5:1 problem: this comment is not understood: nothing follows that it could speak of ({HINT})"
    ]


def test_names(tmp_path: Path) -> None:
    text = "services:\n" + "".join(
        service(name, comment=f"  # policyengine: ignore[{said}] why")
        for name, said in {
            "a": "privilegd",
            "b": "CKV_K8S_16",
            "c": "runtime",
            "d": "ae5b6871-7f45-42e0-bb4c-ab300c4d2026",
        }.items()
    )
    pod = POD.replace("NAME", "a").replace("true}", "true} # policyengine: ignore[CKV_K8S_16] why")
    write(tmp_path, {"compose.yaml": text, "pod.yaml": pod})
    assert said() == [
        "compose.yaml:4 fail privileged",
        "compose.yaml:7 fail privileged",
        "compose.yaml:10 waived privileged (inline: why)",
        "compose.yaml:13 waived privileged (inline: why)",
        "pod.yaml:8 waived privileged (inline: why)",
        'compose.yaml:4:23 unused: no policy is called "privilegd" (did you mean "privileged"?)',
        "compose.yaml:7:23 unused: the ignore of CKV_K8S_16 has nothing to let pass: remove it",
    ]


def test_an_ignore_for_a_policy_that_is_not_judged_is_not_told(tmp_path: Path) -> None:
    write(
        tmp_path, {"compose.yaml": "services:\n" + service("a", comment="  # policyengine: ignore[host-network] why")}
    )
    assert said() == ["compose.yaml:4 fail privileged"]


SHARED = {
    "common/base.yaml": f"services:\n  base:\n    image: x\n    {IGNORE}\n    privileged: true\n",
    "one/compose.yaml": "services: {a: {extends: {file: ../common/base.yaml, service: base}}}\n",
    "two/compose.yaml": "services: {b: {extends: {file: ../common/base.yaml, service: base}}}\n",
    "three/compose.yaml": "include: [../common/base.yaml]\nservices: {c: {image: x}}\n",
}


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_file_that_several_projects_share(jobs: int, tmp_path: Path) -> None:
    write(tmp_path, SHARED)
    assert set(said(jobs=jobs)) == {"common/base.yaml:5 waived privileged (inline: why)"}
    assert set(said("one", jobs=jobs)) == {"common/base.yaml:5 waived privileged (inline: why)"}
    write(tmp_path, {"common/base.yaml": SHARED["common/base.yaml"].replace("true", "false")})
    assert said() == ["common/base.yaml:4:5 unused: the ignore of privileged has nothing to let pass: remove it"]


def test_secrets_are_masked(tmp_path: Path) -> None:
    token = "ghp_abcdefghijklmnopqrstuvwxyz0123456789"
    forms = [
        f"ignore[privileged] {token}",
        f"ignore[{token}] why",
        f"ignore[privileged] until {token}: why",
        f"{token}[x] y",
    ]
    text = "services:\n" + "".join(service(f"a{n}", comment=f" # policyengine: {form}") for n, form in enumerate(forms))
    write(tmp_path, {"compose.yaml": text})
    lines = said()
    assert len(lines) == 7
    assert token not in "\n".join(lines)
