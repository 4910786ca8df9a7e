from __future__ import annotations

import pytest

from policyengine.images.managers import SYSTEM, manager_of
from policyengine.images.packages import Stage, Step, note_copy, note_script, package_commands, unsigned

from .calls import calls

ACTIONS = [
    ("apt-get update", "apt", "update"),
    ("sudo aptitude full-upgrade", "apt", "dist-upgrade"),
    ("apt list --installed", "apt", "other"),
    ("apt-get $OPTIONS install a", "apt", "install"),
    ("apk --no-cache add a", "apk", "install"),
    ("apk del a", "apk", "remove"),
    ("pip3 list", "pip", "other"),
    ("npm run install", "npm", "other"),
    ("yarn", "yarn", "install"),
    ("yarn --version", "yarn", "other"),
    ("yarn cache clean", "yarn", "clean"),
    ("yum -y update", "yum", "upgrade"),
    ("microdnf in a", "dnf", "install"),
    ("dnf module list", "dnf", "other"),
    ("zypper -n dup", "zypper", "dist-upgrade"),
    ("zypper ref", "zypper", "update"),
    ("pacman -Syu --noconfirm", "pacman", "update"),
    ("pacman -S a", "pacman", "install"),
    ("pacman -Scc", "pacman", "clean"),
    ("pacman -Rs a", "pacman", "remove"),
    ("pacman -Q", "pacman", "other"),
    ("rpm -Uvh a.rpm", "rpm", "install"),
    ("rpm --import key", "rpm", "other"),
    ("go build ./...", "go", "other"),
]


@pytest.mark.parametrize(("script", "manager", "action"), ACTIONS)
def test_what_a_command_does(script: str, manager: str, action: str) -> None:
    (command,) = package_commands(calls(script), Stage(), Step({}))
    assert (command.manager, command.action) == (manager, action)


@pytest.mark.parametrize("script", ["pipx install a", "echo apt-get install a", "notdnf install a", "make install"])
def test_others_are_no_package_managers(script: str) -> None:
    assert package_commands(calls(script), Stage(), Step({})) == []


ANSWERS = [
    ("apt-get install a", False),
    ("apt-get install -q a", False),
    ("apt-get remove a", False),
    ("apt-get -yqq install a", True),
    ("apt-get -qq install a", True),
    ("apt-get -q=2 install a", True),
    ("apt-get -o APT::Get::Assume-Yes=true install a", True),
    ("apt-get -o APT::Get::Assume-Yes=false install a", False),
    ("yes | apt-get install a", True),
    ("echo y | apt-get install a", True),
    ("cat a | apt-get install b", False),
    ("apt-get update", None),
    ("apt-get $APT_OPTS install a", None),
    ("yum install -vy a", True),
    ("dnf --setopt assumeyes=1 install a", True),
    ("dnf upgrade", False),
    ("zypper -n in a", True),
    ("zypper in --no-confirm a", True),
    ("zypper in a", False),
    ("apk add a", None),
]


@pytest.mark.parametrize(("script", "answer"), ANSWERS)
def test_whether_anything_is_asked(script: str, answer: bool | None) -> None:
    assert package_commands(calls(script), Stage(), Step({}))[-1].assume_yes is answer


UNVERIFIED = [
    "apt-get --allow-unauthenticated install a",
    "apt-get install -y --force-yes a",
    "apt-get -o APT::Get::AllowUnauthenticated=true install a",
    "apt-get -o Acquire::AllowInsecureRepositories=1 update",
    "apk add --allow-untrusted a.apk",
    "yum --nogpgcheck install a",
    "dnf --setopt=acme.gpgcheck=0 install a",
    "rpm -i --nosignature a.rpm",
    "rpm --nodigest -Uvh a.rpm",
    "zypper --no-gpg-checks in a",
]


@pytest.mark.parametrize("script", UNVERIFIED)
def test_packages_that_nobody_signed(script: str) -> None:
    assert [command.verified for command in package_commands(calls(script), Stage(), Step({}))] == [False]


@pytest.mark.parametrize(
    "script", ["apt-get install a | grep -- --force-yes", "dnf --setopt=gpgcheck=1 install a", "zypper in a"]
)
def test_signatures_are_checked(script: str) -> None:
    assert [command.verified for command in package_commands(calls(script), Stage(), Step({}))] == [True]


RECOMMENDED = [
    ("apt-get install a", True),
    ("apt-get install --no-install-recommends a", False),
    ("apt-get -o APT::Install-Recommends=0 install a", False),
    ("apt-get upgrade", None),
    ("apt-get build-dep a", None),
    ("apt-get install ${APT_FLAGS} a", None),
    ("apk add a", None),
]


@pytest.mark.parametrize(("script", "found"), RECOMMENDED)
def test_whether_recommended_packages_are_installed(script: str, found: bool | None) -> None:
    assert package_commands(calls(script), Stage(), Step({}))[0].recommends is found


def test_settings_that_a_script_writes() -> None:
    stage = Stage()
    note_script(stage, "echo 'APT::Install-Recommends \"false\";' > /etc/apt/apt.conf.d/90a")
    note_script(stage, "printf 'APT::Get::Assume-Yes true;' > /etc/apt/apt.conf && echo assumeyes = 1 >> /etc/yum.conf")
    apt, yum = package_commands(calls("apt-get install a; yum install b"), stage, Step({}))
    assert (apt.recommends, apt.assume_yes, yum.assume_yes) == (False, True, True)
    note_script(other := Stage(), "apt-get -o APT::Install-Recommends=false install a")
    assert other == Stage()


COPIES = [
    ("/etc/apt/apt.conf.d/", {"apt"}),
    ("/etc/apt/", {"apt"}),
    ("/etc/yum.conf", {"yum"}),
    ("/etc/dnf/dnf.conf", {"dnf"}),
    ("/", set()),
    ("/app/", set()),
]


@pytest.mark.parametrize(("destination", "opaque"), COPIES)
def test_settings_that_are_copied_are_not_known(destination: str, opaque: set[str]) -> None:
    stage = Stage()
    note_copy(stage, destination)
    assert (stage.opaque, stage.sources) == (opaque, True)


def test_a_stage_that_stands_on_another_does_not_change_it() -> None:
    first = Stage()
    second = first.copy()
    package_commands(calls("apt-get update"), second, Step({}))
    assert (first.stale, second.stale) == (set(), {"apt"})


INDEXES = [
    (["apt-get update", "apt-get install a"], [True]),
    (["apt-get update && apt-get install a", "apt-get install b"], [False, False]),
    (["apt-get update", "apt-get update && apt-get install a"], [False]),
    (["apt-get update && rm -rf /var/lib/apt/lists/*", "apt-get install a"], [False]),
    (["apk update", "apk add a", "apk -U add b", "apk add --no-cache c"], [True, False, False]),
    (["yum -y update", "yum -y install a"], [True]),
    (["yum -y update && yum clean all", "yum -y install a"], [False]),
    (["zypper ref", "zypper in a"], [True]),
    (["pacman -Sy", "pacman -S a", "pacman -Sy b"], [True, False]),
    (["pip install a"], [None]),
]


@pytest.mark.parametrize(("scripts", "found"), INDEXES)
def test_whose_index_is_old(scripts: list[str], found: list[bool | None]) -> None:
    stage = Stage()
    commands = [command for script in scripts for command in package_commands(calls(script), stage, Step({}))]
    assert [command.stale_index for command in commands if command.action == "install"] == found


def test_the_managers_of_systems_are_known() -> None:
    assert [manager_of(name) is None for name in SYSTEM if name != "apt"] == [False] * (len(SYSTEM) - 1)
    assert manager_of("apt-get") is manager_of("apt")


UNSIGNED = [
    ('echo "deb [trusted=yes] https://example.com stable main" > a.list', ["trusted=yes"]),
    ('echo "deb [arch=amd64 trusted=yes] http://example.com ./" > a.list', ["trusted=yes"]),
    ("cat > a.sources <<E\nTypes: deb\nTrusted: yes\nE", ["trusted=yes"]),
    ('echo "deb [trusted=yes] file:/packages ./" > a.list', []),
    ('echo "deb [signed-by=/a.gpg] https://example.com stable main" > a.list', []),
    ("sed -i 's/gpgcheck=1/gpgcheck=0/g' a.repo", ["gpgcheck=0"]),
    ("sed -i 's/gpgcheck=0/gpgcheck=1/' a.repo", []),
    ("echo gpgcheck = no >> a.repo", ["gpgcheck=0"]),
    ("echo repo_gpgcheck=0 >> a.repo; dnf --setopt=a.gpgcheck=0 install b", []),
]


@pytest.mark.parametrize(("script", "found"), UNSIGNED)
def test_settings_by_which_nobody_signs(script: str, found: list[str]) -> None:
    assert unsigned(script) == found
