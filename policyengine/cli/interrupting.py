"""What ends a command that acts, but not in the middle of what it has begun."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

ENDING = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def as_interrupts() -> Iterator[None]:
    """Have SIGTERM and SIGHUP do what Ctrl-C does: what has begun comes to its end, and nothing else is begun.

    Who has them ignored (``nohup``) is not bothered.
    """
    heeded = [number for number in ENDING if signal.getsignal(number) is signal.SIG_DFL]
    for number in heeded:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number in heeded:
            signal.signal(number, signal.SIG_DFL)
