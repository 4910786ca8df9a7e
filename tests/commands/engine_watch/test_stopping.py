"""Ending at a signal: at once, or when what is held has come to its end."""

from __future__ import annotations

import os
import signal
import time

import pytest

from policyengine.commands.engine_watch.stopping import SIGNALS, Stop, Stopping


def send(number: int = signal.SIGTERM) -> None:
    os.kill(os.getpid(), number)
    time.sleep(0.01)  # for the handler to run


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_what_goes_on(number: int) -> None:
    stopping = Stopping()
    with pytest.raises(Stop), stopping.heeded():
        send(number)
        pytest.fail("it went on")


def test_what_is_held_comes_to_its_end() -> None:
    stopping, done = Stopping(), []
    with pytest.raises(Stop), stopping.heeded():
        with stopping.held():
            with stopping.held():
                send()
                done.append("inner")
            done.append("outer")
        done.append("after")
    assert done == ["inner", "outer"]


def test_what_is_done_at_the_end_may_be_held_too() -> None:
    stopping, done = Stopping(), []
    with stopping.heeded():
        try:
            send()
        except Stop:
            with stopping.held():
                done.append("told")
    assert done == ["told"]


def test_the_second_signal_does_not_wait() -> None:
    stopping = Stopping()
    with pytest.raises(Stop), stopping.heeded(), stopping.held():
        send()
        send()
        pytest.fail("it went on")


def test_signals_mean_afterwards_what_they_did() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with Stopping().heeded():
        assert [signal.getsignal(number) for number in SIGNALS] != before
    assert [signal.getsignal(number) for number in SIGNALS] == before
