from __future__ import annotations

import pytest

from policyengine.documents.shell_commands import MAX_NESTING, Run, Runs


def runs(text: str) -> Runs:
    found = Runs()
    found.script(text, lambda start, end: (start, end))
    return found


def shown(run: Run) -> str:
    """A command in one line: what runs it, its variables, its name and arguments."""
    variables = [f"{name}={'?' if value is None else value}" for name, value in run.variables]
    return " ".join([*(f"{name}:" for name in run.through), *variables, run.name or "?", *run.args])


INNER = [
    ("sudo apt-get install a", "sudo: apt-get install a"),
    ("sudo -E -u root -- /usr/bin/a b", "sudo: a b"),
    ("sudo -uroot A=1 a", "sudo: A=1 a"),
    ("sudo --user root --preserve-env=A a", "sudo: a"),
    ("sudo -Eu root a", "sudo: a"),
    ("doas -u root a", "doas: a"),
    ("env -i A=1 B=$C a", "env: A=1 B=? a"),
    ("env -u A a", "env: a"),
    ("exec a b", "exec: a b"),
    ("command a", "command: a"),
    ("command -p a", "command: a"),
    ("nice -n 5 a", "nice: a"),
    ("time -p a", "time: a"),
    ("timeout -s KILL 5 a", "timeout: a"),
    ("timeout --signal=KILL 5m a", "timeout: a"),
    ("xargs -n1 -I {} a {}", "xargs: a {}"),
    ("xargs -r0 a", "xargs: a"),
    ("gosu postgres a", "gosu: a"),
    ("su-exec a:b c", "su-exec: c"),
    ("chroot /x a", "chroot: a"),
    ("busybox wget a", "busybox: wget a"),
    ("runuser -u a -- b", "runuser: b"),
    ("sh -c 'a b'", "sh: a b"),
    ('/bin/bash -exc "a b"', "bash: a b"),
    ("bash -o pipefail -c 'a'", "bash: a"),
    ("bash -c -e 'a b'", "bash: a b"),
    ("su - a -c 'b c'", "su: b c"),
    ("runuser a -c 'b c'", "runuser: b c"),
    ("eval 'a b'", "eval: a b"),
    ("bash <<E\na b\nE\n", "bash: a b"),
    ("sh -e - <<E\na b\nE\n", "sh: a b"),
    ("bash -s x <<< 'a b'", "bash: a b"),
    ("find . -exec a {} \\; -print", "find: a {}"),
]


@pytest.mark.parametrize(("text", "expected"), INNER, ids=[text for text, _ in INNER])
def test_commands_that_commands_run(text: str, expected: str) -> None:
    found = runs(text)
    assert [shown(run) for run in found.found[1:]] == [expected]
    assert found.errors == []


NONE = [
    *("sudo", "sudo -l", "env", "env A=1", "exec", "command -v a", "command -V a", "xargs", "timeout 5", "gosu a"),
    *("sh", "sh a.sh -c", "bash -s", "bash a.sh <<E\nb\nE\n", "cat <<E\nb\nE\n", "find . -name a -delete", "echo -c a"),
    *("eval a b", "su a", "ionice -p 1"),
]


@pytest.mark.parametrize("text", NONE)
def test_commands_that_run_no_other(text: str) -> None:
    assert len(runs(text).found) == 1


def test_commands_run_commands_that_run_commands() -> None:
    found = runs("A=1 sudo env B=2 sh -c 'xargs rm | sudo tee $C'").found
    assert [shown(run) for run in found] == [
        "A=1 sudo env B=2 sh -c xargs rm | sudo tee $C",
        "sudo: A=1 env B=2 sh -c xargs rm | sudo tee $C",
        "sudo: env: A=1 B=2 sh -c xargs rm | sudo tee $C",
        "sudo: env: sh: xargs rm",
        "sudo: env: sh: xargs: rm",
        "sudo: env: sh: sudo tee $C",
        "sudo: env: sh: sudo: tee $C",
    ]
    assert [(run.piped, run.reads_from) for run in found[-2:]] == [(False, ("xargs",))] * 2


@pytest.mark.parametrize(
    ("text", "name"),
    [("/usr/bin/a", "a"), ("./a", "a"), ("$A", None), ("$A/b", "b"), ("$(a)", None), ("'a b'", "a b"), ("a$B", None)],
)
def test_names(text: str, name: str | None) -> None:
    assert runs(text).found[0].name == name


def test_a_substitution_in_a_script_that_is_a_word_is_found_once() -> None:
    assert [shown(run) for run in runs('sh -c "a $(b)"').found] == ["sh -c a $(b)", "sh: a $(b)", "sh: b"]


def test_places() -> None:
    text = 'a && sudo sh -c \'b c | d\' && sh -c "e \\"f\\""'
    shown_at = [(run.text, text[slice(*run.place)]) for run in runs(text).found]
    assert shown_at == [
        ("a", "a"),
        ("sudo sh -c 'b c | d'", "sudo sh -c 'b c | d'"),
        ("sh -c 'b c | d'", "sh -c 'b c | d'"),
        ("b c", "b c"),
        ("d", "d"),
        ('sh -c "e \\"f\\""', 'sh -c "e \\"f\\""'),
        ('e "f"', '"e \\"f\\""'),
    ]


def test_what_nests_too_deep_is_not_understood() -> None:
    found = runs("sudo " * (MAX_NESTING + 5) + "a")
    assert len(found.errors) == 1
    assert len(found.found) == MAX_NESTING + 1
