"""``policyengine test``: the examples of policies, and directories of inputs with the findings expected of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from policyengine.commands.examples import ExampleResult, run_example, untested_inputs
from policyengine.commands.policies import loaded
from policyengine.commands.reach import unreached
from policyengine.commands.testcase import EXPECTED, CaseResult, run_case
from policyengine.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policyengine.errors import PolicyengineError
    from policyengine.policy.policy import Policy


@dataclass(frozen=True, slots=True)
class TestReport:
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
    """Run the examples of the policies below ``paths`` (of the built-in ones when there are none), and test cases.

    A directory with ``expected.yaml`` is a test case, judged by all policies; everything else is policies.
    Raises :class:`~policyengine.errors.UsageError` or :class:`~policyengine.errors.SourceError` for bad paths.
    """
    cases = [case for path in paths for case in _cases(Path(path))]
    places = [path for path in paths if not any(case.is_relative_to(path) for case in cases)]
    every, errors = loaded(Settings(policies=(*settings.policies, *places), built_in=settings.built_in))
    judged, _ = loaded(Settings(policies=tuple(places), built_in=not paths)) if places or not paths else ([], [])
    examples = [result for policy in judged for result in _examples(policy)]
    return TestReport(
        examples=tuple(examples),
        cases=tuple(run_case(case, every) for case in cases),
        untested=tuple((policy.id, origin) for policy in judged for origin in untested_inputs(policy)),
        unreached=tuple((policy.id, rule) for policy in judged for rule in unreached(policy)) if coverage else (),
        errors=tuple(errors),
        coverage=coverage,
    )


def _cases(path: Path) -> list[Path]:
    if not path.is_dir():
        return []
    return sorted(found.parent for found in path.rglob(EXPECTED))


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
    yield from (f"FAILED {id_}: no passing and failing example for {origin}" for id_, origin in report.untested)
    yield from (f"error {error}" for error in report.errors)
    if report.coverage:
        yield from (f"not reached by a failing example: {id_}: {rule}" for id_, rule in report.unreached)
    wrong = sum(bool(result.wrong) for result in report.results)
    cases = f", {len(report.cases)} test cases" if report.cases else ""
    yield f"{len(report.examples)} examples{cases}: {len(report.results) - wrong} passed, {wrong} failed"
    if report.coverage and not report.unreached:
        yield "every constraint is reached by a failing example"
