"""Which mails belong together? Message-IDs in a form that can be compared, subjects without their prefixes.

Pure. Never decides anything: headers alone or a subject alone are no proof that a mail answers another.
"""

from __future__ import annotations

import re

_ID = re.compile(r"<\s*([^<>\s]{1,250})\s*>")
_BARE_ID = re.compile(r"[^<>\s,;]{1,125}@[^<>\s,;@]{1,125}")
_FORWARD = r"fwd?|wg|tr|rv|转发|轉寄|轉發|转寄"
_ANSWER = (
    r"re|aw|sv|antw|回复|答复|回覆|回復|答覆|automatic reply|auto(?:matic)?[- ]reply|"
    r"out of office|autoreply|自动回复|自動回覆|自动答复|"
    r"accepted|declined|tentative|canceled|cancelled|invitation|updated invitation|已接受|已拒绝|暂定|已取消|邀请|"
    r"undeliverable|delivery delayed|未送达|退信"
)
_PREFIX = re.compile(rf"\s*(?:{_FORWARD}|{_ANSWER})\s*(?:[\[(（]\d{{1,3}}[\])）]|\^\d{{1,3}})?\s*[:：]\s*", re.IGNORECASE)
_FORWARD_PREFIX = re.compile(
    rf"(?:\s*(?:re|回复|答复)\s*[:：])?\s*(?:{_FORWARD})\s*(?:[\[(（]\d{{1,3}}[\])）])?\s*[:：]", re.IGNORECASE
)
_TAG = re.compile(r"\s*(?:\[(?:external|ext|外部|caution)[^\]]{0,20}\]|【外部[^】]{0,10}】)\s*", re.IGNORECASE)
MOST_IDS = 60


def message_ids(said: str) -> tuple[str, ...]:
    """The ids in a header as `<id>`, each once; of too many the first and the last ones, which carry the thread."""
    found = [f"<{match}>" for match in _ID.findall(said)] or [f"<{match}>" for match in _BARE_ID.findall(said[:2000])]
    each = list(dict.fromkeys(found))
    return tuple(each if len(each) <= MOST_IDS else [each[0], *each[1 - MOST_IDS :]])


def id_key(message_id: str) -> str:
    """An id as it is stored and looked up, whatever brackets, blanks and capitals a provider made of it."""
    return message_id.strip().strip("<>").strip().lower()


def bare_subject(subject: str) -> str:
    """The subject without Re, Fw, 回复, 转发, Automatic reply and the like, and without the marks of mail gateways."""
    for _ in range(12):
        shorter = _TAG.sub("", subject, count=1) if _TAG.match(subject) else _PREFIX.sub("", subject, count=1)
        if shorter == subject or (not shorter.strip()) or not (_PREFIX.match(subject) or _TAG.match(subject)):
            break
        subject = shorter
    return subject.strip()


def same_subject(one: str, other: str) -> bool:
    """Whether two subjects are the same but for prefixes, capitals and blanks."""
    first, second = ("".join(bare_subject(s).casefold().split()) for s in (one, other))
    return bool(first) and first == second


def is_forward(subject: str) -> bool:
    """Whether the subject says that the mail is a forward."""
    return _FORWARD_PREFIX.match(subject) is not None
