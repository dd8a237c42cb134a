"""Does an address only look like one we know? Homoglyphs, one letter changed, another ending, a known name as a prefix.

Pure. Never says that an address is safe.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from bot.followups.known import PUBLIC_DOMAINS

_SECOND_LEVEL = frozenset({"com", "co", "net", "org", "gov", "edu", "ac", "or", "ne", "go"})
_GLYPHS = str.maketrans(
    {
        **dict(zip("аеорсухіјѕԁһӏԛԝвкмнтгпьъ", "aeopcyxijsdhlqwbkmhtrnbb", strict=True)),
        **dict(zip("αβεικνορτυχωγηзб", "abeikvoptuxwynzb"[:16], strict=True)),
        **dict(zip("01358$|!ıłɑøđßæ", "olesbsllllaodba", strict=True)),
        "i": "l",
        "-": None,
        "_": None,
    }
)
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("nn", "m"))
_SHORTEST = 5
"""Letters of a name below which one changed letter is no sign: abc.com and abd.com are just two firms."""


def resembles(address: str, known: Iterable[str], own_domains: Iterable[str] = ()) -> str:
    """The known address or domain that this one imitates; empty when it is known itself or like none."""
    address = address.lower()
    local, _, domain = address.rpartition("@")
    addresses = sorted({a.lower() for a in known})
    domains = sorted({a.rpartition("@")[2] for a in addresses} | set(own_domains))
    if not domain or address in addresses:
        return ""
    if domain in domains or any(domain.endswith("." + d) for d in domains if d not in PUBLIC_DOMAINS):
        return next((a for a in addresses if a.endswith("@" + domain) and skeleton(a) == skeleton(address)), "") if local else ""
    for other in domains:
        if domain not in PUBLIC_DOMAINS and _alike(_shown(domain), other):
            return other
    return ""


class Nearby:
    """Many known addresses, so kept that the few which `resembles` needs for another one are found without a look at each."""

    def __init__(self, addresses: Iterable[str] = ()) -> None:
        self._at: dict[str, list[str]] = defaultdict(list)
        """Domain → its addresses."""
        self._domains: dict[str, list[str]] = defaultdict(list)
        """What a domain has in common with those that look like it (how it or its firm looks, a label) → domains."""
        self._firms: dict[int, list[str]] = defaultdict(list)
        """Number of letters → names of firms: one letter changed makes one more or less at most."""
        for address in addresses:
            self.add(address)

    def add(self, address: str) -> None:
        """One more, in small letters."""
        domain = address.rpartition("@")[2]
        if domain not in self._at:
            firm = _firm(domain)
            for common in {skeleton(domain), skeleton(firm), firm, _labels(domain)[0]}:
                self._domains[common].append(domain)
            self._firms[len(firm)].append(firm)
        self._at[domain].append(address)

    def at(self, domain: str) -> Sequence[str]:
        """The addresses of a domain."""
        return self._at.get(domain, ())

    def to(self, address: str) -> set[str]:
        """So many of them that `resembles` answers for this address as if it had all, be the address itself among them or not."""
        address = address.lower()
        domain = address.rpartition("@")[2]
        there = self.at(domain)
        found = {a for a in there if a == address or skeleton(a) == skeleton(address)}.union(there[:2])
        for other in (*self._above(domain), *self._alike(_shown(domain))):
            found.update(self._at[other][:2])  # of two, one is not the address itself
        return found

    def _above(self, domain: str) -> list[str]:
        labels = domain.split(".")
        above = (".".join(labels[start:]) for start in range(1, len(labels)))
        return [each for each in above if each in self._at and each not in PUBLIC_DOMAINS]

    def _alike(self, domain: str) -> list[str]:
        firm = _firm(domain)
        common = {skeleton(domain), skeleton(firm), *domain.split("."), *_labels(domain)}
        for length in range(len(firm) - 1, len(firm) + 2):
            near = extract(firm, self._firms.get(length, ()), scorer=OSA.distance, score_cutoff=1, limit=None)
            common.update(name for name, _, _ in near)
        others = {other for each in common for other in self._domains.get(each, ())} | (PUBLIC_DOMAINS & self._at.keys())
        return [other for other in others if _alike(domain, other)]


@lru_cache(maxsize=20_000)
def skeleton(said: str) -> str:
    """What the eye sees: letters that look the same become the same."""
    said = unicodedata.normalize("NFKD", said.casefold())
    said = "".join(c for c in said if not unicodedata.combining(c)).translate(_GLYPHS)
    for pair, letter in _PAIRS:
        said = said.replace(pair, letter)
    return said


def _alike(domain: str, other: str) -> bool:
    if skeleton(domain) == skeleton(other):
        return True
    name, other_name = _firm(domain), _firm(other)
    if other in PUBLIC_DOMAINS:
        return OSA.distance(domain, other, score_cutoff=1) <= 1 and len(other_name) >= _SHORTEST
    if len(other_name) >= _SHORTEST and (
        skeleton(name) == skeleton(other_name) or OSA.distance(name, other_name, score_cutoff=1) <= 1
    ):
        return True
    squashed = "." + domain.replace("-", ".") + "."
    return "." + other.replace("-", ".") + "." in squashed or (
        len(other_name) >= _SHORTEST and other_name in domain.split(".")[:-1]
    )


@lru_cache(maxsize=20_000)
def _firm(domain: str) -> str:
    """The label that names the firm: `ningbo-tools` of mail.ningbo-tools.com.cn."""
    labels = domain.split(".")
    ending = 2 if len(labels) > 2 and labels[-2] in _SECOND_LEVEL else 1
    return (labels[:-ending] or labels)[-1]


def _labels(domain: str) -> list[str]:
    return domain.replace("-", ".").split(".")


def _shown(domain: str) -> str:
    """A domain as a mail program shows it: xn--… decoded."""
    if "xn--" not in domain:
        return domain
    try:
        return domain[:253].encode().decode("idna")
    except UnicodeError:
        return domain
