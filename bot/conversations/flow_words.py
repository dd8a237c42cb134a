"""What remains of an answer when only its meaning words are kept? Tokens, negation, and the words every flow knows.

Both the curators' phrases and people's words go through `tokens`, so that "haven't signed anything yet" and
"not signed" meet. Pure; for matching, never for showing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from bot.intents.normalise import normalise

BREAK = "|"
"""Ends a clause: no phrase and no negation reaches across."""
_TURNS = ("but", "however")
LONGEST = 2_000
"""Characters of an answer that are read for facts."""


def words_of(text: str) -> tuple[str, ...]:
    """Words parted by slashes, so that a reader sees many at a glance."""
    return tuple(" ".join(word.split()) for word in text.split("/"))


NEGATIONS = frozenset(
    words_of("""
    cannot / hardly / neither / never / no / nobody / none / nor / not / nothing / without / 〇 / 不 / 别 / 无 / 没 /
    非
    """)
)
_FILLERS = frozenset(
    words_of("""
    a / actually / already / also / am / an / any / are / as / basically / be / been / being / currently / did / do /
    does / far / had / has / have / he / her / his / honestly / i / is / it / its / my / now / of / our / please /
    quite / really / she / so / some / still / that / the / their / then / there / they / this / to / very / was /
    we / well / were / which / will / would / yet / you / your
    """)
)


def _patterns(*pairs: tuple[str, str]) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), instead) for pattern, instead in pairs)


_CONTRACTIONS = _patterns(
    (r"\bcan'?t\b", "can not"),
    (r"\bwon'?t\b", "will not"),
    (r"\b(is|are|was|were|do|does|did|has|have|had|would|should|could)n'?t\b", r"\1 not"),
    (r"\bcannot\b", "can not"),
    (r"'(s|re|ve|ll|d|m)\b", ""),
    (r"\bnothings\b", "nothing"),
    (r"\bnot (just|only|merely)\b", " notonly "),
    (r"\b(just|merely|simply|purely)\b", "only"),
)
_SET_PHRASES = _patterns(
    (r"是不是|有没有|能不能|要不要|会不会|可不可以|是否|有无", "？"),
    (r"差不多|不仅|不但|不只|不光|不过(?![来去])|不然|不久", "，"),
    (r"不错|没问题|没错", "好"),
    (r"不少", "多"),
    (r"不同", "另"),
    (r"没关系|不好意思|对不起", "，"),
    (r"完不成|没完成|没有完成|达不到|没达到", "缺额"),
    (r"我们|咱们|我方", "我"),
    (r"他们|她们|对方|人家", "他"),
    (r"还没有|没有|尚未|还未|未曾|从未|从没|并未|未(?![来必])|没能|没(?=[有])", "没"),
    (r"你们|您们|目前|现在|已经|其实|任何|这个|那个|什么的|大概|应该|可能|好像|暂时|到现在|到目前为止", ""),
    (r"[了的呢吧啊嘛呀哦啦也都就还才已您你她它这那啥被把过]", ""),
)
_TOKEN = re.compile(r"<[a-z_]+>|[a-z0-9à-ɏ]+(?:'[a-z]+)?|[\u3400-\u4dbf\u4e00-\u9fff〇]|[.,;:!?()\n，。；：！？（）|]")
_WHOLE = frozenset(
    words_of("""
    anything / bring / during / everything / nothing / pricing / something / string
    """)
)

LEADING_YES = frozenset(
    words_of("""
    absolutely / certainly / correct / definitely / exactly / indeed / right / sure / true / y / ya / yeah / yep /
    yes / yup
    """)
)
LEADING_NO = frozenset(
    words_of("""
    n / nah / negative / never / no / none / nop / nope / not / nothing
    """)
)
YES_ZH = frozenset(
    words_of("""
    会 / 会的 / 可以 / 嗯 / 嗯嗯 / 好 / 好的 / 对 / 对啊 / 对的 / 当然 / 当然有 / 是 / 是啊 / 是的 / 有 / 有啊 /
    有的 / 没错 / 没问题 / 知道 / 确实 / 确实有 / 肯定 / 肯定有 / 能 / 要 / 要的 / 说过 / 谈过
    """)
)
NO_ZH = frozenset(
    words_of("""
    不 / 不会 / 不存在 / 不是 / 不算 / 不能 / 不行 / 不要 / 从来没有 / 否 / 完全没有 / 并没有 / 无 / 暂时没有 / 没 /
    没呢 / 没啊 / 没有 / 没有呢 / 没有啊 / 没有的 / 目前没有 / 还没 / 还没呢 / 还没有 / 都没有
    """)
)

HYPOTHETICAL = re.compile(
    r"\b(if (we|i|you)|what if|whether|should (we|i)|do (we|i) need|shall (we|i)|unless|suppos\w+|in case|what about)\b"
    r"|如果|假如|要是|万一|要不要|是不是要|需不需要|用不用|该不该|应不应该|是否需要|是否要"
)


def tokens(text: str) -> tuple[str, ...]:
    """The meaning words in order, stemmed, with BREAK between clauses; a Chinese character is a word of its own."""
    return folded_tokens(normalise(text))


def folded_tokens(found: str) -> tuple[str, ...]:
    """`tokens` of a text that is normalised already."""
    if not found.isascii():
        for pattern, instead in _SET_PHRASES:
            found = pattern.sub(instead, found)
    for pattern, instead in _CONTRACTIONS:
        found = pattern.sub(instead, found)
    kept: list[str] = []
    for token in _TOKEN.findall(found):
        if not token[0].isalnum() and token[0] not in "<〇":
            if kept and kept[-1] != BREAK:
                kept.append(BREAK)
        elif token in _TURNS:
            kept.append(BREAK)
        elif token not in _FILLERS:
            kept.append(stem(token))
    return tuple(kept[:-1] if kept and kept[-1] == BREAK else kept)


@lru_cache(maxsize=8_192)
def stem(word: str) -> str:
    """Without the endings that change least: plural, -ed, -ing, -ly, a final e."""
    if not word.isascii() or len(word) < 4 or word in _WHOLE or word[0] == "<" or word[0].isdigit():
        return word
    word = word.partition("'")[0]
    if word.endswith(("ies", "ied")):
        return word[:-3] + "y"
    if word.endswith("ing") and len(word) > 5:
        word = word[:-3]
    elif (word.endswith("ly") and len(word) > 6) or (word.endswith("ed") and len(word) > 4):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    word = word.rstrip("e")
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiou" else word


def clause_start(found: Sequence[str], at: int) -> int:
    """Where the clause of this token begins."""
    while at > 0 and found[at - 1] != BREAK:
        at -= 1
    return at


def negated(found: Sequence[str], start: int) -> bool:
    """Whether a negation stands close before, in the same clause."""
    begin = clause_start(found, start)
    return any(token in NEGATIONS for token in found[max(begin, start - 3) : start])


def polarity(text: str) -> Literal["yes", "no"] | None:
    """`yes` or `no` when the answer begins by saying so; None otherwise."""
    folded = normalise(text)
    head = re.split(r"[,.;:!?，。；：！？\s]", folded.strip(), maxsplit=1)[0] if folded else ""
    first = re.split(r"[,.;:!?，。；：！？]", folded, maxsplit=1)[0].strip()
    if first in YES_ZH:
        return "yes"
    if first in NO_ZH:
        return "no"
    if re.match(
        r"(of course|for sure|i think so|i guess so|i believe so|kind of|they do|we do|they did|he does|it is|it does|they are)$",
        first,
    ):
        return "yes"
    if re.match(
        r"(of course not|i don'?t think so|not (yet|really|at all|so far|that i know)"
        r"|they do(n't| not)|we do(n't| not)|it isn't)",
        first,
    ):
        return "no"
    if re.match(r"(是的|有的|对的|嗯)", first):
        return "yes"
    if re.match(r"(没有|还没|不是|不会|并没有|没)", first) and len(first) <= 6:
        return "no"
    if head in LEADING_YES:
        return "yes"
    return "no" if head in LEADING_NO else None


def spoken(text: str) -> str:
    """What is said behind a leading yes or no ("not at all, it stays here"); the whole where nothing is."""
    found = re.match(
        r"\s*(yes|yeah|yep|no|nope|nah|not at all|not really|not yet|of course( not)?|for sure"
        r"|是的?|对的?|不是|没有|有的?|嗯|会|不会)\s*[,.;!，。；！、]\s*(?=\S)",
        text,
        re.IGNORECASE,
    )
    return text[found.end() :] if found else text
