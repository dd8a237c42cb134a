"""An answer leaves a push channel once, in order; whatever happens on the way, a row says how far it came."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from sqlalchemy import Engine, select, text

from bot.channel import Channel, Limits, Receipt
from bot.db import reading
from bot.delivery import answers, reap
from bot.delivery.tables import STATES, DeliveryRow
from bot.delivery.terms import terms_of
from bot.errors import InDoubt, Rejected, SendError, TryLater, Unreachable
from bot.messages import LONGEST_UTTERANCE, Address, Answer, Card, Inbound
from bot.wiring import App
from tests.conftest import NOW, REPO

ANNA = Address(channel="slack", external_id="T1/U1", workspace="T1")
QUESTION = "They asked for exclusivity, what do I say?"
TWO_CARDS = (QUESTION + " ") * (LONGEST_UTTERANCE // len(QUESTION) + 2)
"""Too long, so that a note about that comes before the answer."""


@dataclass
class Vendor:
    """A push channel that remembers what arrived, and fails as told: one entry of `fails` per send, None is fine."""

    name: str = "slack"
    limits: Limits = field(default_factory=lambda: Limits(longest_text=3_000, text_unit="characters", most_buttons=5))
    fails: list[Exception | None] = field(default_factory=list)
    arrived: list[tuple[Address, Card, str]] = field(default_factory=list)
    meanwhile: Callable[[], object] | None = None
    """What happens elsewhere while the vendor takes its time over the first send."""

    def send(self, address: Address, card: Card, key: str) -> Receipt:
        """Deliver, or fail."""
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            meanwhile()
        error = self.fails.pop(0) if self.fails else None
        if error:
            raise error
        self.arrived.append((address, card, key))
        return Receipt(vendor_id=f"vendor's id {len(self.arrived)}")

    def find(self, key: str) -> Receipt | None:
        """Never asked here."""
        return None


def said(words: str = QUESTION, *, message_id: str = "m1", choice: str = "", address: Address = ANNA) -> Inbound:
    """Something said on a push channel."""
    return Inbound(address=address, message_id=message_id, text=words, choice=choice, received_at=NOW)


def deliveries(engine: Engine) -> list[DeliveryRow]:
    """All rows, in the order of their cards."""
    with reading(engine) as session:
        return list(session.scalars(select(DeliveryRow).order_by(DeliveryRow.reply_to, DeliveryRow.part)))


def states(engine: Engine) -> list[str]:
    """The states of all rows."""
    return [row.state for row in deliveries(engine)]


def test_the_fake_is_a_channel() -> None:
    channel: Channel = Vendor()
    assert channel.name == "slack"


def test_an_answer_is_sent_and_its_row_tells_the_vendors_word(build_app: Callable[..., App], engine: Engine) -> None:
    vendor = Vendor()
    answer = build_app(channels={"slack": vendor}).receive(said())
    assert [(address, card) for address, card, _ in vendor.arrived] == [(ANNA, answer.cards[0])]
    (row,) = deliveries(engine)
    assert row.id == vendor.arrived[0][2]  # the key that the vendor got
    assert (row.state, row.vendor_id, row.reason, row.kind, row.reply_to, row.tries) == (
        "sent",
        "vendor's id 1",
        None,
        "answer",
        "m1",
        1,
    )
    assert (row.channel, row.due_at, row.moved_at) == ("slack", NOW, NOW)


def test_a_channel_that_is_not_pushed_has_no_deliveries(build_app: Callable[..., App], engine: Engine) -> None:
    vendor = Vendor()
    app = build_app(channels={"slack": vendor})
    app.receive(said(address=Address(channel="web", external_id="x")))
    assert vendor.arrived == []
    assert deliveries(engine) == []


def test_a_repeat_is_answered_and_sends_nothing_twice(build_app: Callable[..., App], engine: Engine) -> None:
    vendor = Vendor()
    app = build_app(channels={"slack": vendor})
    assert app.receive(said()) == app.receive(said())
    assert answers.send_answer(engine, vendor, ANNA, "m1", lambda: NOW) == []
    assert len(vendor.arrived) == 1
    assert states(engine) == ["sent"]


def test_a_repeat_that_comes_while_the_vendor_takes_its_time_sends_nothing_twice(
    build_app: Callable[..., App], engine: Engine
) -> None:
    vendor = Vendor()
    app = build_app(channels={"slack": vendor})
    vendor.meanwhile = lambda: app.receive(said())  # as Slack does after three seconds
    app.receive(said())
    assert len(vendor.arrived) == 1
    assert states(engine) == ["sent"]


def test_cards_of_one_answer_are_sent_in_their_order(build_app: Callable[..., App], engine: Engine) -> None:
    vendor = Vendor()
    app = build_app(channels={"slack": vendor})
    for number in range(5):  # row ids are random: once could be luck
        answer = app.receive(said(TWO_CARDS, message_id=f"m{number}"))
        assert answer.cards[0].id == "cut"
        assert [card for _, card, _ in vendor.arrived[-2:]] == answer.cards
    assert [row.part for row in deliveries(engine)] == [0, 1] * 5
    assert len({key for _, _, key in vendor.arrived}) == 10


def test_a_card_does_not_overtake_one_that_must_wait(build_app: Callable[..., App], engine: Engine) -> None:
    vendor = Vendor(fails=[TryLater(30)])
    build_app(channels={"slack": vendor}).receive(said(TWO_CARDS))
    assert vendor.arrived == []
    assert states(engine) == ["waiting", "waiting"]


@pytest.mark.parametrize(
    ("error", "state", "reason"),
    [
        (TryLater(90, "secret marker"), "waiting", "the channel asked to wait"),
        (Unreachable("secret marker"), "failed", "Unreachable"),
        (Rejected("secret marker"), "failed", "Rejected"),
        (InDoubt("secret marker"), "in_doubt", "the vendor's answer was lost"),
    ],
)
def test_each_error_of_a_channel_has_its_end_and_the_answer_is_kept(
    build_app: Callable[..., App], engine: Engine, error: SendError, state: str, reason: str
) -> None:
    vendor = Vendor(fails=[error])
    app = build_app(channels={"slack": vendor}, now=lambda: NOW + dt.timedelta(seconds=2))
    answer = app.receive(said())
    assert answer.intent == "exclusivity-request"
    (row,) = deliveries(engine)
    assert (row.state, row.reason, row.vendor_id) == (state, reason, None)
    assert row.state in STATES
    assert row.moved_at == NOW + dt.timedelta(seconds=2)
    assert row.due_at == NOW + dt.timedelta(seconds=92 if state == "waiting" else 2), (
        "due when it was put, however old the message"
    )
    assert app.receive(said()) == answer  # and a repeat tries nothing again by itself
    assert vendor.arrived == []
    assert states(engine) == [state]


def test_a_card_that_fails_does_not_hold_up_the_next(build_app: Callable[..., App], engine: Engine) -> None:
    vendor = Vendor(fails=[Rejected("no")])
    answer = build_app(channels={"slack": vendor}).receive(said(TWO_CARDS))
    assert [card for _, card, _ in vendor.arrived] == answer.cards[1:]
    assert states(engine) == ["failed", "sent"]


def test_no_word_of_an_answer_is_readable_in_the_deliveries(build_app: Callable[..., App], engine: Engine) -> None:
    vendor = Vendor()
    app = build_app(channels={"slack": vendor})
    answer = app.receive(said())
    with engine.connect() as connection:
        stored = repr(connection.execute(text("SELECT * FROM deliveries")).all())
    assert answer.cards[0].title not in stored
    assert deliveries(engine)[0].card["title"] == answer.cards[0].title


def test_an_error_that_no_channel_may_raise_is_a_doubt_and_not_the_persons_trouble(
    build_app: Callable[..., App], engine: Engine
) -> None:
    vendor = Vendor(fails=[ZeroDivisionError("secret marker")])
    assert build_app(channels={"slack": vendor}).receive(said()).intent == "exclusivity-request"
    (row,) = deliveries(engine)
    assert (row.state, row.reason) == ("in_doubt", "ZeroDivisionError")


def test_the_answer_and_its_intent_to_send_are_committed_together_before_anything_is_sent(
    build_app: Callable[..., App], engine: Engine
) -> None:
    vendor = Vendor()
    app = build_app(channels={"slack": vendor})
    seen: list[list[str]] = []
    vendor.meanwhile = lambda: seen.append(states(engine))  # a connection of its own sees only what is committed
    app.receive(said())
    assert seen == [["sending"]]


def test_of_several_cards_each_is_sent_after_its_own_intent(build_app: Callable[..., App], engine: Engine) -> None:
    vendor = Vendor()
    app = build_app(channels={"slack": vendor})
    seen: list[list[str]] = []

    def look() -> None:
        seen.append(states(engine))
        vendor.meanwhile = look if len(seen) < 2 else None

    vendor.meanwhile = look
    app.receive(said(TWO_CARDS))
    assert seen == [["sending", "waiting"], ["sent", "sending"]]
    assert states(engine) == ["sent", "sent"]


def test_the_same_message_in_several_threads_at_once_is_sent_once(build_app: Callable[..., App], engine: Engine) -> None:
    vendor = Vendor()
    app = build_app(channels={"slack": vendor})
    for number in range(3):
        together = threading.Barrier(4)

        def run(name: str = f"m{number}", together: threading.Barrier = together) -> None:
            together.wait()
            app.receive(said(message_id=name))

        threads = [threading.Thread(target=run) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(vendor.arrived) == 3
    assert states(engine) == ["sent"] * 3


def test_without_a_sender_the_rows_keep_the_intent_and_can_be_sent_later(build_app: Callable[..., App], engine: Engine) -> None:
    vendor = Vendor()
    app = build_app(channels={"slack": vendor})
    answer = app.coach.receive(said(TWO_CARDS))  # answered and committed; then the process ends
    assert states(engine) == ["sending", "waiting"]  # the second has its intent when the first has ended
    assert vendor.arrived == []
    later = NOW + dt.timedelta(minutes=1)
    assert answers.send_answer(engine, vendor, ANNA, "m1", lambda: later) == ["sent", "sent"]
    assert [card for _, card, _ in vendor.arrived] == answer.cards
    assert {row.moved_at for row in deliveries(engine)} == {later}


def test_an_answer_that_waited_for_its_thread_is_not_taken_over_while_it_is_sent(
    build_app: Callable[..., App], engine: Engine
) -> None:
    vendor = Vendor(name="slack", limits=Limits(3_000, "characters", 5, can_look_up=True))
    app = build_app(channels={"slack": vendor})
    app.coach.receive(said())
    taken: list[reap.Reaped] = []

    def elsewhere() -> None:
        terms = terms_of({"slack": vendor})
        taken.append(reap.reap(engine, terms, NOW + dt.timedelta(seconds=40), lambda *_: None))

    vendor.meanwhile = elsewhere  # the send begins after 30 s, and lasts for ten
    assert answers.send_answer(engine, vendor, ANNA, "m1", lambda: NOW + dt.timedelta(seconds=30)) == ["sent"]
    assert [found.doubtful for found in taken] == [0]
    assert states(engine) == ["sent"]


CRASH = """
import datetime as dt, os, signal, sys
from tests.bot.test_outbox import Vendor, said
from tests.conftest import KEYS, NOW, REPO
from bot import logs
from bot.db import open_engine
from bot.intents.match import open_matcher
from bot.settings import read_settings
from bot.wiring import build
from knowledge.load import load

class Crash(Vendor):
    def send(self, address, card, key):
        if sys.argv[2] == "after":
            print(key, flush=True)  # it has left the house
        os.kill(os.getpid(), signal.SIGKILL)

logs.configure(production=True)
kb = load()
settings = read_settings({"CAUCUS_SECRET_KEYS": KEYS[0], "CAUCUS_DATA_DIR": sys.argv[3]})
app = build(settings, engine=open_engine(sys.argv[1], KEYS), kb=kb, matcher=open_matcher(kb, REPO / "var" / "test-cache"),
            channels={"slack": Crash()}, now=lambda: NOW)
app.receive(said())
"""


@pytest.mark.slow
@pytest.mark.usefixtures("matcher")
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_process_killed_between_commit_and_confirmation_leaves_the_intent(
    engine: Engine, tmp_path: object, when: str, build_app: Callable[..., App]
) -> None:
    url = engine.url.render_as_string(hide_password=False)
    done = subprocess.run(
        [sys.executable, "-c", CRASH, url, when, str(tmp_path)],
        cwd=REPO,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    (row,) = deliveries(engine)
    assert (row.state, row.vendor_id, row.reply_to) == ("sending", None, "m1")
    assert done.stdout.strip() == (row.id if when == "after" else "")  # the key by which a vendor can be asked
    repeated: Answer = build_app().receive(said())  # by an app that does not push: the answer is not lost
    assert repeated.cards[0].model_dump(mode="json", exclude_defaults=True) == row.card
    assert states(engine) == ["sending"]


def test_the_confirmation_of_an_erasure_reaches_the_person(build_app: Callable[..., App], engine: Engine) -> None:
    vendor = Vendor()
    app = build_app(channels={"slack": vendor})
    app.receive(said("delete my data"))
    app.receive(said("", message_id="m2", choice="erase:yes"))
    assert [card.id for _, card, _ in vendor.arrived] == ["erase", "erase.done"]
    assert deliveries(engine) == []


def test_two_people_with_the_same_message_id_each_get_their_own(build_app: Callable[..., App], engine: Engine) -> None:
    vendor = Vendor()
    app = build_app(channels={"slack": vendor})
    bernd = Address(channel="slack", external_id="T1/U2", workspace="T1")
    app.receive(said())
    app.receive(said("hello", address=bernd))
    assert [(address, card.id) for address, card, _ in vendor.arrived] == [(ANNA, "exclusivity-request"), (bernd, "greeting")]
    assert states(engine) == ["sent", "sent"]
