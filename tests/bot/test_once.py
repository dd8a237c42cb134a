"""What is made once is made once, whoever asks meanwhile."""

from __future__ import annotations

import threading

import pytest

from bot.once import Once


def test_many_threads_get_the_same_one_thing() -> None:
    made, begun, go_on = list[object](), threading.Event(), threading.Event()

    def make() -> object:
        made.append(object())
        begun.set()
        assert go_on.wait(20)
        return made[-1]

    it, got = Once(make), list[object]()
    threads = [threading.Thread(target=lambda: got.append(it())) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert begun.wait(20)
    go_on.set()
    for thread in threads:
        thread.join(20)
    assert len(made) == 1
    assert got == made * 8


def test_what_failed_is_tried_again() -> None:
    tries = iter([RuntimeError("no memory"), None])

    def make() -> str:
        if error := next(tries):
            raise error
        return "made"

    it = Once(make)
    with pytest.raises(RuntimeError, match="no memory"):
        it()
    assert it() == it() == "made"
