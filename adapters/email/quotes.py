"""Which words of a mail are new? Signature and quotation are set apart, for showing only.

Cosmetic by decision: what a mail means is decided from its headers, a wrong cut may only show extra text, and whoever
looks for dangerous words looks into the part that was cut too. Pure.
"""

from __future__ import annotations

import re

_MARKER = re.compile(
    r"[-_=*\s>]{0,60}(?:begin forwarded message|original message|original appointment|forwarded message|forwarded by [^-]{0,80}|"
    r"原始邮件|原始郵件|原邮件|回复的原邮件|转发的邮件|转发邮件信息|转发邮件|轉寄郵件|轉寄的郵件|转发的信息|開始轉寄郵件|开始转发的邮件|以下是转发的邮件)"
    r"\s*[:：]?[-_=*\s]{0,60}",
    re.IGNORECASE,
)
_FORWARD_MARKER = re.compile(r"forward|转发|轉寄", re.IGNORECASE)
_WROTE = re.compile(
    r"(?:(?:on|at|am|le)\s.{4,300}(?:wrote|schrieb|écrit)\s*[:：]|.{0,200}(?:写道|寫道|写到)\s*[:：])\s*", re.IGNORECASE
)
_LABEL = re.compile(
    r"[\s>*|]{0,20}(?:(?P<sender>from|发件人|寄件者|寄件人|发信人|發件人)|(?P<date>date|sent|日期|时间|時間|发送时间|发送日期|寄件日期|傳送時間)|"
    r"(?P<to>to|收件人|收件者|收信人)|(?P<cc>cc|抄送|抄送人|副本|副本抄送)|(?P<subject>subject|主题|主旨|主題|标题|標題)|"
    r"(?P<other>reply-to|回复|importance|attachments|附件))\s*\*?\s*[:：|]\s*\*?\s*(?P<value>.*)",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"-- ?|(?:sent from my|sent from mail|get outlook for|发自我的|發自我的|来自我的|從我的|发送自|获取\s?outlook).{0,80}",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?:(?:with )?(?:best|kind|warm|kindest|warmest)(?: and .{1,10})? (?:regards|wishes)|regards|(?:yours )?"
    r"sincerely(?: yours)?|best|cheers|"
    r"此致|敬礼|敬禮|祝好|顺祝商祺|顺颂商祺|商祺|谨启|順頌商祺)[,，.!！。]?(?:\s*[^\s,，]{1,20}){0,2}\s*",
    re.IGNORECASE,
)
LONGEST_LINE = 1000
MOST_LINES = 1000


def newest(said: str) -> tuple[str, str]:
    """The new words, and all the rest in its order; what stands behind MOST_LINES lines is rest."""
    lines = said.split("\n")
    lines, unread = lines[:MOST_LINES], lines[MOST_LINES:]
    new: list[str] = []
    old: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at][:LONGEST_LINE]
        if line.lstrip().startswith(">"):
            old.append(lines[at])
        elif width := _opener(lines, at):
            after = next((text for text in lines[at + width : at + width + 4] if text.strip()), "")
            if not (after.lstrip().startswith(">") and not is_label_block(lines, at) and not marker(line)):
                old += lines[at:]
                break
            old += lines[at : at + width]  # a quotation with marks: an answer may stand below it
            at += width
            continue
        elif _SIGNATURE.fullmatch(line.strip() if line.strip() != "--" else "-- "):
            old += lines[at:]
            break
        else:
            new.append(lines[at])
        at += 1
    new, closing = _without_closing(new)
    return "\n".join(new).strip(), "\n".join([*closing, *old, *unread]).strip()


def label(line: str) -> tuple[str, str] | None:
    """`发件人：李明` → ("sender", "李明"): the label as one of sender, date, to, cc, subject, other."""
    match = _LABEL.fullmatch(line[: LONGEST_LINE * 10].rstrip())
    if not match or match.lastgroup is None:
        return None
    kind = next(name for name in ("sender", "date", "to", "cc", "subject", "other") if match[name])
    return kind, match["value"].strip().rstrip("|*").strip()


def marker(line: str) -> str:
    """`forward` or `original` when this line announces another mail, else nothing."""
    if len(line) > 200 or not _MARKER.fullmatch(line):
        return ""
    return "forward" if _FORWARD_MARKER.search(line) else "original"


def is_label_block(lines: list[str], at: int) -> bool:
    """Whether a block of header lines in words begins here: a sender and two lines more of it nearby."""
    first = label(lines[at])
    if not first or first[0] != "sender":
        return False
    kinds = {found[0] for line in lines[at + 1 : at + 9] if (found := label(line))}
    return len(kinds & {"date", "to", "subject"}) >= 2 or (len(kinds & {"date", "to", "subject"}) == 1 and "@" in first[1])


def _opener(lines: list[str], at: int) -> int:
    """How many lines announce that older mail follows; 0 when none."""
    line = lines[at].strip()
    if not line or len(line) > LONGEST_LINE:
        return 0
    labelled = ":" in line or "：" in line or "|" in line
    if marker(line) or (labelled and is_label_block(lines, at)):
        return 1
    if re.fullmatch(r"_{10,}|-{20,}", line) and any(is_label_block(lines, n) for n in range(at + 1, min(at + 3, len(lines)))):
        return 1
    if labelled and _WROTE.fullmatch(line):
        return 1
    if line[:3].lower() in ("on ", "at ") or "@" in line:
        joined = f"{line} {lines[at + 1].strip()}" if at + 1 < len(lines) else line
        if len(joined) < 400 and _WROTE.fullmatch(joined):
            return 2
    return 0


def _without_closing(lines: list[str]) -> tuple[list[str], list[str]]:
    """Cut at a closing phrase among the last ten lines that say something, unless nothing stands before it."""
    spoken = [n for n, line in enumerate(lines) if line.strip()]
    for n in spoken[-10:]:
        if n != spoken[0] and len(lines[n]) < 60 and _CLOSING.fullmatch(lines[n].strip()):
            return lines[:n], lines[n:]
    return lines, []
