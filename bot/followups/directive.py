"""What did the user tell us in a mail: when to remind, and, of an automatic answer, until when is somebody away?

Pure. Finds the words only; what time they mean is the time grammar's business. Looks at nothing but the user's own new
words, the subject and the option in the address: what others wrote in a mail is never obeyed.
"""

from __future__ import annotations

import re

_DAY_EN = (
    r"(?:\d|today|tonight|tomorrow|mon|tue|wed|thu|fri|sat|sun|week|month|day|hour|minute|morning|afternoon|evening|noon|"
    r"jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|cny|spring festival|new year|holiday|golden|later|soon)"
)
_DAY_ZH = (
    r"(?:\d|[一二两三四五六七八九十]|今|明|后|後|周|週|星期|礼拜|禮拜|月|日|号|號|天|点|點|"
    r"节|節|假|年|早|晚|中午|下午|上午|小时|分钟)"
)
_REMIND_EN = re.compile(
    r"(?:please\s+|pls\s+|can you\s+|could you\s+)?(?:remind|nudge|ping|alert|notify)\s+me(?:\s+again)?"
    r"(?:\s+(?:about|of)\s+(?:this|it|that))?"
    r"(?:\s*[:,])?\s+(?P<when>(?:[^.!?\n]|\.(?=\d)){1,80})"
    r"|(?:reminder|remind(?:\s+me)?|follow[- ]?up)\s*[:=]\s*(?P<colon>(?:[^.!?\n\])]|\.(?=\d)){1,80})"
    r"|follow\s+up\s+(?:with\s+\S{1,30}\s+)?(?P<follow>(?:on|at|in|by|next|this|tomorrow|after)\b(?:[^.!?\n]|\.(?=\d)){1,80})",
    re.IGNORECASE,
)
_REMIND_ZH = (
    re.compile(
        r"(?:请|請|麻烦|麻煩)?(?:在|于)?(?P<before>[^，,。！？!?\n；;：:]{1,40}?)(?:再)?(?:请|麻烦)?(?:提醒|叫|通知|催)(?:一下)?(?:我|一下|俺)"
    ),
    re.compile(r"^(?P<bare>[^，,。！？!?\n；;：:]{1,16})(?<!的)(?:提醒|跟进|跟進)[。！!]?$"),
    re.compile(r"(?:提醒|跟进|跟進)(?:我|时间|時間)?(?:一下)?\s*[:：]?\s*(?P<after>[^，,。！？!?\n；;]{1,40})"),
)
_CUES = (
    *("remind", "nudge", "ping", "alert", "notify", "follow", "提醒", "叫", "通知", "催", "跟进", "跟進"),
    *("ı", "i̇"),  # pass for an i where capitals do not count
)
"""One of them stands in all that is looked for: a cheap look before the costly ones."""
_BRACKET = re.compile(r"[\[(（【](?P<inside>[^\])）】]{2,60})[\])）】]")
_UNIT = re.compile(r"(?<=\d)(?=[a-z])|(?<=[a-z])(?=\d)")
_CLOCK = re.compile(r"\b(\d{1,2}) (am|pm)\b")
_AWAY = (
    re.compile(
        r"\b(?:until|till|through|up to(?: and including)?|back(?: in the office)?(?: again)?(?: on| from)?|"
        r"return(?:ing)?(?: to (?:the )?(?:office|work))?"
        r"(?: on| by)?|available again(?: on| from)?)\s+(?P<when>[^.!?;\n]{2,60})",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?:至|到|直到)\s*(?P<when>(?:\d{4}年)?\d{1,2}月\d{1,2}[日号號](?:\s*[（(][^）)]{1,6}[）)])?|(?:下?周|星期|下?週)[一二三四五六日天])"
    ),
    re.compile(
        r"(?P<when>(?:\d{4}年)?\d{1,2}月\d{1,2}[日号號]|(?:下?周|星期|下?週)[一二三四五六日天])\s*(?:之?后|後)?(?:返回|回来|回來|回到|回公司|上班|恢复|復工|复工)"
    ),
)
_AWAY_END = re.compile(
    r"\s*\b(?:and|with|but|if|in case|for|please|i will|will|where|without|,)\b.*|[,，].*", re.IGNORECASE | re.DOTALL
)


def when_asked(text: str, subject: str = "", option: str = "", *, noted: bool = True) -> str:
    """The words that say when to remind; empty when nothing is said.

    `noted`: the text is a note to us. Where it went to a counterpart too, only a line of its own counts.
    """
    lines = [line.strip() for line in text[:4000].split("\n")][:60]
    for line in lines:
        if found := _in_line(line, whole=not noted):
            return found
    for match in _BRACKET.finditer(subject[:300]):
        if found := _in_line(match["inside"].strip(), whole=False):
            return found
    if noted and (found := _in_line(subject[:300], whole=False)):
        return found
    return of_option(option)


def of_option(option: str) -> str:
    """`3days` → `in 3 days`, `monday-10am` → `monday 10am`: the option of an address as words."""
    words = _CLOCK.sub(r"\1\2", " ".join(_UNIT.sub(" ", re.sub(r"[._-]+", " ", option)).split()))
    return f"in {words}" if re.match(r"\d+ (?:minute|hour|day|week|month|working|business|min|h\b|d\b|w\b)", words) else words


def away_until(text: str) -> str:
    """The words that say when somebody is back; empty when nothing is said."""
    for pattern in _AWAY:
        for match in pattern.finditer(text[:3000]):
            said = _AWAY_END.sub("", match["when"]).strip(" .")
            if re.search(rf"{_DAY_EN}|{_DAY_ZH}", said, re.IGNORECASE):
                return said
    return ""


def _in_line(line: str, *, whole: bool) -> str:
    small = line.lower()
    if not any(cue in small for cue in _CUES):
        return ""
    for pattern, day in ((_REMIND_EN, _DAY_EN), *((pattern, _DAY_ZH) for pattern in _REMIND_ZH)):
        match = pattern.match(line) if whole else pattern.search(line)
        if not match or (whole and len(line) - match.end() > 12):
            continue
        said = next((value for value in match.groupdict().values() if value), "").strip(" ,，:：")
        said = re.sub(r"^(?:请|請|麻烦|在|于|就|帮我|幫我)+", "", said)
        if re.search(day, said, re.IGNORECASE):
            said = re.sub(r"(?<=.)(?:给|給|打|联系|聯繫|跟进|跟進|问|問|去|和|跟).*$", "", said)
            return re.sub(r"\s+(?:to|about|please|thanks|thank you|regarding)\b.*$", "", said, flags=re.IGNORECASE).strip()
    return ""
