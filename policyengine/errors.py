"""The errors a user can meet. Anything else that is raised is a bug in policyengine.

::

    PolicyengineError          says what is wrong, where, and what to try
    |-- UsageError             the command line or the API was asked for something impossible
    |-- DocumentError          an input's text is malformed, or too large or too deep to be read
    |-- SourceError            a source cannot be read: no such file, no permission, no engine
    |-- PolicyError            a policy file is wrong
    |   `-- ExpressionError    a CEL expression in it is wrong
    |-- EditError              a text cannot be edited so that it says just what is meant
    |-- RemedyError            what is asked cannot be done to a running thing
    |-- BudgetError            a decision about a firewall takes more steps than it may
    |-- ValueTypeError         a value does not have the type the model gives its field
    `-- EvaluationError        a policy could not be evaluated on one resource
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class PolicyengineError(Exception):
    """An error that its reader can mend.

    ``path``, ``line`` and ``column`` (1-based) say where, as far as that is known; ``hint`` says what to try.
    ``str()`` gives the whole as ``path:line:column: message (hint)``.
    """

    def __init__(
        self,
        message: str,
        *,
        path: str | None = None,
        line: int | None = None,
        column: int | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line
        self.column = column
        self.hint = hint

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.path, self.line, self.column) if part is not None)
        text = f"{self.message} ({self.hint})" if self.hint else self.message
        return f"{place}: {text}" if place else text


class UsageError(PolicyengineError):
    """The command line or the API was asked for something impossible."""


class DocumentError(PolicyengineError):
    """An input's text is malformed, or too large or too deep to be read."""


class SourceError(PolicyengineError):
    """A source cannot be read: no such file, no permission, no engine."""


class PolicyError(PolicyengineError):
    """A policy file is wrong."""


class ExpressionError(PolicyError):
    """A CEL expression is wrong; ``line`` and ``column`` count within the expression's own text."""


class EditError(PolicyengineError):
    """A text cannot be edited so that it says just what is meant, and everything else as before."""


class RemedyError(PolicyengineError):
    """What is asked cannot be done to a running thing; nothing has been changed, or it has been put back."""


class BudgetError(PolicyengineError):
    """A decision about a firewall takes more steps than it may: what it asks about is undecided."""


class ValueTypeError(PolicyengineError):
    """A value does not have the type the model gives its field."""


class EvaluationError(PolicyengineError):
    """A policy could not be evaluated on one resource."""


NEAR = 0.6
"""How alike two words are, of 1, when one is probably meant for the other: what difflib recommends."""


def nearest(word: str, known: Iterable[str], least: float = NEAR) -> str | None:
    """The known word nearest to ``word`` in any case, None when none is near."""
    from difflib import get_close_matches

    spelt = {name.lower(): name for name in known}
    near = get_close_matches(word.lower(), spelt, n=1, cutoff=least)
    return spelt[near[0]] if near else None


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """Return ``did you mean "..."?`` for the known word nearest to ``word`` in any case, None when none is near."""
    near = nearest(word, known)
    return f'did you mean "{near}"?' if near else None
