"""How are the web chat, sign-in and the console wired? Each port in one transaction, by the names of the pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import structlog
from fastapi import APIRouter
from sqlalchemy import Engine

from adapters.email import send as outgoing
from adapters.site import assets
from adapters.site import signin as signin_pages
from adapters.site.guard import Door, Visitor
from adapters.site.signin import SignedIn, SignInPorts
from adapters.site.words import WORDS
from bot.db import reading, writing
from bot.errors import CaucusError
from bot.followups.rules import zone_of
from bot.followups.times_zones import zone_names
from bot.followups.worktime import find_zone
from bot.messages import Address, Lang
from bot.people import directory, signin
from bot.people.tables import PersonRow
from bot.settings import Settings
from bot.wiring_ground import Clock, site

log = structlog.get_logger()


@dataclass(frozen=True)
class SignIn:
    """Links and sessions over the database."""

    settings: Settings
    engine: Engine
    now: Clock
    _mails: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "sign-in mail"), repr=False)

    def door(self) -> Door:
        """Who is let in."""
        return Door(self.settings, self.visitor)

    def routers(self) -> list[APIRouter]:
        """The pages that all share: files, sign-in, account."""
        return [assets.router(self.door()), signin_pages.router(self.door(), self.ports())]

    def ports(self) -> SignInPorts:
        """What the pages of sign-in need."""
        sends = bool(self.settings.mail_send_url.get_secret_value())
        return SignInPorts(self.fate, self.use, self.sessions, self.end, self.mail if sends else None)

    def visitor(self, key: str) -> Visitor | None:
        """Who is signed in with this key. Notes once an hour that the browser is in use."""
        with reading(self.engine) as session:
            found = signin.signed(session, key, self.now())
            if found is None:
                return None
            row, person = found
            stale = signin.stale(row, self.now())
            page = next((a for a in signin.addresses(session, person.id) if a.channel == "web"), None)
            told = None if page is None else _visitor(person, row.id, page.external_id)
        if told and not stale:
            return told
        with writing(self.engine) as session:
            signin.note_seen(session, row.id, self.now())
            person = session.get_one(PersonRow, row.person_id)
            return _visitor(person, row.id, signin.page_of(session, person, self.now()).external_id)

    def fate(self, token: str) -> tuple[str, str]:
        """What a link would do now, and the name of whom it lets in."""
        with reading(self.engine) as session:
            fate, person = signin.fate(session, token, self.now())
            return fate, (person.name or "") if person else ""

    def use(self, token: str, device: str, browser: Address | None) -> tuple[str, str]:
        """Use a link up: (key, "") or ("", why not). Commits."""
        with writing(self.engine) as session:
            found = signin.use(session, token, self.now(), device=device, browser=browser)
            return ("", found) if isinstance(found, str) else (found[0], "")

    def sessions(self, me: Visitor, lang: Lang) -> tuple[str, list[SignedIn]]:
        """Where somebody is signed in, on their clock; and the name of its zone."""
        with reading(self.engine) as session:
            mine = find_zone(zone_of(session.get_one(PersonRow, me.person), lang))
            rows = signin.sessions(session, me.person, self.now())
            signed_in = [
                SignedIn(row.id, row.device or "", row.made_at.astimezone(mine), row.seen_at.astimezone(mine)) for row in rows
            ]
            return zone_names(mine)[lang == "zh"], signed_in

    def end(self, me: Visitor, session_id: str) -> int:
        """End one of one's own sessions, or all. Commits."""
        with writing(self.engine) as session:
            return signin.end(session, me.person, session_id)

    def mail(self, email: str, lang: Lang) -> None:
        """Send a link to whoever has this address, in a thread: how long that takes tells nobody who is known here."""
        self._mails.submit(self._mail, email, lang)

    def _mail(self, email: str, lang: Lang) -> None:
        try:
            with writing(self.engine) as session:
                person = directory.by_email(session, email)
                token = signin.new_link(session, person, "mail", self.now()) if person else None
                to, lang = (person.email or "", _lang(person, lang)) if person else ("", lang)
            if token and to:
                text = WORDS["mail_text"][lang].format(link=link(self.settings, token))
                url, subject = self.settings.mail_send_url.get_secret_value(), WORDS["mail_subject"][lang]
                outgoing.send(url, self.settings.mail_from, to, subject, text)
        except (CaucusError, outgoing.NotSent) as error:
            log.warning("a link to sign in could not be mailed", reason=type(error).__name__)


def mailer(settings: Settings) -> Callable[[str, str, str], None] | None:
    """Sends one mail (to, subject, text) in a thread, by CAUCUS_MAIL_SEND_URL; None where that is not set."""
    url = settings.mail_send_url.get_secret_value()
    if not url:
        return None
    mails = ThreadPoolExecutor(1, "mail")

    def send(to: str, subject: str, text: str) -> None:
        try:
            outgoing.send(url, settings.mail_from, to, subject, text)
        except outgoing.NotSent as error:
            log.warning("a mail with a code could not be sent", reason=str(error))

    def later(to: str, subject: str, text: str) -> None:
        mails.submit(send, to, subject, text)

    return later


def link(settings: Settings, token: str, to: str = "") -> str:
    """The address that signs somebody in and leads to `to`."""
    return f"{site(settings)}/sign-in/{token}{f'?to={to}' if to else ''}"


def console_link(settings: Settings, engine: Engine, now: Callable[[], dt.datetime]) -> str:
    """A link for whoever keeps this installation, as `serve` prints it. Commits."""
    with writing(engine) as session:
        token = signin.new_link(session, signin.keeper(session, now()), "serve", now())
    return link(settings, token or "", "/console")


def _lang(person: PersonRow, otherwise: Lang) -> Lang:
    return person.lang if person.lang == "en" or person.lang == "zh" else otherwise


def _visitor(person: PersonRow, session_id: str, external_id: str) -> Visitor:
    return Visitor(
        person=person.id,
        role=person.role,
        address=Address(channel="web", external_id=external_id),
        session=session_id,
        name=person.name or "",
        lang=None if person.lang is None else _lang(person, "en"),
        zone=person.zone or "",
    )
