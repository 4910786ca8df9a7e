"""``policyengine init``: the file that it writes fits the directory, and is right."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import yaml

from policyengine.commands.init import TITLES
from policyengine.inputs import inputs
from policyengine.model.care import Care, Hooks
from policyengine.settings import Settings
from policyengine.settings.effective import effective
from policyengine.settings.remediating import SECTION
from tests.running import COMPOSE, POD, Ended, cli

if TYPE_CHECKING:
    from pathlib import Path

CHART = "apiVersion: v2\nname: web\nversion: 1.0.0\n"


def filled(place: Path, *names: str) -> Path:
    texts = {"compose.yaml": COMPOSE, "Dockerfile": "FROM nginx:1.27\nUSER 1000\n", "Chart.yaml": CHART}
    texts["kustomization.yaml"] = "resources: [pod.yaml]\n"
    for name in names:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(texts.get(name.rpartition("/")[2], POD))
    return place


ALL = ("compose.yaml", "web/Dockerfile", "k8s/pod.yaml", "k8s/db.yaml", "vendor/x/pod.yaml", "tests/pod.yaml")


def test_what_it_writes_and_says(tmp_path: Path) -> None:
    place = filled(tmp_path, *ALL)
    ended = cli("init", cwd=place)
    assert ended == Ended(
        0,
        "policyengine.yaml is written. It holds settings for 1 Compose file, 1 Dockerfile and 4 Kubernetes manifests.\n"
        "Next:\n"
        "  policyengine check            judges them\n"
        "  policyengine config           shows the settings that apply here\n"
        "  policyengine packs            lists the packs, and policyengine policies the policies\n",
        "",
    )
    assert cli("init", "--stdout", cwd=place).out == (place / "policyengine.yaml").read_text()


def test_files_of_each_input_kind_have_a_name() -> None:
    assert set(TITLES) == set(inputs())


def test_files_of_accounts_are_counted_by_their_names(tmp_path: Path) -> None:
    place = filled(tmp_path, "compose.yaml")
    texts = {"ssh/sshd_config": "Port 22\n", "sudoers": "root ALL=(ALL) ALL\n", "passwd": "root:x:0:0::/:/bin/sh\n"}
    for name, text in {**texts, "group": "root:x:0:\n"}.items():
        (place / "etc" / name).parent.mkdir(parents=True, exist_ok=True)
        (place / "etc" / name).write_text(text)
    assert cli("init", cwd=place).out.splitlines()[0] == (
        "policyengine.yaml is written. It holds settings for 2 accounts files, 1 Compose file, 1 sshd_config file and "
        "1 sudoers file."
    )


@pytest.mark.parametrize("names", [(), ("a/pod.yaml",), ALL, ("charts/web/Chart.yaml", "base/kustomization.yaml")])
def test_what_it_writes_are_settings(names: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = filled(tmp_path, *names)
    cli("init", cwd=place)
    monkeypatch.chdir(place)
    monkeypatch.delenv("NO_COLOR", raising=False)
    found = effective({})
    exclusions = ((str(place), ("vendor/",)),) if "vendor/x/pod.yaml" in names else ()
    assert replace(found.settings, cache_directory="") == Settings(packs=("default",), exclusions=exclusions)
    assert (found.sources, found.file) == ((".",), "policyengine.yaml")


def uncommented(text: str) -> str:
    """The file with everything that it suggests switched on."""
    lines = text.splitlines()
    suggested = [line[2:] if line.startswith(("# ", "#  ")) and _is_yaml(line[2:]) else line for line in lines]
    return "\n".join(suggested) + "\n"


def _is_yaml(text: str) -> bool:
    return text.startswith(("  ", "exclude:", "policies:", "ignore:", "parameters:", "enforcement:", "remediate:"))


@pytest.mark.parametrize("names", [(), ("tests/pod.yaml",)])
def test_what_it_suggests_are_settings_too(
    names: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = filled(tmp_path, *names)
    (place / "policies").mkdir()
    cli("init", cwd=place)
    path = place / "policyengine.yaml"
    path.write_text(uncommented(path.read_text()))
    monkeypatch.chdir(place)
    settings = effective({}).settings
    assert settings.policies == ("policies",)
    assert settings.ignore == ("base-latest",)
    assert settings.parameters == {"caps-added": {"allowed": ["NET_BIND_SERVICE"]}}
    assert [rule.enforce for rule in settings.enforcement] == ["warn", "warn"]
    assert settings.exclusions == ((str(place), ("tests/",) if names else ("legacy/",)),)
    assert settings.remediate == Care(
        protected=("db-*", "label=com.example.pet"),
        hooks=Hooks(("./drain.sh",), ("https://hooks.example/replaced",), 60, "."),
        push="registry.example/mended",
        registries={"docker.io": "registry.example/hub"},
        state_dir="state",
    )


def test_all_settings_of_acting_are_suggested(tmp_path: Path) -> None:
    suggested = yaml.safe_load(uncommented(cli("init", "--stdout", cwd=tmp_path).out))["remediate"]
    assert suggested.keys() == SECTION.keys()
    assert suggested["hooks"].keys() == SECTION["hooks"]["schema"].keys()


def test_charts_and_overlays_are_spoken_of(tmp_path: Path) -> None:
    names = ["charts/web/Chart.yaml", "base/kustomization.yaml", *(f"c{n}/Chart.yaml" for n in range(4))]
    shown = cli("init", "--stdout", cwd=filled(tmp_path, *names)).out
    assert "# Helm charts (c0, c1, c2, ...) are left out" in shown
    assert "# Kustomize overlays (base) are judged when" in shown


def test_it_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "policyengine.yaml").write_text("mine\n")
    told = "error: policyengine.yaml: there is one already (--force writes it anew, --stdout shows it)\n"
    assert cli("init", cwd=tmp_path) == Ended(2, "", told)
    assert (tmp_path / "policyengine.yaml").read_text() == "mine\n"
    assert cli("init", "--force", cwd=tmp_path).code == 0
    assert "version: 1" in (tmp_path / "policyengine.yaml").read_text()


def test_a_pyproject_with_our_table_is_settings_already(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.policyengine]\nversion = 1\n")
    told = (
        "error: pyproject.toml: there are settings already, in [tool.policyengine] "
        "(--stdout shows what init would say)\n"
    )
    assert cli("init", cwd=tmp_path) == Ended(2, "", told)
    assert not (tmp_path / "policyengine.yaml").exists()


def test_what_it_cannot_read_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "broken.yaml").write_text("a: [\n")
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    assert "No Compose file, manifest or Dockerfile was found here yet." in cli("init", cwd=tmp_path).out
