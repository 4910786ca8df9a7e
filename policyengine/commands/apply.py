"""``policyengine apply`` and ``remediate --apply``: a plan is carried out, and what came of it is judged again."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from policyengine.commands import applying
from policyengine.commands.asking import asking
from policyengine.commands.by_name import by_name
from policyengine.commands.gating import check_gate
from policyengine.commands.projects import running
from policyengine.commands.recover import recover, rollback
from policyengine.commands.remediate import fresh_id, judged, one_engine, reference, remediate
from policyengine.connections.docker_acting import acting
from policyengine.connections.docker_images import Images
from policyengine.connections.registry_credentials import Credentials
from policyengine.errors import UsageError
from policyengine.remediation.ledger import attempts, journal_in, was_applied
from policyengine.remediation.locking import alone, state_directory
from policyengine.remediation.targets import Around

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from policyengine.commands.remediate import Planned
    from policyengine.model.report import Report
    from policyengine.remediation.acts import Act
    from policyengine.remediation.plan import Plan
    from policyengine.settings import Settings


class Applied(NamedTuple):
    """What came of each target, and the report of the engine as it is now."""

    acts: Sequence[Act]
    report: Report

    @property
    def exit_code(self) -> int:
        """The second report's; 2 where a target could not be replaced."""
        failed = any(act.result == "failed" for act in self.acts)
        return max(self.report.exit_code, 2 if failed else 0)


@contextmanager
def remediated(
    sources: Sequence[str], settings: Settings, tell: Callable[[str], None], *, act: bool
) -> Iterator[tuple[Planned, Around]]:
    """A plan for what runs, and the circumstances to carry it out in: for one's own where one is to ``act``.

    A Compose file stands for the containers that were made from it, an id for the container's name.
    What an earlier run left half done is mended before. Raises :class:`UsageError` where another run acts on the
    engine, and for a gate that nothing could pass.
    """
    check_gate(settings)
    sources = by_name(running(sources))
    named = around(sources, settings, fresh_id(), tell)
    with named as circumstances, _held(circumstances, act=act):
        yield remediate(sources, settings, circumstances), circumstances


@contextmanager
def ready(plan: Plan, settings: Settings, tell: Callable[[str], None], *, act: bool) -> Iterator[Around]:
    """The circumstances to carry out a plan in: for one's own where one is to ``act``.

    Raises :class:`UsageError` where it is not to be carried out, and for a gate that nothing could pass.
    """
    check_gate(settings)
    with around(plan.sources, settings, plan.id, tell) as circumstances, _held(circumstances, act=act):
        refuse(plan, circumstances)
        yield circumstances


@contextmanager
def around(sources: Sequence[str], settings: Settings, run: str, tell: Callable[[str], None]) -> Iterator[Around]:
    """The circumstances of a run on the engine that sources are on."""
    end, names = one_engine(sources)
    care = settings.remediate
    with acting(end) as way, asking(settings, way.engine) as asked:
        journal = journal_in(state_directory(care.state_dir), reference(way.engine).id)
        yield Around(way, journal, care, run, tell, asked, Images(way, Credentials()), names)


@contextmanager
def _held(circumstances: Around, *, act: bool) -> Iterator[None]:
    """The engine for one's own, as earlier runs should have left it; as it is where nobody is to act."""
    if not act:
        yield
        return
    with _alone(circumstances):
        recover(circumstances)
        yield


def _alone(circumstances: Around) -> AbstractContextManager[None]:
    """The engine for one's own."""
    return alone(state_directory(circumstances.care.state_dir), reference(circumstances.acting.engine).id)


def recovering(engine: str, settings: Settings) -> list[str]:
    """Bring to an end what runs on an engine left half done; a line for each."""
    with around([engine], settings, fresh_id(), _silent) as circumstances, _alone(circumstances):
        return recover(circumstances)


def rolling_back(name: str, engine: str, settings: Settings, tell: Callable[[str], None]) -> str:
    """Put what was replaced last back in its place; what came of it.

    Raises :class:`UsageError` where nothing of that name was replaced, and for a gate that nothing could pass.
    """
    check_gate(settings)
    source = f"docker://{one_engine([engine]).endpoint.name}/container/{name}"
    with around([source], settings, fresh_id(), tell) as circumstances, _held(circumstances, act=True):
        return rollback(name, circumstances)


def _silent(_: str) -> None:
    """What is told as it is done is told in the end."""


def refuse(plan: Plan, circumstances: Around) -> None:
    """Raise :class:`UsageError` where a plan is not to be carried out: another engine, a second time, a moved state."""
    hint = "plan anew: policyengine remediate"
    if reference(circumstances.acting.engine).id != plan.engine.id:
        raise UsageError(f"the plan is about another engine than {plan.engine.name} is now", hint=hint)
    if was_applied(circumstances.journal, plan.id):
        raise UsageError("the plan was applied already", hint=hint)
    moved = applying.moved(plan, circumstances)
    if moved:
        raise UsageError(f"the live state has moved since the plan was made: {', '.join(moved)}", hint=hint)


def apply(plan: Plan, settings: Settings, circumstances: Around, *, retry: bool = False) -> Applied:
    """Carry out a plan in circumstances that are :func:`ready` for it, read again, and judge again.

    With ``retry`` what failed before is tried at once.
    """
    earlier = [] if retry else list(attempts(circumstances.journal))
    acts = applying.acts(plan, circumstances, earlier)
    return Applied(acts, judged(plan.sources, settings, circumstances))
