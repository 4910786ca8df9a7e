"""What users install is the wheel: it carries the policies, and works from any directory."""

from __future__ import annotations

import json
import subprocess
import zipfile
from pathlib import Path

from tests.installation import ROOT, copied, environment, fresh, installed, run
from tests.once import ONCE

pytestmark = ONCE

POLICIES = sorted(path.relative_to(ROOT / "policies").as_posix() for path in (ROOT / "policies").rglob("*.yaml"))


def test_the_installed_command_lists_the_policies_it_carries(tmp_path: Path) -> None:
    ended = run(["policyengine", "policies"], tmp_path, installed())
    assert (ended.returncode, ended.stderr) == (0, "")
    listed = [line.split()[0] for line in ended.stdout.splitlines()[2:]]
    assert listed == sorted(Path(name).stem for name in POLICIES if Path(name).name != "pack.yaml")


def test_the_installed_command_finds_the_violations_of_the_demo(tmp_path: Path) -> None:
    ended = run(["policyengine", "check", str(ROOT / "fixtures" / "demo"), "--format", "json"], tmp_path, installed())
    assert (ended.returncode, ended.stderr) == (1, "")
    report = json.loads(ended.stdout)
    assert report["run"]["packs"] == [{"name": "default", "version": report["run"]["tool"].split()[1]}]
    assert {finding["resource"]["origin"] for finding in report["findings"]} == {"compose", "kubernetes", "dockerfile"}


def test_the_policies_are_the_wheels_own(tmp_path: Path) -> None:
    ended = run(["policyengine", "explain", "privileged"], tmp_path, installed())
    assert f"Defined in {installed()}" in ended.stdout
    assert "/policyengine/_policies/runtime/privileged.yaml" in ended.stdout


def test_the_wheel_holds_package_policies_and_licence_and_nothing_else() -> None:
    (wheel,) = (installed().parent / "wheels").glob("policyengine-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {name for name in names if name.startswith("policyengine/_policies/")} == {
        f"policyengine/_policies/{name}" for name in (*POLICIES, "README.md", "SHA256SUMS")
    }
    assert "policyengine/py.typed" in names
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    assert {name.split("/")[0].split("-")[0] for name in names} == {"policyengine"}


def test_the_wheel_holds_what_the_html_report_is_made_of() -> None:
    (wheel,) = (installed().parent / "wheels").glob("policyengine-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if name.startswith("policyengine/outputs/html/page/")}
    page = ROOT / "policyengine" / "outputs" / "html" / "page"
    assert names == {path.relative_to(ROOT).as_posix() for path in page.iterdir()}
    assert len(names) > 5


def test_the_installed_command_writes_the_html_report(tmp_path: Path) -> None:
    demo = str(ROOT / "fixtures" / "demo")
    ended = run(["policyengine", "check", demo, "--format", "html=report.html"], tmp_path, installed())
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", "")
    assert (tmp_path / "report.html").read_text("ascii").startswith("<!doctype html>\n")


def test_python_users_find_the_types_and_the_api(tmp_path: Path) -> None:
    script = f"from policyengine.api import evaluate; print(evaluate({str(ROOT / 'fixtures' / 'demo')!r}).exit_code)"
    ended = run(["python", "-c", script], tmp_path, installed())
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "1\n", "")


def test_an_editable_install_uses_the_checkout(tmp_path: Path) -> None:
    venv = fresh(tmp_path / "venv")
    checkout = copied(tmp_path / "checkout")
    done = run(["pip", "install", "-e", str(checkout)], tmp_path, venv)
    assert done.returncode == 0, done.stderr
    ended = run(["policyengine", "explain", "privileged"], tmp_path, venv)
    assert f"Defined in {(checkout / 'policies/runtime/privileged.yaml').relative_to(tmp_path)}" in ended.stdout


def test_the_source_distribution_makes_the_same_wheel(tmp_path: Path) -> None:
    checkout = copied(tmp_path / "checkout")
    command = ["python", "-c", f"from hatchling.build import build_sdist; build_sdist({str(tmp_path)!r})"]
    subprocess.run(command, cwd=checkout, env=environment(installed()), check=True, capture_output=True)
    (sdist,) = tmp_path.glob("policyengine-*.tar.gz")
    done = run(["pip", "wheel", str(sdist), "--wheel-dir", str(tmp_path / "wheels")], tmp_path, installed())
    assert done.returncode == 0, done.stderr
    (ours,) = (tmp_path / "wheels").glob("policyengine-*.whl")
    (theirs,) = (installed().parent / "wheels").glob("policyengine-*.whl")
    with zipfile.ZipFile(ours) as one, zipfile.ZipFile(theirs) as other:
        assert sorted(one.namelist()) == sorted(other.namelist())
