"""What is known about a person when a mail of theirs is judged: addresses, contacts, open follow-ups.

Pure data, the STATE.json of the contract; whoever keeps follow-ups in the database fills the same class.
"""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from bot.errors import Refused

Kind = Literal["normal", "verify_by_phone"]
_PROVIDERS = """
gmail.com googlemail.com outlook.com hotmail.com live.com live.cn msn.com outlook.cn yahoo.com yahoo.co.jp yahoo.com.tw
yahoo.com.hk ymail.com icloud.com me.com mac.com aol.com gmx.com gmx.de gmx.net web.de mail.com mail.ru yandex.ru
yandex.com proton.me protonmail.com qq.com vip.qq.com foxmail.com 163.com vip.163.com 126.com vip.126.com yeah.net
sina.com sina.cn vip.sina.com sohu.com tom.com 21cn.com 139.com 189.cn wo.cn aliyun.com naver.com daum.net hanmail.net
rediffmail.com pchome.com.tw seed.net.tw hinet.net
"""
PUBLIC_DOMAINS = frozenset(_PROVIDERS.split())
"""Providers where the same domain says nothing about the same firm."""


class _Given(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Contact(_Given):
    """Someone the person already knows."""

    name: str = ""
    email: str = ""
    emails: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _from_address(cls, given: Any) -> Any:
        return {"email": given} if isinstance(given, str) else given

    @property
    def addresses(self) -> frozenset[str]:
        """All addresses in small letters."""
        return frozenset(a.strip().lower() for a in (self.email, *self.emails) if a.strip())


class OpenFollowup(_Given):
    """A follow-up as far as a mail can touch it; `state` open means that it waits."""

    id: str
    message_id: str = ""
    message_ids: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    subject: str = ""
    state: str = "open"
    kind: Kind = "normal"
    contact_name: str = ""

    @field_validator("id", mode="before")
    @classmethod
    def _any_id(cls, given: Any) -> Any:
        return str(given) if isinstance(given, int) else given

    @field_validator("recipients")
    @classmethod
    def _small(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(address.strip().lower() for address in given)

    @property
    def is_open(self) -> bool:
        """Whether it still waits."""
        return self.state in ("open", "waiting", "due", "snoozed", "escalated")

    @property
    def ids(self) -> tuple[str, ...]:
        """The Message-IDs of the mails it is about."""
        return (*((self.message_id,) if self.message_id else ()), *self.message_ids)


class Person(_Given):
    """Whose mail it is. `address` is their secret address, where it is given in the form of one."""

    name: str = ""
    email: str = ""
    emails: tuple[str, ...] = ()
    zone: str = "UTC"
    domains: tuple[str, ...] = ()
    address: str = ""

    @property
    def addresses(self) -> frozenset[str]:
        """All their addresses in small letters."""
        return frozenset(a.strip().lower() for a in (self.email, *self.emails) if a.strip())

    @property
    def own_domains(self) -> frozenset[str]:
        """Domains of their firm; a public provider's is nobody's."""
        return frozenset(d.strip().lower().lstrip("@") for d in self.domains) - PUBLIC_DOMAINS - {""}


class State(_Given):
    """Everything a judgement may know. `seen`: Message-IDs of mails already taken in; `others`: further known addresses."""

    now: AwareDatetime = Field(default_factory=lambda: dt.datetime.now(dt.UTC))
    authserv_id: str = ""
    mail_from: str = ""
    person: Person
    contacts: tuple[Contact, ...] = ()
    others: frozenset[str] = frozenset()
    followups: tuple[OpenFollowup, ...] = ()
    seen: frozenset[str] = frozenset()

    def contact(self, address: str) -> Contact | None:
        """The contact with this address."""
        return next((c for c in self.contacts if address.lower() in c.addresses), None)

    def is_own(self, address: str) -> bool:
        """Whether it is an address of the person or of a colleague."""
        domain = address.rpartition("@")[2].lower()
        return address.lower() in self.person.addresses or any(
            domain == own or domain.endswith("." + own) for own in self.person.own_domains
        )

    @cached_property
    def outsiders(self) -> frozenset[str]:
        """Addresses of contacts and of counterparts."""
        contacts = {address for contact in self.contacts for address in contact.addresses}
        return frozenset(contacts | self.others | {address for followup in self.followups for address in followup.recipients})


def state_from(given: Any) -> State:
    """The state of a JSON value. Raises Refused naming what is wrong."""
    try:
        return State.model_validate(given)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, item['loc'])) or 'state'}: {item['msg']}"
            for item in error.errors(include_url=False, include_input=False)
        )
        raise Refused(f"the given state is wrong: {wrong}") from None
