"""Fixes on real files: ``python -m tests.soak.fixes [--unsafe] [KIND ...]``, KIND compose, dockerfile or k8s.

Each policy with a fix is tried on each real file that violates it. The file then still says what it said but for what
the fix is about, is byte-identical everywhere else, has every comment that it had, and does not violate the policy any
more where it was fixed. Fixing it again changes nothing. Ends with 1 where one of these does not hold.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from policyengine.commands.choice import Choice, choice
from policyengine.commands.fix_edits import edits
from policyengine.commands.fix_images import ImageFixes
from policyengine.commands.fixing import Fixing, fixes
from policyengine.documents.dockerfile import DockerfileDocument
from policyengine.documents.document import LINE_BREAK
from policyengine.documents.editing.instructions import InstructionEdit
from policyengine.documents.editing.meaning import Append, Remove
from policyengine.documents.load import decoded, parsed
from policyengine.documents.yaml import YamlDocument
from policyengine.engine import Engine
from policyengine.errors import DocumentError
from policyengine.model.report import Report, Run
from policyengine.relations import Index
from policyengine.settings import Settings
from policyengine.sources import Item, Reader

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policyengine.documents.document import DocPath
    from policyengine.documents.editing.meaning import Edit
    from policyengine.policy.policy import Policy

ROOT = Path(__file__).resolve().parents[2]
REAL = ROOT.parent / "shared" / "corpora" / "realworld"
KINDS = ("compose", "dockerfile", "k8s")

NO_IMAGES = ImageFixes(Settings())
"""No registry is asked."""

_RUN = Run("run", "policyengine", "2026-01-02T03:04:05Z", 0.0, "")


@cache
def policies(*, unsafe: bool) -> tuple[Policy, ...]:
    """The policies with a fix that is written in files: those that are safe, or else the others."""
    mending = (one for one in choice(Settings()).known if one.remediate is not None and one.remediate.changes_fields)
    return tuple(one for one in mending if (one.remediate and one.remediate.safety == "unsafe") is unsafe)


def files(kinds: Sequence[str] = KINDS) -> Iterator[Path]:
    """The real files, in a stable order."""
    for kind in kinds:
        yield from (path for path in sorted((REAL / kind).rglob("*")) if path.is_file())


@dataclass
class Outcome:
    """What fixes came to: how many findings of each policy were fixed and left, and what was ``wrong``."""

    fixed: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


class File:
    """One file, judged as often as need be."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.data = Path(path).read_bytes()

    def report(self, policy: Policy, held: Mapping[str, bytes]) -> Report:
        """What a policy finds in the file, where it holds something else."""
        reader = Reader(instead=dict(held))
        reading = reader.read(Item(self.path))
        index, resources = Index(), list(reading.resources)
        for resource in resources:
            index.add(resource)
        judged = Engine([(policy, None)], {}, excerpts=False).judge(index.relate(one) for one in resources)
        return Report(_RUN, 1, len(resources), (), judged.findings, tuple(reading.problems))

    def violating(self, among: Sequence[Policy]) -> list[Policy]:
        """The policies that the file violates."""
        reader = Reader()
        reading = reader.read(Item(self.path))
        index, resources = Index(), list(reading.resources)
        for resource in resources:
            index.add(resource)
        engine = Engine([(policy, None) for policy in among], {}, excerpts=False)
        found = {one.policy for one in engine.judge(map(index.relate, resources)).findings if one.status == "fail"}
        return [policy for policy in among if policy.id in found]

    def fixing(self, policy: Policy, data: bytes) -> Fixing:
        """What mends all that a policy finds in the file."""
        held = {} if data == self.data else {os.path.realpath(self.path): data}
        assert not held, "the file itself is fixed"
        chosen = Choice([(policy, None)])
        report = self.report(policy, {})
        return fixes(report, [self.path], Settings(), chosen, lambda now: self.report(policy, now), unsafe=True)

    def edits(self, policy: Policy) -> list[Edit | InstructionEdit]:
        """The edits that the first round makes, if all can be made."""
        findings = [one for one in self.report(policy, {}).findings if one.status == "fail" and one.location.line]
        _, groups, _ = edits(findings, [self.path], Settings(), {policy.id: policy}, {}, {}, NO_IMAGES)
        return [edit for _, made in groups for _, edit in made]


def tried(path: Path, among: Sequence[Policy], outcome: Outcome) -> None:
    """Try the fixes of policies on one file."""
    file = File(str(path))
    for policy in file.violating(among):
        found = file.fixing(policy, file.data)
        outcome.fixed[policy.id] += len(found.fixed)
        outcome.left[policy.id] += len(found.left)
        outcome.reasons.update(f"{policy.id}: {one.reason}" for one in found.left)
        outcome.wrong += (f"{path}: {policy.id}: {what}" for what in wrong(file, policy, found))


def wrong(file: File, policy: Policy, found: Fixing) -> Iterator[str]:
    """What is wrong with fixes of one file by one policy."""
    after = found.after.get(file.path, file.data)
    if bool(found.fixed) != (after != file.data):
        yield "what is fixed is not what is changed"
    if not found.fixed:
        return
    yield from _still_violated(file, policy, found, after)
    before_text, after_text = decoded(file.path, file.data), decoded(file.path, after)
    made = file.edits(policy)
    if isinstance(parsed(file.path, after_text), DockerfileDocument):
        yield from _wrong_instructions(file.path, before_text, after_text, made)
    else:
        yield from _wrong_values(file.path, before_text, after_text, [e for e in made if not _of_dockerfile(e)])
    yield from _lost_comments(file.path, before_text, after_text)


def _of_dockerfile(edit: object) -> bool:
    return isinstance(edit, InstructionEdit)


def _still_violated(file: File, policy: Policy, found: Fixing, after: bytes) -> Iterator[str]:
    report = file.report(policy, {os.path.realpath(file.path): after})
    if len([one for one in report.findings if one.status != "pass"]) > _open(file, policy) - len(found.fixed):
        yield "it is violated as it was"
    fails = [one for one in report.findings if one.status == "fail" and one.location.line]
    if len(fails) > len(found.left):
        yield f"{len(fails) - len(found.left)} findings are neither fixed nor left"
    _, groups, _ = edits(
        fails, [file.path], Settings(), {policy.id: policy}, {}, {file.path: after}, ImageFixes(Settings())
    )
    refused = {one.finding.message for one in found.left}
    if any(finding.message not in refused for finding, _ in groups):
        yield "fixed again, it would be changed again"


def _open(file: File, policy: Policy) -> int:
    return len([one for one in file.report(policy, {}).findings if one.status != "pass"])


def _wrong_values(path: str, before: str, after: str, made: Sequence[Any]) -> Iterator[str]:
    """What PyYAML, which is not what edits are proved by, finds changed that no edit is about; and lines."""
    old, new = (list(yaml.load_all(text, _Loader)) for text in (before, after))
    changed = list(_different(old, new, ()))
    about = [edit.path for edit in made]
    for place in changed:
        if not any(place[: len(at)] == at[: len(place)] or at[: len(place)] == place for at in about):
            yield f"changed elsewhere: {'.'.join(map(str, place))}"
    removed, added = _lines(before, after)
    document = YamlDocument(path, before)
    if removed > sum(_span(document, edit) for edit in made):
        yield f"{removed} lines are gone"
    if added > removed + sum(len(edit.path) for edit in made if not isinstance(edit, Remove)):
        yield f"{added} lines are new"


def _span(document: YamlDocument, edit: Edit) -> int:
    """How many lines an edit may take away or rewrite: those of what it is about, and for the last item its list's."""
    paths = [edit.path, edit.path[:-1]] if isinstance(edit, Remove) else [edit.path]
    if isinstance(edit, Append):
        return 1
    spans = [span for path in paths if _written(document, path) for span in document.scalar_spans(path)]
    if not spans:
        return 1
    key = isinstance(edit.path[-1], int)  # of a list that is emptied the key goes, and may leave {} above it
    return max(span.end_line for span in spans) - min(span.line for span in spans) + 2 + key


def _written(document: YamlDocument, path: DocPath) -> bool:
    value: Any = list(document.values)
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return False
    return True


class _Loader(yaml.CSafeLoader):
    """Everything as it is written: another tag is no error."""


_Loader.add_multi_constructor("", lambda loader, tag, node: f"{tag} {yaml.serialize(node)}")
for _tag in ("int", "float", "bool", "null", "timestamp", "value"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", lambda loader, node: loader.construct_scalar(node))  # type: ignore[arg-type]


def _different(one: object, other: object, at: DocPath) -> Iterator[DocPath]:
    """The places where two values differ; of lists of different lengths the list's."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in {**one, **other}:
            yield from (
                _different(one.get(key), other.get(key), (*at, key)) if key in one and key in other else [(*at, key)]
            )
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, (mine, theirs) in enumerate(zip(one, other, strict=True)):
            yield from _different(mine, theirs, (*at, index))
    elif one != other:
        yield at


def _wrong_instructions(path: str, before: str, after: str, made: Sequence[Edit | InstructionEdit]) -> Iterator[str]:
    """What is changed in a Dockerfile in lines of instructions that no edit is about."""
    old = DockerfileDocument(path, before)
    about = {edit.number for edit in made if isinstance(edit, InstructionEdit)}
    lines = set()
    for number in about & set(range(len(old.instructions))):
        span = old.span((number,))
        lines |= set(range(span.line - 1, span.end_line))
    matcher = SequenceMatcher(None, LINE_BREAK.split(before), LINE_BREAK.split(after), autojunk=False)
    for name, start, end, *_ in matcher.get_opcodes():
        if name in ("replace", "delete") and not lines.issuperset(range(start, end)):
            yield f"line {start + 1} is changed, in which no edit is"


def _lines(before: str, after: str) -> tuple[int, int]:
    matcher = SequenceMatcher(None, LINE_BREAK.split(before), LINE_BREAK.split(after), autojunk=False)
    codes = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    return sum(code[2] - code[1] for code in codes), sum(code[4] - code[3] for code in codes)


def _lost_comments(path: str, before: str, after: str) -> Iterator[str]:
    """Comments that are gone, but for those of lines that are gone."""
    try:
        old, new = (parsed(path, text) for text in (before, after))
    except DocumentError as error:
        yield f"malformed: {error}"
        return
    kept = Counter(comment.text for comment in new.comments())
    kept_lines = Counter(new.lines)
    for comment in old.comments():
        if kept[comment.text]:
            kept[comment.text] -= 1
        elif comment.alone or kept_lines[old.lines[comment.line - 1]]:
            yield f"a comment is lost: {comment.text.strip()[:40]}"


def run(kinds: Sequence[str], *, unsafe: bool) -> Outcome:
    """Try the fixes of all policies on all files."""
    outcome = Outcome()
    for number, path in enumerate(files(kinds)):
        tried(path, policies(unsafe=unsafe), outcome)
        if number % 50 == 0:
            sys.stderr.write(f"{number} files, {outcome.fixed.total()} findings fixed, {len(outcome.wrong)} wrong\n")
    return outcome


def main(arguments: Sequence[str]) -> int:
    """The command line."""
    unsafe = "--unsafe" in arguments
    kinds = [one for one in arguments if one in KINDS] or KINDS
    outcome = run(kinds, unsafe=unsafe)
    for id_ in sorted(outcome.fixed | outcome.left):
        sys.stdout.write(f"{id_}: {outcome.fixed[id_]} fixed, {outcome.left[id_]} left\n")
    for reason, count in outcome.reasons.most_common():
        sys.stdout.write(f"{count} x {reason}\n")
    for what in outcome.wrong:
        sys.stdout.write(f"WRONG {what}\n")
    sys.stdout.write(f"{outcome.fixed.total()} fixed, {outcome.left.total()} left, {len(outcome.wrong)} wrong\n")
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
