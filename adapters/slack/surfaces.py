"""What happens where in Slack? Messages, mentions, commands, shortcuts, buttons, forms, the Home tab.

Nobody is answered with nothing: what is too old to be opened or chosen is said to be so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from slack_sdk import WebClient

from adapters.slack import read, render, views
from adapters.slack.channel import SlackChannel
from adapters.slack.faults import as_send_error
from adapters.slack.people import People
from adapters.slack.places import Place
from adapters.slack.ports import SlackPorts
from adapters.slack.read import Told
from adapters.slack.text import plain
from adapters.slack.tokens import Tokens
from adapters.slack.words import EXAMPLES, say
from bot.errors import TryLater
from bot.messages import Answer, Inbound, Lang

log = structlog.get_logger()
COACH_MESSAGE, ASK_COACH, FOLLOW_MESSAGE = "coach_message", "ask_coach", "followup_message"
SHORTCUTS = {COACH_MESSAGE, ASK_COACH, FOLLOW_MESSAGE}
"""Callback ids of the shortcuts in deploy/slack/manifest.yaml."""
MOST_RECENT = 5


class Surfaces:
    """One method for each thing people do in Slack."""

    def __init__(self, ports: SlackPorts, tokens: Tokens, channel: SlackChannel, people: People) -> None:
        self._ports, self._tokens, self._channel, self._people = ports, tokens, channel, people

    def said(self, told: Told) -> None:
        """A message to us, or a mention: answered where it was said, in its thread."""
        event = told.payload["event"]
        details = self._details(told)
        text = plain(str(event.get("text") or ""), me=str(details.get("bot_user_id") or ""))
        thread = str(event.get("thread_ts") or "")
        if event.get("channel_type") == "im" or str(event["channel"]).startswith("D"):
            agent = "assistant:write" in details.get("scopes", [])
            place = Place(event["channel"], thread or (event["ts"] if agent else ""))  # an agent's messages each root a thread
            if agent:
                self._show_status(told, place)
        else:
            place = Place(event["channel"], thread or event["ts"])
        self._receive(told, place, text=text, message_id=f"{event['channel']}:{event['ts']}")

    def commanded(self, told: Told) -> None:
        """`/coach question`, answered to them alone; without a question: what we can do."""
        given = told.payload
        place = Place(given["channel_id"], private=True)
        self._channel.answer_at(told.address, str(place), given.get("response_url", ""))
        text = plain(given.get("text", ""))
        if text:
            self._receive(told, place, text=text)
        else:
            self._receive(told, place, choice="command:help")

    def shortcut(self, told: Told) -> None:
        """From a message's menu: coached on it, alone, or reminded of it. From anywhere: a form to ask in."""
        name = told.payload.get("callback_id")
        if told.kind == "message_action" and name == COACH_MESSAGE:
            message = told.payload.get("message") or {}
            place = Place(told.payload["channel"]["id"], private=True)
            self._channel.answer_at(told.address, str(place), told.payload.get("response_url", ""))
            self._receive(told, place, text=plain(str(message.get("text") or "")), quoted=True, lang=self._lang(told))
        elif told.kind == "message_action" and name == FOLLOW_MESSAGE:
            message = told.payload.get("message") or {}
            about = plain(str(message.get("text") or ""))
            self._open(told, Place(), lambda: views.followup_modal(self._lang(told), "", about))
        elif name == ASK_COACH:
            self._open(told, Place(), lambda: views.ask_modal(self._lang(told)))
        else:
            self._receive(told, Place(), choice="command:help")

    def pressed(self, told: Told) -> None:
        """A button: a choice for the coach, or a view of ours."""
        value, place = read.value_of(told.payload), read.place_of_press(told.payload)
        kind, _, rest = value.partition(":")
        url = str(told.payload.get("response_url") or "")
        if place.private:
            self._channel.answer_at(told.address, str(place), url)
        if kind == "more":
            self._open(told, place, lambda: self._rest_of(told, rest))
        elif kind == "form":
            self._open(told, place, lambda: self._form(told, rest, place))
        elif kind == "share":
            self._receive(told, Place(place.room), choice=value, talk=place.talk)
        elif kind == "followup":
            self._open(told, place, lambda: views.followup_modal(self._lang(told), ""))
        elif kind == "ask":
            self._receive(told, Place(), text=rest)
        else:
            self._receive(told, place, choice=value)
            self._mark(told, url)
        if kind in ("lang", "tip") and not place.room:
            self.show_home(told)

    def submitted(self, told: Told) -> None:
        """A form was sent; errors in it were told before."""
        view = told.payload["view"]
        kept = views.kept_in(view)
        if view.get("callback_id") == views.ASK:
            self._receive(told, Place(), text=views.typed_in(view))
        elif view.get("callback_id") == views.FOLLOWUP:
            lang: Lang = "zh" if kept.get("lang") == "zh" else "en"
            said = say("followup.said", lang, **{name: views.typed_in(view, name) for name in ("who", "what", "when")})
            self._receive(told, Place(), text=said, choice="command:followup-create", lang=lang)
        elif view.get("callback_id") == views.FORM:
            place = Place.read(kept.get("place", ""))
            choice = self._ports.form_choice(kept.get("flow", ""), views.chosen_in(view))
            self._receive(told, place, choice=choice, lang="zh" if kept.get("lang") == "zh" else "en")
        else:  # a form of an older version of ours, sent after it changed
            self._receive(told, Place(), choice="stale:form", lang=self._lang(told))

    def home_opened(self, told: Told) -> None:
        """The Home tab is filled, an agent's empty conversation gets its suggestions, a newcomer a welcome, once."""
        event = told.payload["event"]
        if event.get("tab") == "messages":
            if "assistant:write" in self._details(told).get("scopes", []):
                self._suggest(told, str(event.get("channel") or ""))
        else:
            self.show_home(told)
        self._receive(told, Place(), choice="command:greeting", message_id="welcome", lang=self._lang(told))

    def show_home(self, told: Told) -> None:
        """Fill the Home tab of one person."""
        lang = self._lang(told)
        cards = [(card, self._ports.card(card, lang)) for card in self._ports.recent(told.address)]
        recent = [(card_id, card.title) for card_id, card in cards if card][:MOST_RECENT]
        waiting = self._ports.followups(told.address, lang)
        view = views.home(lang, self._people.chosen_language(told.address), recent, waiting, self._ports.tips(told.address, lang))
        self._ask(lambda client: client.views_publish(user_id=told.user, view=view), told)

    def removed(self, told: Told) -> None:
        """Uninstalled, or our token revoked: forget the tokens, stop sending. People's own tokens are no matter to us."""
        event = told.payload["event"]
        if told.kind == "app_uninstalled" or (event.get("tokens") or {}).get("bot"):
            self._ports.installations.remove(told.tenant, float(told.payload.get("event_time") or 0))
            self._tokens.forget(told.tenant)

    def _receive(
        self,
        told: Told,
        place: Place,
        *,
        text: str = "",
        choice: str = "",
        message_id: str = "",
        talk: str | None = None,
        quoted: bool = False,
        lang: Lang | None = None,
    ) -> Answer:
        inbound = Inbound(
            address=told.address,
            message_id=(message_id or told.key)[:200],
            text=text,
            choice=choice[:200],
            room=place.talk if talk is None else talk,
            place=str(place),
            quoted=quoted,
            outsider=read.outsider(told.payload, self._details(told).get("enterprise_id")),
            lang=lang,
            received_at=self._ports.now(),
        )
        return self._ports.receive(inbound)

    def _open(self, told: Told, place: Place, view: Callable[[], dict[str, Any] | None]) -> None:
        """Show a modal; where that is too late (a trigger lives three seconds) or it cannot be made, say so."""
        made = view()
        if made is None or not self._ask(
            lambda client: client.views_open(trigger_id=told.payload.get("trigger_id", ""), view=made), told
        ):
            self._receive(told, place, choice="stale:view", lang=self._lang(told))

    def _rest_of(self, told: Told, key: str) -> dict[str, Any]:
        found = self._ports.outward.delivered(key)
        if found is None or found[1].workspace != told.tenant:
            lang = self._lang(told)
            gone = render.blocks.paragraphs([say("gone", lang)])
            return render.blocks.modal(say("gone.title", lang), gone, close=say("close", lang))
        return render.more(found[0])

    def _form(self, told: Told, flow: str, place: Place) -> dict[str, Any] | None:
        lang = self._lang(told)
        form = self._ports.form(flow, lang)
        return views.form_modal(form, lang, str(place)) if form else None

    def _mark(self, told: Told, url: str) -> None:
        """Take the pressed row of an answered question (or a vote) away and say what was chosen: it is not pressed again."""
        action, message = told.payload["actions"][0], told.payload.get("message") or {}
        if action.get("block_id") not in ("answers", "votes") or not message.get("blocks") or not url:
            return
        note = str((action.get("text") or {}).get("text") or "")
        left = render.answered(message["blocks"], action["block_id"], note)
        self._channel.replace(url, {"text": str(message.get("text") or note), "blocks": left})

    def _show_status(self, told: Told, place: Place) -> None:
        status = say("status", self._people.known_language(told.address))
        self._ask(
            lambda client: client.assistant_threads_setStatus(channel_id=place.room, thread_ts=place.thread, status=status), told
        )

    def _suggest(self, told: Told, room: str) -> None:
        lang = self._lang(told)
        prompts = [{"title": title, "message": said} for title, said in EXAMPLES[lang]]
        self._ask(
            lambda client: client.assistant_threads_setSuggestedPrompts(  # no thread: an agent's are for the conversation
                channel_id=room, title=say("prompts", lang), prompts=prompts
            ),
            told,
        )

    def _ask(self, call: Callable[[WebClient], object], told: Told) -> bool:
        """One call that is good to have; whether it was done. What Slack refuses is logged by its name."""
        try:
            call(self._tokens.client(told.tenant))
        except Exception as error:  # noqa: BLE001 - sorted by as_send_error, which raises what it does not know
            found = as_send_error(error)
            log.info("not shown", kind=told.kind, reason=str(found), later=isinstance(found, TryLater))
            return False
        return True

    def _details(self, told: Told) -> dict[str, Any]:
        found = self._tokens.installed(told.tenant)
        return dict(found.details) if found else {}

    def _lang(self, told: Told) -> Lang:
        return self._people.language(told.address)
