"""How is Caucus set up? Read from the environment once, at the start; every wrong or missing name is told at once.

Nothing else in the project reads the environment.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import os
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, ValidationError, field_validator
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot import settings_slack as slack
from bot import settings_tencent as tencent
from bot.errors import WrongSettings
from bot.settings_mail import ImapUrl, MailPort, Networks, Sender, SmtpUrl, Word, misses, parts
from bot.settings_production import insecure
from bot.settings_web import PublicUrl

PREFIX = "CAUCUS_"
FEWEST_KEY_CHARACTERS = 32


class Settings(BaseModel):
    """All settings, in the order of deploy/env.example. Names in the environment carry the prefix CAUCUS_."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    env: Literal["development", "production"] = "development"
    host: Annotated[str, StringConstraints(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    public_url: PublicUrl = ""
    proxies: Networks = ""
    work_port: Annotated[int, Field(ge=1, le=65535)] | None = None
    data_dir: Path = Path("var")
    database_url: SecretStr = SecretStr("")
    secret_keys: SecretStr = SecretStr("")
    now: dt.datetime | None = None
    understanding: Literal["full", "fast"] = "full"
    slack_signing_secret: SecretStr = SecretStr("")
    slack_signing_secret_previous: SecretStr = SecretStr("")
    slack_bot_token: SecretStr = SecretStr("")
    slack_client_id: str = ""
    slack_client_secret: SecretStr = SecretStr("")
    slack_app_token: SecretStr = SecretStr("")
    slack_api_url: str = "https://slack.com/api/"
    wechat_app_id: str = ""
    wechat_app_secret: SecretStr = SecretStr("")
    wechat_token: SecretStr = SecretStr("")
    wechat_aes_key: SecretStr = SecretStr("")
    wechat_aes_key_previous: SecretStr = SecretStr("")
    wechat_api_url: str = "https://api.weixin.qq.com"
    wechat_certified: bool = False
    wechat_kind: Literal["service", "subscription"] = "service"
    wechat_allow_plain: bool = False
    wechat_subscription_template: str = ""
    wechat_template: str = ""
    wecom_corp_id: str = ""
    wecom_agent_id: Annotated[int, Field(ge=1)] | None = None
    wecom_secret: SecretStr = SecretStr("")
    wecom_token: SecretStr = SecretStr("")
    wecom_aes_key: SecretStr = SecretStr("")
    wecom_aes_key_previous: SecretStr = SecretStr("")
    wecom_api_url: str = "https://qyapi.weixin.qq.com"
    wecom_robots: SecretStr = SecretStr("")
    wecom_markdown: bool = False
    wecom_accounts: Annotated[int, Field(ge=1)] | None = None
    lmtp_port: MailPort = None
    smtp_port: MailPort = None
    mail_host: Annotated[str, StringConstraints(min_length=1)] = "127.0.0.1"
    mail_peers: Networks = "127.0.0.0/8, ::1"
    mail_domain: Word = ""
    mail_authserv_id: Word = ""
    mail_tls_cert: Path | None = None
    mail_tls_key: Path | None = None
    imap_url: ImapUrl = SecretStr("")
    mail_send_url: SmtpUrl = SecretStr("")
    mail_from: Sender = ""

    @field_validator("now")
    @classmethod
    def _now_has_an_offset(cls, now: dt.datetime | None) -> dt.datetime | None:
        if now is not None and now.tzinfo is None:
            raise ValueError("needs an offset, such as 2026-11-22T09:00:00+00:00")
        return now

    @field_validator("slack_api_url")
    @classmethod
    def _slack_api_url_is_whole(cls, url: str) -> str:
        if not url.startswith(("http://", "https://")) or not url.rstrip("/").endswith("/api"):
            raise ValueError("must be an address up to and with /api/")
        return url.rstrip("/") + "/"

    @field_validator("wechat_aes_key", "wechat_aes_key_previous", "wecom_aes_key", "wecom_aes_key_previous")
    @classmethod
    def _aes_key_is_one(cls, key: SecretStr) -> SecretStr:
        if key.get_secret_value():
            tencent.check_aes_key(key.get_secret_value())
        return key

    @field_validator("wechat_subscription_template", "wechat_template")
    @classmethod
    def _template_has_its_fields(cls, setting: str) -> str:
        if setting:
            tencent.check_template(setting)
        return setting

    @field_validator("wecom_robots")
    @classmethod
    def _robots_have_keys(cls, robots: SecretStr) -> SecretStr:
        tencent.check_robots(robots.get_secret_value())
        return robots

    @field_validator("wechat_api_url", "wecom_api_url")
    @classmethod
    def _api_url_is_http(cls, url: str) -> str:
        if url and not url.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return url.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _database_is_known(cls, url: SecretStr) -> SecretStr:
        if url.get_secret_value():
            try:
                driver = make_url(url.get_secret_value()).drivername
            except ArgumentError:
                raise ValueError("is not a database URL") from None
            if driver not in ("sqlite", "postgresql+psycopg"):
                raise ValueError("must start with sqlite:/// or postgresql+psycopg://")
        return url

    @field_validator("secret_keys")
    @classmethod
    def _keys_are_long(cls, keys: SecretStr) -> SecretStr:
        if any(len(key) < FEWEST_KEY_CHARACTERS for key in _split(keys)):
            raise ValueError(f"each key needs at least {FEWEST_KEY_CHARACTERS} characters")
        return keys

    @property
    def takes_mail(self) -> bool:
        """Whether copied mail comes in by any way."""
        return self.lmtp_port is not None or self.smtp_port is not None or bool(self.imap_url.get_secret_value())

    @property
    def peers(self) -> list[str]:
        """Addresses and networks that may hand over mail."""
        return parts(self.mail_peers)

    @property
    def loopback_only(self) -> bool:
        """Whether the server listens where only this machine can reach it."""
        return is_loopback(self.host)

    @property
    def database(self) -> str:
        """The database URL; SQLite in the data folder unless set."""
        return self.database_url.get_secret_value() or f"sqlite:///{self.data_dir.resolve() / 'caucus.db'}"

    def robots(self) -> dict[str, str]:
        """Name of a WeCom room's robot → the key of its webhook."""
        entries = [entry.strip().partition(":") for entry in self.wecom_robots.get_secret_value().split(",") if entry.strip()]
        return {name.strip(): key.strip() for name, _, key in entries}

    def keys(self) -> list[str]:
        """The secret keys, newest first. In development they are made once and kept in the data folder.

        Raises WrongSettings in production when none is set.
        """
        if keys := _split(self.secret_keys):
            return keys
        if self.env == "production":
            raise WrongSettings([f"{PREFIX}SECRET_KEYS: must be set in production"])
        kept = self.data_dir / "secret.key"
        self.data_dir.mkdir(parents=True, exist_ok=True)
        if not kept.exists():
            handle, made = tempfile.mkstemp(dir=self.data_dir)  # readable by us alone
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_urlsafe(48))
            with contextlib.suppress(FileExistsError):  # of two processes that start together one wins, both read it
                os.link(made, kept)
            Path(made).unlink()
        key = kept.read_text().strip()
        if len(key) < FEWEST_KEY_CHARACTERS:
            raise WrongSettings([f"{kept}: is damaged; bring it back from a backup, or remove it and lose what is encrypted"])
        return [key]


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings from environment variables; empty values count as unset.

    Raises WrongSettings naming every unknown, malformed or insecure one.
    """
    given = {k[len(PREFIX) :].lower(): v for k, v in environment.items() if k.startswith(PREFIX) and v.strip()}
    problems = _malformed(given)
    settings = Settings.model_validate({name: value for name, value in given.items() if name not in problems})
    problems = {**tencent.incomplete(settings), **misses(settings), **slack.incomplete(settings), **problems}
    if settings.env == "production":
        problems = {**insecure(settings), **tencent.insecure(settings), **problems}
    if problems:
        raise WrongSettings([f"{PREFIX}{name.upper()}: {problem}" for name, problem in problems.items()])
    return settings


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _malformed(given: Mapping[str, str]) -> dict[str, str]:
    """Name → what is wrong with it, whatever the values of the others."""
    try:
        Settings.model_validate(given)
    except ValidationError as error:
        return {
            str(item["loc"][0]): (
                "there is no such setting" if item["type"] == "extra_forbidden" else item["msg"].removeprefix("Value error, ")
            )
            for item in error.errors(include_input=False, include_url=False)
        }
    return {}


def _split(keys: SecretStr) -> list[str]:
    return parts(keys.get_secret_value())
