"""What the coach does, rather than advises: help, language, feedback, erasing. One function a command."""

from __future__ import annotations

from collections.abc import Callable

from bot.conversations import clock, followup_talk, links, mail_address, tip_talk, unanswered
from bot.conversations.answer import notice, votes
from bot.conversations.turn import Turn
from bot.conversations.words import say
from bot.conversations.yes_no import yes_or_no
from bot.intents.normalise import normalise
from bot.messages import LONGEST_UTTERANCE, Choice, Lang
from bot.people import directory, keys


def run(turn: Turn, command: str) -> None:
    """Carry out a command."""
    turn.intent = command
    if turn.inbound.outsider and command not in PUBLIC:
        turn.show(notice("outsider", turn.lang))
    else:
        ACTIONS[command](turn)


def greet(turn: Turn) -> None:
    """Say what to do next."""
    turn.show(notice("greeting", turn.lang, choices=_themes(turn)))


def give_help(turn: Turn) -> None:
    """Say what the coach can do, and what it knows of."""
    turn.show(notice("help", turn.lang, title=say("help.title", turn.lang), choices=_themes(turn)))


def thank(turn: Turn) -> None:
    """Answer thanks; the card before the person stays."""
    turn.show(notice("thanks", turn.lang))


def take_feedback(turn: Turn) -> None:
    """Keep the person's words for the curators, and offer a vote on the card before them."""
    unanswered.keep(turn.session, turn.address, turn.inbound.text, turn.lang, "feedback", [turn.state.card or ""], turn.now)
    turn.show(notice("feedback", turn.lang, choices=votes(turn.state.card, turn.lang) if turn.state.card else []))


def choose_language(turn: Turn) -> None:
    """Take the language named in the message, or ask which."""
    said = normalise(turn.inbound.text[:LONGEST_UTTERANCE])
    named: set[Lang] = set()
    if any(word in said for word in ("chinese", "mandarin", "中文", "汉语", "华语", "普通话", "zhongwen", "putonghua")):
        named.add("zh")
    if any(word in said for word in ("english", "英文", "英语", "yingwen", "yingyu")):
        named.add("en")
    if len(named) == 1:
        set_language(turn, named.pop())
    else:
        turn.show(
            notice(
                "language.which", turn.lang, choices=[Choice(id="lang:en", title="English"), Choice(id="lang:zh", title="中文")]
            )
        )


def set_language(turn: Turn, lang: Lang) -> None:
    """Remember the language and say so in it."""
    directory.set_language(turn.person, lang)
    turn.lang = lang
    turn.show(notice(f"language.{lang}", lang))


def ask_a_person(turn: Turn) -> None:
    """Pass the last question to the curators, and say so; without one, ask for it."""
    if not turn.state.said:
        turn.show(notice("ask-a-person.what", turn.lang))
        return
    unanswered.keep(turn.session, turn.address, turn.state.said, turn.lang, "ask_a_person", turn.state.likely, turn.now)
    turn.show(notice("ask-a-person", turn.lang))


_ERASE_YES = frozenset([
    "yes erase it", "yes delete it", "erase", "erase it", "delete", "delete it", "确认删除", "确定删除", "删", "删吧", "删除",
    "删掉", "删了吧", "都删", "全删",
])  # fmt: skip
_ERASE_NO = frozenset(["不删", "别删", "先不删"])


def ask_to_erase(turn: Turn) -> None:
    """Ask before erasing."""
    turn.state.pending = "erase"
    yes, no = (Choice(id=f"erase:{word}", title=say(f"erase.{word}", turn.lang)) for word in ("yes", "no"))
    asked = "erase"
    if keys.of_person(turn.session, turn.person):
        asked = "erase.tool" if keys.is_tool(turn.session, turn.person) else "erase.keys"
    turn.show(notice(asked, turn.lang, choices=[yes, no]))


def erasure_said(text: str) -> str | None:
    """The choice that a typed yes or no means while we ask whether to erase; None for anything else."""
    said = yes_or_no(text, _ERASE_YES, _ERASE_NO)
    return said and f"erase:{said}"


def erase(turn: Turn, *, confirmed: bool) -> None:
    """Erase the person, or keep everything."""
    turn.intent = "delete-my-data"
    done = "erase.kept"
    if confirmed:
        tool = keys.is_tool(turn.session, turn.person)
        (keys.forget_talk if tool else directory.erase)(turn.session, turn.person)
        turn.erased = True
        done = "erase.tool.done" if tool else "erase.done"
    turn.state.pending = None
    turn.show(notice(done, turn.lang))


def stop(turn: Turn) -> None:
    """Forget what we were talking about; right after a tip that came unasked, it is the tips that are to stop."""
    if tip_talk.tip_is_before_them(turn):
        return tip_talk.say_unsubscribe(turn)
    turn.state.card = None
    turn.state.pending = turn.state.draft = None
    return turn.show(notice("stop", turn.lang))


def _themes(turn: Turn) -> list[Choice]:
    return [Choice(id=f"theme:{theme.id}", title=getattr(theme.title, turn.lang)) for theme in turn.kb.themes.values()]


PUBLIC = frozenset({"greeting", "help", "thanks", "language", "delete-my-data", "stop"})
"""What somebody of another organisation may have done, in a room that is shared with them."""
ACTIONS: dict[str, Callable[[Turn], None]] = {
    "greeting": greet,
    "help": give_help,
    "thanks": thank,
    "feedback": take_feedback,
    "language": choose_language,
    "link": links.link,
    "ask-a-person": ask_a_person,
    "delete-my-data": ask_to_erase,
    "stop": stop,
    "followup-create": followup_talk.say_create,
    "followup-list": followup_talk.show_list,
    "followup-done": followup_talk.say_done,
    "followup-snooze": followup_talk.say_later,
    "followup-cancel": followup_talk.say_cancel,
    "tip-now": tip_talk.give,
    "tip-subscribe": tip_talk.say_subscribe,
    "tip-unsubscribe": tip_talk.say_unsubscribe,
    "zone": clock.choose_zone,
    "quiet-hours": clock.choose_quiet,
    "mail-address": mail_address.tell,
}
