"""What is called before and after each target: a command or a URL, told of the target and of what is planned.

A command gets ``POLICYENGINE_HOOK_WHEN`` (``before`` or ``after``), ``POLICYENGINE_HOOK_TARGET`` (the kind and the
name), ``POLICYENGINE_HOOK_URL``, ``POLICYENGINE_HOOK_RUN`` and, after, ``POLICYENGINE_HOOK_OUTCOME``, and the same with
the plan of the target as JSON on standard input; a URL is sent that JSON. Nothing in it is secret: it is what the plan
holds.
Exit code 75 (``EX_TEMPFAIL`` of sysexits.h) of a command, status 503 of a URL: the target is skipped. Any other but 0,
or not 2xx, stops the run before the target is touched.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec import Struct

from policyengine.errors import RemedyError
from policyengine.model.masking import concealed
from policyengine.model.plain import plain

if TYPE_CHECKING:
    from policyengine.model.care import Hooks
    from policyengine.remediation.plan import Target

SKIP = 75
_SKIP_STATUS = 503
_SHOWN = 200

When = Literal["before", "after"]


class Call(Struct, frozen=True):
    """What hooks are told: ``run`` is the plan's id, ``outcome`` what came of the target, None before."""

    when: When
    run: str
    target: Target
    outcome: str | None = None
    detail: str = ""

    def as_json(self) -> str:
        """The same as JSON."""
        told = {"hook": self.when, "run": self.run, "outcome": self.outcome, "detail": self.detail}
        return json.dumps(plain({"version": 1, **told, "target": msgspec.to_builtins(self.target)}), ensure_ascii=False)

    def variables(self) -> dict[str, str]:
        """The same as variables of the environment, as far as they can hold it."""
        return {
            "POLICYENGINE_HOOK_WHEN": self.when,
            "POLICYENGINE_HOOK_TARGET": f"{self.target.kind} {self.target.name}",
            "POLICYENGINE_HOOK_URL": self.target.url,
            "POLICYENGINE_HOOK_RUN": self.run,
            **({"POLICYENGINE_HOOK_OUTCOME": self.outcome} if self.outcome else {}),
        }


class Skip(Exception):  # noqa: N818 - it is no error
    """A hook wants the target skipped."""


def call(hooks: Hooks, told: Call) -> None:
    """Call the hooks of a time, in order. Raises :class:`Skip`, and :class:`RemedyError` for one that fails."""
    for hook in getattr(hooks, told.when):
        if hook.startswith(("http://", "https://")):
            _post(hook, told, hooks.seconds)
        else:
            _run(hook, told, hooks)


def _run(hook: str, told: Call, hooks: Hooks) -> None:
    name = concealed(hook)
    try:
        ended = subprocess.run(  # noqa: S603 - the settings name the command
            shlex.split(hook),
            input=told.as_json(),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=hooks.seconds,
            cwd=hooks.directory,
            env={**os.environ, **told.variables()},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise RemedyError(f"the hook {name} takes more than {hooks.seconds:g} s") from None
    except (OSError, ValueError) as error:
        raise RemedyError(f"the hook {name} cannot be run: {error}") from None
    if ended.returncode == SKIP:
        raise Skip(f"the hook {name} skips it")
    if ended.returncode:
        said = concealed(ended.stderr.strip().rpartition("\n")[2])[:_SHOWN]
        raise RemedyError(f"the hook {name} ended with {ended.returncode}{f': {said}' if said else ''}")


def _post(hook: str, told: Call, seconds: float) -> None:
    import ssl
    from http.client import HTTPException

    from policyengine.connections.web import Limits, Question, RedirectError, TooLongError, Web

    name = concealed(hook)
    web = Web(lambda _: ssl.create_default_context(), Limits(connect=seconds, read=seconds, tries=1))
    try:
        answer = web.ask(Question(hook, "POST", {"content-type": "application/json"}, told.as_json().encode()))
    except (OSError, HTTPException, RedirectError, TooLongError, ValueError) as error:
        raise RemedyError(f"the hook {name} does not answer: {concealed(str(error)) or type(error).__name__}") from None
    finally:
        web.close()
    if answer.status == _SKIP_STATUS:
        raise Skip(f"the hook {name} skips it")
    if not 200 <= answer.status < 300:
        raise RemedyError(f"the hook {name} answers with status {answer.status}")
