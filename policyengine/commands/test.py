"""``policyengine test``: the examples of policies, and directories of inputs with the findings expected of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.commands.examples import ExampleResult, missing_examples, run_example
from policyengine.commands.policies import loaded
from policyengine.commands.reach import unreached
from policyengine.commands.testcase import CaseResult, run_case
from policyengine.errors import SourceError
from policyengine.outputs.summary import plural
from policyengine.policy.library import policy_files, test_cases

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from policyengine.errors import PolicyengineError
    from policyengine.policy.policy import Policy
    from policyengine.settings import Settings


class TestReport(Struct, frozen=True):
    """What the tests of policies found."""

    __test__ = False

    examples: tuple[ExampleResult, ...]
    cases: tuple[CaseResult, ...]
    untested: tuple[tuple[str, str], ...]
    unreached: tuple[tuple[str, str], ...]
    errors: tuple[PolicyengineError, ...]
    coverage: bool = False

    @property
    def results(self) -> tuple[ExampleResult | CaseResult, ...]:
        """Every example and every test case."""
        return (*self.examples, *self.cases)

    @property
    def exit_code(self) -> int:
        """0 when all is as expected; 1 when not; 2 when policies or test files are wrong."""
        if self.errors:
            return 2
        wrong = any(result.wrong for result in self.results) or self.untested
        return 1 if wrong or (self.coverage and self.unreached) else 0


def test(paths: Sequence[str], settings: Settings, *, coverage: bool = False) -> TestReport:
    """Run the examples of the policies at ``paths`` (of all policies when there are none), and test cases.

    A directory with ``expected.yaml`` is a test case, judged by all policies; everything else is policies.
    Raises :class:`~policyengine.errors.UsageError` or :class:`~policyengine.errors.SourceError` for bad paths.
    """
    cases = [case for path in paths for case in test_cases(Path(path))]
    places = [path for path in paths if _holds_policies(Path(path))]
    every, errors = loaded(replace(settings, policies=(*settings.policies, *places)))
    judged = [policy for policy in every if not paths or _is_below(policy, places)]
    examples = [result for policy in judged for result in _examples(policy)]
    return TestReport(
        examples=tuple(examples),
        cases=tuple(run_case(case, every) for case in dict.fromkeys(cases)),
        untested=tuple((policy.id, missing) for policy in judged for missing in missing_examples(policy)),
        unreached=tuple((policy.id, rule) for policy in judged for rule in unreached(policy)) if coverage else (),
        errors=tuple(errors),
        coverage=coverage,
    )


def _holds_policies(path: Path) -> bool:
    """Whether there are policies beside test cases at a path; a path without either is an error when it is loaded."""
    if not test_cases(path):
        return True
    try:
        return bool(policy_files(path))
    except SourceError:
        return False


def _is_below(policy: Policy, places: Iterable[str]) -> bool:
    path = Path(policy.path).resolve()
    return any(path.is_relative_to(Path(place).resolve()) for place in places)


def _examples(policy: Policy) -> Iterator[ExampleResult]:
    for outcome, examples in (policy.examples or {}).items():
        for number, example in enumerate(examples, start=1):
            yield run_example(policy, outcome, number, example)


def render(report: TestReport, *, verbose: bool = False) -> str:
    """The report as text."""
    return "\n".join(_lines(report, verbose)) + "\n"


def _lines(report: TestReport, verbose: bool) -> Iterator[str]:
    for result in report.results:
        if result.wrong or verbose:
            yield f"{'FAILED' if result.wrong else 'ok'} {result.name}"
            yield from (f"  {line}" for line in result.wrong)
    yield from (f"FAILED {id_}: {missing}" for id_, missing in report.untested)
    yield from (f"error: {error}" for error in report.errors)
    if report.coverage:
        yield from (f"not reached by a failing example: {id_}: {rule}" for id_, rule in report.unreached)
    if report.coverage and report.examples and not report.unreached:
        yield "every constraint is reached by a failing example"
    yield _summary(report)


def _summary(report: TestReport) -> str:
    ran = [plural(len(report.examples), "example")] if report.examples or not report.cases else []
    if report.cases:
        ran.append(plural(len(report.cases), "test case"))
    wrong = sum(bool(result.wrong) for result in report.results)
    missing = f", {len(report.untested)} missing" if report.untested else ""
    errors = f", {plural(len(report.errors), 'error')}" if report.errors else ""
    return f"{' and '.join(ran)}: {len(report.results) - wrong} passed, {wrong} failed{missing}{errors}"
