"""Does a message correct or complete what is noted? "That should be Ms Wang, not Mr Li", 对方电话是138…, "he is in Tokyo".

Pure. Only a whole message counts: each of its parts says one thing, or none of them does.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from bot.followups.places import PLACE_EN, PLACE_ZH

_LONGEST = 200


@dataclass(frozen=True)
class Told:
    """One thing that is said of a follow-up or its counterpart.

    `field` is subject, name, phone, wechat, organisation, zone, lang, deadline, or swap: one thing instead of `old`.
    """

    field: str
    value: str = ""
    who: str = ""
    """Of whom it is said, where they are named."""
    old: str = ""
    weak: bool = False
    """It may be said of other things as well: only right after a follow-up was shown is that one meant."""


_LEAD = re.compile(
    r"(?:(?:please|pls|sorry|oh|oops|wait|no|actually|ah|correction|by the way|btw|fyi|and|also|ok(?:ay)?|one more thing|i mean|i meant)\b[,.:!]*\s*)+"
    r"|(?:请|麻烦你?|帮我|不对|错了|对了|更正一下|更正|另外|还有|哦|不好意思)+[,:!。]*\s*",
    re.IGNORECASE,
)
_TRAIL = re.compile(r"(?:,?\s*(?:please|pls|thanks|thank you|by the way|btw|actually|谢谢|吧|哦|了))*[\s.!。~]*$", re.IGNORECASE)
_QUESTION = re.compile(r"[?]|[吗呢]$|什么|哪|^(?:what|which|who|where|when|how|should|can|could|do|does|is|are)\b", re.IGNORECASE)
_PARTS = re.compile(r"\s*[,;，；]\s*(?:and\s+|而且|并且)?|\s+and\s+(?=(?:his|her|their|he|she|they)\b)|[。.]\s+")

_HIM = r"(?:him|her|them|(?P<who>[^\W\d_][\w.'& -]{1,40}?))"
_HE = r"(?:he|she|they|(?P<who>[^\W\d_][\w.'& -]{1,40}?))"
_HIS = r"(?:(?:his|her|their|the|(?P<who>[^\W\d_][\w.'& -]{1,40}?)(?:'s|s')) )?"
_HE_ZH = r"(?:对方|他们?|她们?|(?P<who>[\u4e00-\u9fffA-Za-z .]{2,12}?))"
_HIS_ZH = r"(?:(?:对方|他们?|她们?|(?P<who>[\u4e00-\u9fffA-Za-z .]{1,12}?))的?)?"
_IS = r"(?:'s|:| is| are| was| should be| has changed to| changed to| now| actually)*\s*"
_IS_ZH = r"(?:是|为|:|改成|改为|换成|变成|改了|应该|,)*\s*"
_PHONE = r"(?P<value>\+?\(?\d[\d ()./-]{5,38}\d)"
_ID = r"(?P<value>[a-z0-9][a-z0-9_-]{4,29}|\+?\d[\d -]{5,20}\d)"
_NUMBER = r"(?:(?:new|current|direct|private|office|mobile|cell|work|desk) )*(?:(?:tele)?phone|mobile|cell(?:phone)?|tel|number)\.?(?: (?:number|no\.?))?"
_WECHAT = r"(?:wechat|weixin|we chat)(?: (?:id|account|name|number|handle))?"
_ZONE = r"[a-z]+/[a-z_]+(?:/[a-z_]+)?"
_TONGUES = {"english": "en", "英文": "en", "英语": "en", "chinese": "zh", "mandarin": "zh", "中文": "zh", "汉语": "zh", "普通话": "zh"}  # fmt: skip
_TONGUE = rf"(?P<value>{'|'.join(_TONGUES)})"
_MUST = r"(?:must|ha(?:s|ve) (?:got )?to|needs? to|is to|are to)"
_PATTERNS = tuple(
    (field, weak, re.compile(pattern, re.IGNORECASE))
    for field, weak, pattern in (
        ("phone", False, rf"{_HIS}{_NUMBER}{_IS}{_PHONE}"),
        ("phone", True, rf"(?:you can |i can |we can )?(?:reach|call|ring|phone) {_HIM} (?:at|on|under) {_PHONE}"),
        ("phone+wechat", False, rf"{_HIS_ZH}(?:微信(?:号)?(?:和|跟|同|、|也是)?(?:电话|手机)(?:号)?|(?:电话|手机)(?:号)?(?:和|跟|同|、)?微信(?:号)?)(?:都|一样|同号|,)*{_IS_ZH}{_PHONE}"),
        ("phone", False, rf"{_HIS_ZH}(?:新的?)?(?:联系电话|办公电话|手机|电话|座机|号码)(?:号码?)?{_IS_ZH}{_PHONE}"),
        ("wechat", False, rf"{_HIS}{_WECHAT}{_IS}{_ID}"),
        ("wechat", False, rf"{_HE}(?:'s|'re| is| are)(?: also)? on (?:wechat|weixin)(?:,? (?:as|under|at|with))?:? {_ID}"),
        ("wechat", True, rf"add {_HIM} on (?:wechat|weixin)(?: as)?:? {_ID}"),
        ("wechat", False, rf"{_HIS_ZH}(?:微信|wechat|weixin)(?:号|id|账号)?{_IS_ZH}{_ID}"),
        ("zone", False, rf"{_HE}(?:'s|'re| is| are| sits?| lives?| works?)(?: now| actually| currently| based| located| sitting)* (?:in|from|out of) (?P<value>{PLACE_EN})"),
        ("zone", False, rf"{_HIS}(?:time ?zone|clock){_IS}(?P<value>{_ZONE}|{PLACE_EN})(?: time)?"),
        ("zone", False, rf"{_HE_ZH}(?:人|公司|现在|其实|目前|就|都|是)*在(?P<value>{PLACE_ZH})(?:办公|工作|上班|那边)?"),
        ("zone", False, rf"{_HIS_ZH}时区{_IS_ZH}(?P<value>{_ZONE}|{PLACE_ZH})(?:时间)?"),
        ("organisation", False, rf"{_HE} works? (?:at|for|with) (?P<value>(?-i:[A-Z0-9\u4e00-\u9fff]).{{1,80}})"),
        ("organisation", False, rf"{_HIS}(?:company|firm|organi[sz]ation|employer)(?: name)?(?: is called| is|:)+ ?(?P<value>(?-i:[A-Z0-9\u4e00-\u9fff]).{{1,80}})"),
        ("organisation", False, rf"{_HIS_ZH}(?:公司|单位|企业)(?:名[字称]?)?(?:是|叫|为|:)+(?P<value>(?!做|不|很|我).{{2,40}})"),
        ("organisation", False, rf"{_HE_ZH}在(?P<value>.{{2,30}}?)(?:工作|上班|任职)"),
        ("lang", True, rf"{_HE} (?:only |just )?(?:speaks?|reads?|writes?|prefers?|understands?) (?:only )?{_TONGUE}(?: only)?"),
        ("lang", True, rf"(?:write|text|speak)(?: to)? {_HIM} in {_TONGUE}"),
        ("lang", True, rf"{_HE_ZH}(?:只|更)?(?:会?(?:说|讲|看|懂|用|看得懂|习惯用)|会){_TONGUE}"),
        ("lang", True, rf"(?:给|跟|和)(?:他们?|她们?|对方|(?P<who>[\u4e00-\u9fff]{{2,8}}?))(?:要|得)?(?:用|说|写|发){_TONGUE}"),
        ("subject", False, r"(?:change|set|rename|update|correct|switch) (?:the |its )?(?:subject|matter|topic|title)(?: line)?(?: of (?:it|this|that|the \w+))? (?:to|into|as):? ?(?P<value>.+)"),
        ("subject", False, r"(?:the )?(?:subject|topic|title)(?: line)? (?:should be|should read|should say|must be|is actually|is now):? ?(?P<value>.+)"),
        ("subject", True, r"rename (?:it|this|that)(?: one)? (?:to|as|into):? ?(?P<value>.+)"),
        ("subject", True, r"(?:it|this|that)(?:'s| is| was) (?:actually |really |rather )?about (?P<value>(?!time|to ).+?)(?:,? (?:and )?not (?:about )?(?P<old>.+))?"),
        ("subject", False, r"(?:把|将)?(?:这件事|这个|这条|它|跟进|提醒)?的?(?:主题|标题|事由|内容|事项)(?:改成|改为|换成|更正为|应该是|应为|是)(?P<value>.+?)"),
        ("subject", False, r"(?:把|将)这(?:件事|件|个|条)(?:跟进|提醒)?(?:改成|改为|换成)(?P<value>.+?)(?:的事情?)"),
        ("subject", True, r"(?:这件事?|这个|这)?(?:其实)?是(?:关于|为了)(?P<value>.+?)(?:的事情?)?(?:,(?:而)?不是(?:关于)?(?P<old>.+?)(?:的事情?)?)?"),
        ("name", False, r"(?:change|set|correct|update) the (?:name|contact|counterpart|person|recipient) (?:from .+? )?to (?P<value>.+)"),
        ("name", True, r"(?:his|her|the|their) name is (?:actually |really )?(?P<value>.+)"),
        ("name", True, r"(?:把|将)?(?:联系人|收件人|名字|姓名|对方的?(?:名字|姓名))(?:写错了,?)?(?:应该是|应为|是|改成|改为|换成|叫)(?P<value>.+)"),
        ("deadline", False, r"(?:the |our |its |their )?(?:dead ?line|due date|cut-?off(?: date)?)\b.{2,60}"),
        ("deadline", True, r"(?:it|this|that|the [\w ]{2,30}?)(?:'s| is| are)? (?:now )?due (?:on|by|at) .{2,40}"),
        ("deadline", True, rf"(?:it|this|that|he|she|they|the [\w' ]{{2,30}}?|(?:mr|ms|mrs|dr)\.? [\w' -]{{2,30}}?) {_MUST} (?!remind).{{2,40}}? (?:by|before|until|no later than) .{{2,40}}"),
        ("deadline", False, r"(?:这件事的?|这个|.{0,6}的)?(?:截止(?:日期|时间|日)?|最后期限)(?:是|为|在|到|改成|改为|改到|:|推迟到|提前到)*.{2,20}"),
        ("deadline", True, r".{2,20}?(?:截止|到期)"),
        ("deadline", True, r".{0,10}(?:必须|务必|一定要)(?:在|赶在)?.{2,12}?(?:之前|以前|前)(?!提醒).{0,10}"),
        ("deadline", True, r".{2,16}?(?:之前|以前|前).{0,4}?(?:必须|务必|一定要)(?!提醒).{0,10}"),
        ("swap", False, r"(?:(?:that|it|this|the (?:name|contact|counterpart|recipient|person|customer|client|buyer|subject))?(?: should| must| ought to)?(?:'s| is| was| be| have been| read| for| about)* )?(?P<value>.+?),? (?:and )?(?:not|instead of|rather than) (?:for |about )?(?P<old>.+)"),
        ("swap", False, r"(?:it'?s |it is |that'?s )?not (?P<old>.+?),? (?:but|it'?s|it is) (?P<value>.+)"),
        ("swap", False, r"(?:change|replace|correct|switch) (?P<old>.+?) (?:to|by|with|into) (?P<value>.+)"),
        ("swap", False, r"(?:应该|应当|其实|这)*是(?:给)?(?P<value>.+?),?(?:而)?不是(?:给)?(?P<old>.+)"),
        ("swap", False, r"(?:这)?不是(?:给)?(?P<old>.+?),?(?:而|应该)*是(?:给)?(?P<value>.+)"),
        ("swap", False, r"(?:把|将)(?P<old>.+?)(?:改成|改为|换成)(?P<value>.+)"),
        ("name", True, r"(?:that|it|this) should (?:be|read|have been) (?P<value>.+)"),
        ("name", True, r"应该是(?P<value>.+)"),
    )
)  # fmt: skip
_NAME = re.compile(
    r"(?i:(?:mr|mrs|ms|miss|dr|prof|madam)\.? [a-z][\w'-]+(?: [a-z][\w'-]+)?)|[A-Z][\w'&.-]*(?: [A-Z][\w'&.-]*){0,3}"
    r"|[\u4e00-\u9fff·]{1,8}(?:总监?|经理|先生|女士|小姐|部长|社长|课长|科长|主任|工|桑|老板|老师|秘书|博士|律师)"
)
_CLAUSE = re.compile(r"(?:i|we|you|he|she|they|is|are|please|remind|do|don't|let|it)\b|我们?|你们?|提醒", re.IGNORECASE)
_NAME_TOLD = re.compile(rf"(?:{_NAME.pattern})|[\u4e00-\u9fff·]{{2,4}}")


def told(text: str) -> list[Told]:
    """What a whole message tells of a follow-up: one thing, or one for each of its parts; empty: it tells something else."""
    if len(text) > _LONGEST:
        return []
    said = " ".join(unicodedata.normalize("NFKC", text).replace("’", "'").split())
    said = _TRAIL.sub("", _LEAD.sub("", said, count=1) if _LEAD.match(said) else said)
    if not said or _QUESTION.search(said):
        return []
    if whole := _one(said):
        return whole
    parts = [_one(part) for part in _PARTS.split(said) if part]
    found = [one for part in parts for one in part]
    fields = [one.field for one in found]
    return found if len(parts) > 1 and all(parts) and len(set(fields)) == len(fields) and "swap" not in fields else []


def _one(said: str) -> list[Told]:
    for field, weak, pattern in _PATTERNS:
        if found := pattern.fullmatch(said):
            groups = {name: (value or "").strip(" \"“”'「」《》。.,") for name, value in found.groupdict().items()}
            one = Told(field, groups.get("value", ""), groups.get("who", ""), groups.get("old", ""), weak)
            if field == "phone+wechat":
                return [replace(one, field="phone"), replace(one, field="wechat")]
            if _fits(one, said):
                return [replace(one, value=_TONGUES[one.value.lower()])] if field == "lang" else [one]
    return []


def _fits(one: Told, said: str) -> bool:
    """Whether the value can be what the words make it."""
    if one.field == "phone":
        return 7 <= len(re.sub(r"\D", "", one.value)) <= 18 and not re.fullmatch(r"\d{4}[-/.]\d\d?[-/.]\d\d?", one.value)
    if one.field == "wechat" and one.value.isalpha() and said.isascii():  # "his WeChat is blocked"
        return bool(re.search(r"\bid\b|:", said, re.IGNORECASE))
    if one.field == "name":
        return bool((_NAME if one.weak and not re.search("名|人|name", said) else _NAME_TOLD).fullmatch(one.value))
    if one.field == "swap":
        return 1 < len(one.value) <= 60 and not _CLAUSE.match(one.value) and len(one.old) > 1
    return one.field == "deadline" or len(one.value) > 1
