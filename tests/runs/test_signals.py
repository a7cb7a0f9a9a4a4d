import os
import select
import signal
import threading

import pytest

from pangeo_forge.runs.signals import stop_requests


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_becomes_a_request_that_wakes_a_selector(number):
    with stop_requests() as stop:
        os.kill(os.getpid(), number)
        readable, _, _ = select.select([stop], [], [], 5)
        assert readable == [stop]
        assert stop.heed() == (number,)
        assert stop.heeded == 1
        assert select.select([stop], [], [], 0)[0] == []


def test_every_request_counts():
    with stop_requests() as stop:
        for _ in range(3):
            os.kill(os.getpid(), signal.SIGINT)
            stop.heed()
        assert stop.heeded == 3


def test_handlers_are_as_before_afterwards():
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    with stop_requests():
        assert signal.getsignal(signal.SIGINT) != before[0]
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == before


def test_request_that_came_too_late_to_be_heeded_is_delivered_again():
    with pytest.raises(KeyboardInterrupt), stop_requests():
        os.kill(os.getpid(), signal.SIGINT)


def test_request_does_not_take_the_place_of_an_error():
    with pytest.raises(ZeroDivisionError), stop_requests():
        os.kill(os.getpid(), signal.SIGINT)
        1 / 0  # noqa: B018


def test_signal_that_is_ignored_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stop_requests() as stop:
            os.kill(os.getpid(), signal.SIGHUP)
            assert stop.heed() == ()
    finally:
        signal.signal(signal.SIGHUP, before)


def test_outside_the_main_thread_no_handler_is_taken():
    seen = []

    def body():
        with stop_requests() as stop:
            seen.append((signal.getsignal(signal.SIGINT), stop.heed()))

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    assert seen == [(signal.default_int_handler, ())]
