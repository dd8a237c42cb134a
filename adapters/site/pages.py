"""How are our pages made? Templates with every word escaped, the words of one language, our files by their version."""

from __future__ import annotations

import secrets
from types import SimpleNamespace
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from starlette.requests import Request

from adapters.site import files
from adapters.site.words import LANG_TAG, WORDS, spaces
from bot.messages import Lang

_WORDS = spaces(WORDS)


def environment(package: str) -> Environment:
    """The templates of a package, over those that all pages share. A name that is missing is an error, never an empty place."""
    pages = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("adapters.site")]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    ours: dict[str, Any] = {"asset": files.address, "tag": LANG_TAG, "new_id": new_id}
    pages.globals.update(ours)
    return pages


def new_id() -> str:
    """An id for a form: sent twice by a double press, it is still one message."""
    return secrets.token_hex(16)


def first_of(request: Request) -> int:
    """Where a list goes on, by `?from=` of the address; its beginning for anything that is no number."""
    said = request.query_params.get("from", "")
    return int(said) if said.isdecimal() and said.isascii() and len(said) < 6 else 0


def page(template: str, lang: Lang, **shown: object) -> str:
    """One of the pages that all share."""
    return PAGES.get_template(template).render(shown, lang=lang, w=_WORDS[lang])


def sentence_page(lang: Lang, why: str) -> str:
    """One sentence, in both languages, and the way back."""
    return page("sentence.html", lang, why=WORDS[why])


def onward_page(lang: Lang, to: str) -> str:
    """A page that leads on by itself, so that the request comes from us and brings its cookies."""
    return page("onward.html", lang, to=to)


def words(lang: Lang) -> SimpleNamespace:
    """The shared words of one language by name, for templates: `w.sign_in`."""
    return _WORDS[lang]


PAGES = environment("adapters.site")
