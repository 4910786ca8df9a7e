from __future__ import annotations

import pytest

from policyengine.images.packages import Stage, Step, package_commands

from .calls import calls

UNPINNED = [
    # apt
    ("apt-get install -y curl=7.88.* git", ["git"]),
    ("apt-get install -t bookworm-backports git=1:2.47~bpo12+1 vim/sid", []),
    ("apt-get install ./a.deb /tmp/b_1.deb https://example.com/c.deb", []),
    ("apt-get install linux-headers-$(uname -r) g++ nano-", ["linux-headers-$(uname -r)", "g++"]),
    ("apt-get install curl${CURL_VERSION:+=$CURL_VERSION}", []),
    ("apt-get build-dep -y postgresql", []),
    ("apt-get install", []),
    # apk
    ("apk add a=1 'b>2' c~3 d@edge ./e.apk", ["d@edge"]),
    ("apk -X https://example.com/edge add -t .build gcc", ["gcc"]),
    # pip
    ("pip3.12 install -r a.txt b==1 'c[x]~=2' d", ["d"]),
    ("pip install . ./a /b 'c @ https://example.com/c.whl' -e .[dev] -e ./d", []),
    (
        "pip install 'a @ git+https://example.com/a' git+ssh://git@example.com/b.git@v1",
        ["a @ git+https://example.com/a"],
    ),
    ("pip install -c constraints.txt a", []),
    ("pip install --upgrade pip", ["pip"]),
    # npm, yarn, pnpm
    ("npm i -g a@1 @b/c @b/d@^2 e@latest", ["@b/c", "e@latest"]),
    ("npm install --unsafe-perm true a/b a/b#v1 github:c/d ./e file:f", ["a/b", "github:c/d"]),
    ("npm ci", []),
    ("yarn global add a", ["a"]),
    ("yarn --frozen-lockfile", []),
    ("pnpm add -g a b@2", ["a"]),
    # gem, go
    ("gem install a:1 b", ["b"]),
    ("gem install a -v 1", []),
    ("go install -tags x example.com/a@v1 example.com/b@latest ./... cmd/c", ["example.com/b@latest"]),
    # yum, dnf, zypper
    ("yum install -y a-1.2 b-1:1.1-3.el9.x86_64 java-17-openjdk c-${V} d-devel-$(uname -r)", ["java-17-openjdk"]),
    ("dnf module install -y nodejs:18 ruby", ["ruby"]),
    ("dnf group install -y 'Development Tools'", []),
    ("dnf install -y @core /usr/bin/a 'b >= 2' c.rpm https://example.com/d.rpm", []),
    ("zypper in -y a=1 'b>2' c-3", ["c-3"]),
    ("zypper in -y -t pattern devel", []),
]


@pytest.mark.parametrize(("script", "found"), UNPINNED)
def test_packages_without_a_version(script: str, found: list[str]) -> None:
    (command,) = package_commands(calls(script), Stage(), Step({}))
    assert list(command.unpinned or ()) == found
    assert "unpinned" not in command.unsure


@pytest.mark.parametrize("script", ["apt-get install -y $A", "pip install ${A}", "apk add $(cat a)", "gem install `a`"])
def test_a_variable_may_name_some(script: str) -> None:
    (command,) = package_commands(calls(script), Stage(), Step({}))
    assert (command.unpinned, command.unsure) == ((), frozenset(("unpinned",)) & command.unsure)
    assert "unpinned" in command.unsure


def test_a_known_variable_names_them() -> None:
    (command,) = package_commands(calls("apt-get install -y $A"), Stage(), Step({"A": "curl=1 git"}))
    assert (command.packages, command.unpinned) == (("curl=1", "git"), ("git",))


def test_a_module_names_the_versions_of_go() -> None:
    (command,) = package_commands(calls("go install example.com/a example.com/b@latest"), Stage(sources=True), Step({}))
    assert command.unpinned == ("example.com/b@latest",)
