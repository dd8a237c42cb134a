"""Whom does a message name? A person, a firm, a role, in both languages, as it is best written on a list.

Pure. Reads a text whose time is cut out already; the patterns stand in the order of their trust.
"""

from __future__ import annotations

import re

from bot.followups.places import PLACE_EN, PLACE_ZH

CUT = "\u2003"
"""Stands where the time was cut out: ends whatever runs up to it."""
MARK = "\u2002"
"""Stands for an e-mail address."""
_TITLE = r"(?:mr|mrs|ms|miss|dr|prof|madam|director|manager|president|professor|chairman|engineer)\.?"
_WHO = (
    rf"(?P<who>(?:(?:the|our|my|a|an|their)\s+(?:[\w'&-]+\s+){{0,2}}?[\w'&-]+?(?:\s+(?:at|from|in)\s+[A-Z][\w&-]*)?"
    rf"|(?i:{_TITLE})\s+[A-Z][\w'-]*(?:\s+[A-Z][\w'-]*)?"
    rf"|[A-Z][\w'&.-]*(?:\s+[A-Z][\w'&-]*){{0,3}}(?:\s+(?:at|from|in)\s+[A-Z][\w&-]*)?"
    rf"|(?:them|him|her|clients?|customers?|buyers?|suppliers?|everyone|(?i:{_TITLE})\s+[a-z]+|[\u4e00-\u9fff]{{2,5}}|[a-z][a-z'-]{{1,20}})))"
)
_END_EN = (
    rf"(?=\s*(?:[,.;:!?{CUT}\n]|$|\b(?:about|regarding|re|concerning|on|for|if|unless|and|but|so|to|with|by|again|back|in|at|when|who|that|"
    r"has|have|had|is|was|does|did|do|will|would|can|could|this|next|the|our|my|a|an|please|pls|yet|today|tomorrow|yesterday|earlier|every|each|twice|once|last|just|now|over|via|because|since|after|before)\b))"
)
_ROLE = (
    r"(?:buyer|client|customer|supplier|vendor|factory|agent|partner|manager|director|secretary|assistant|engineer|lawyer|accountant|boss|team|distributor|forwarder|bank|"
    r"office|owner|c[efto]o|president|chairman|colleague|interpreter|translator|procurement|purchasing|contact|importer|dealer|inspector|broker|rep|buying office)s?"
)
_PERSON = (
    rf"(?P<who>(?:(?:the|our|my|their)\s+(?:[\w'&-]+\s+){{0,3}}?{_ROLE}(?:\s+(?:at|from|in)\s+[A-Z][\w&-]*)?"
    rf"|(?i:{_TITLE})\s+[A-Z][\w'-]*(?:\s+[A-Z][\w'-]*)?|[A-Z][\w'&.-]*(?:\s+[A-Z][\w'&-]*){{0,3}}(?:\s+(?:at|from|in)\s+[A-Z][\w&-]*)?))"
)
"""Surely somebody: after verbs whose object may as well be a thing."""
_NAME = rf"(?P<who>(?:(?i:{_TITLE})\s+)?[A-Z][\w&-]*(?:\s+[A-Z][\w&-]*){{0,2}}|(?:the|our|my)\s+(?:[\w&-]+\s+){{0,2}}?{_ROLE})"
_WHO_EN = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?i:\b(?:follow(?:ing|ed)?[ -]?up|check(?:ing)?(?: in| back)?|touch base|speak|spoke|spoken|talk|talked|met|meet|catch up)\s+(?:again\s+)?with)\s+{_WHO}{_END_EN}",
        rf"(?i:\b(?:sent|send|sending|mailed|e-?mailed|forwarded|wrote|submitted|passed|handed|gave|delivered|showed|shipped|couriered|offered|quoted)\b[^,.;!?\n]{{1,80}}?\bto)\s+{_WHO}{_END_EN}",
        rf"(?i:\b(?:e-?mailed|mailed|wrote(?: to)?|messaged|texted|told|contacted|sent|written to|pinged|quoted))\s+{_WHO}{_END_EN}",
        rf"(?i:\b(?:called|phoned|rang|asked|gave|offered|left|reminded|showed|visited|invited|spoke to|talked to|promised|paid|wechatted|skyped))\s+{_PERSON}{_END_EN}",
        rf"(?i:\b(?:call|ring|phone|text|message|ping|e-?mail|contact|chase|nudge|write(?: to)?|get back to|reach out to|reach|answer|reply to|follow up(?: on)?))\s+{_WHO}{_END_EN}",
        rf"(?i:\b(?:hear(?:d)?(?: back)? from|(?:reply|answer|response|word|news|feedback|mail|e-?mail|quote|quotation|email) from))\s+{_WHO}{_END_EN}",
        rf"(?i:\bwaiting (?:for|on))\s+{_WHO}{_END_EN}",
        rf"\b{_NAME}['’]s\s+(?i:(?:final |written )?(?:reply|answer|response|feedback|confirmation|signature|decision|approval|go-ahead|quote|quotation|e-?mail|call|sign-off))\b",
        rf"(?i:\b(?:ask|send|tell|meet|visit|see|show|give|pay|thank|invite|warn|remind))\s+{_PERSON}{_END_EN}",
        rf"(?i:\bif)\s+{_WHO}\s+(?i:does(?:n't| not)|do(?:n't| not)|has(?:n't| not)|have(?:n't| not)|is(?:n't)?|stays?|still)\b",
        rf"(?i:\bwith)\s+{_NAME}{_END_EN}",
    )
)
_NOT_WHO = re.compile(
    r"(?:me|us|you|it|this|that|up|back|about|on|again|please|reminder|reminders|a reminder|the (?:reminder|follow[- ]?up|mail|e-?mail|message|quote|quotation|offer|contract|"
    r"samples?|drawings?|price(?: list)?|invoice|order|proposal|files?|documents?|meeting|call|deal|payment|shipment|matter)|an? (?:e-?mail|mail|message|quote|quotation|offer|reply|answer|proposal|note|call|contract|text|reminder|follow[- ]?up)|"
    r"with|to|from|by|for|at|in|of|and|not|no|off|out|if|when|by|he|she|they|him|her|them|nobody|anybody|anyone|somebody|someone|one|"
    r"our (?:quote|quotation|offer|contract|samples?|price list|proposal|drawings?)|the|our|my|an?|quote|samples?|contract|offer|everything|something|nothing|i|we|yesterday|today|tomorrow|earlier|just|already|again|later|whether|once|twice|every|each|mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|wechat|whatsapp|skype|teams|zoom|slack|nda|moq)",
    re.IGNORECASE,
)
_NAME_ZH = r"[\u4e00-\u9fffA-Za-z·.]{1,14}?(?:[ ]?[A-Za-z]{2,15})?"
HONORED = r"(?:总监|总(?![部共是价额数结])|副?经理|先生|女士|小姐|太太|部长|社长|课长|科长|处长|主任|主管|总?工程师|工(?![厂作程人资期艺])|桑|老板|老师|秘书|助理|董事?长?(?=[^事长]|$)|博士|教授|律师|会计|哥(?!伦)|姐|叔|师傅|厂长|店长|会长|院长|校长)"
"""What stands behind a Chinese name: 王总, 李经理, 田中桑."""
_ROLE_ZH = r"(?:(?:老|新|大)?(?:客户|买家|买方|卖家|卖方|供应商|工厂|厂家|厂商|代理商?|经销商|采购(?:部|员|经理)?|客人|合作方|货代|分公司|办事处|财务|业务员))"
_THERE = r"(?:那边|那里|这边|方面)"
_PART = r"(?:(?![我你他她它给跟和向把被提醒明后周天今的了])[\u4e00-\u9fffA-Za-z])"
_SOMEBODY = (
    rf"(?:{_PART}{{0,6}}?{HONORED}|[老小阿][\u4e00-\u9fff](?![\u4e00-\u9fff]?[司])|{_ROLE_ZH}|[A-Z][A-Za-z]+(?: [A-Z][A-Za-z]+)?)"
)
_OF_ZH = rf"(?:[\u4e00-\u9fffA-Za-z]{{1,10}}?{_THERE}?的{_SOMEBODY}|{_NAME_ZH})"
"""With the place or firm before it: 日本的田中先生, 华为的李经理."""
_ENDS = rf"[，,。；;！!\s{CUT}]"
_SPEAKS = r"(?:谈|说|聊|讲|问|催|讨论|商量|沟通|确认|关于|告诉|要)"
_WHO_ZH = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:给|向)(?P<who>{_OF_ZH})(?:那边)?(?:打(?:个|过|了)?电话|发(?!票)|寄|写|去|回(?!款)|报(?![价告关表])|传(?!真)|提(?!醒)|送|要(?![求是])|问|订(?!单)|汇|转)",
        rf"(?:跟|和|同|与)(?P<who>{_OF_ZH})(?:那边)?(?:说|联系|谈|跟进|沟通|确认|讲|聊|通|提|打|约|商|讨论|核|开会|见)",
        rf"(?:打(?:个|了|过)?电话|发(?:了|个|条)?[^，,。；\s]{{0,16}}|寄(?:了)?[^，,。；\s]{{0,16}}|写(?:了)?[^，,。；\s]{{0,8}})(?:给|到)(?P<who>{_OF_ZH})(?={_SPEAKS}|了|{_ENDS}|的|要|请|$)",
        rf"(?:联系|催|找|回复|跟进)(?:一下|下)?(?!一下)(?P<who>{_OF_ZH})(?={_THERE}|的|关于|一下|{_SPEAKS}|{_ENDS}|$)",
        rf"等(?P<who>{_OF_ZH})(?:那边)?的?(?:回复|答复|回信|回音|消息|确认|反馈|报价|回)",
        rf"(?:如果|要是|若)(?P<who>{_OF_ZH})(?:还|一直|再)?(?:没|不)",
        rf"(?:请|让|约|约好|通知|拜托|问|告诉|催|找|联系|拜访|见|等|打给)(?:一下|了|过)?(?P<who>(?:{_PART}{{1,10}}?{_THERE}?的)?{_SOMEBODY})",
    )
)
_NOT_WHO_ZH = re.compile(
    r"(?:我|你|您|我们|一下|下|这|那|这个|那个|这件事|那件事|它|邮件|报价|报价单|合同|样品|图纸|价格|进度|结果|进度|事|事情|消息|微信|电话|短信|发|了)+"
)
_PLACED_EN = re.compile(rf"(?P<who>.+?)\s+(?:in|from|at)\s+(?:{PLACE_EN})", re.IGNORECASE)
_PLACED_ZH = re.compile(rf"(?:{PLACE_ZH}){_THERE}?的?(?P<who>.+)")
_FIRST = re.compile(rf"{_PERSON}(?=\s+(?:about|regarding|concerning|re:?|the|our|my|an?|some)\s|\s*(?:$|[,.;{CUT}]))")
_ROLES_ZH = re.compile(rf"{_ROLE_ZH}(?:{_THERE})?")


def first_who(text: str) -> str:
    """Whom the message names first by its most trusted pattern; empty when it names nobody."""
    for pattern in (*_WHO_EN, *_WHO_ZH):
        for found in pattern.finditer(text):
            who = found["who"].strip(" .,，。")
            if who and not _NOT_WHO.fullmatch(who) and not _NOT_WHO_ZH.fullmatch(who) and MARK not in who:
                return listed(who)
    return ""


def starts_with_somebody(text: str) -> str:
    """Whom a piece of a message surely begins with: a title, a name or a role in English; empty when it does not."""
    found = _FIRST.match(text)
    who = found["who"].strip(" .,") if found else ""
    return who if who and not _NOT_WHO.fullmatch(who) else ""


_NAME_EN = r"(?:(?:Mr|Mrs|Ms|Miss|Dr)\.? )?[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)?"
_AND_EN = re.compile(rf"(?P<listed>(?:\s*,\s*{_NAME_EN})*)(?:\s*,)?(?:\s+(?:and|as well as)\s+|\s*&\s*)")
_AND_ZH = re.compile(rf"(?:和|与|跟|及|以及|、)\s*(?P<who>{_PART}{{1,4}}?{HONORED}|{_ROLE_ZH})(?![长师])")
_FIRM = re.compile(r"(?:sons?|partners?|co|company|brothers|associates|sales|team|colleagues?)\b\.?", re.IGNORECASE)
_GOES_ON = re.compile(
    r"\s*(?:$|[,;.!?\d]|(?:about|regarding|re|the|our|my|an?|in|at|on|from|both|to|for|today|yesterday|this|last|just|and|remind)\b)"
)
"""What stands behind a counterpart, rather than what that one did ("… and Ms Wang told me")."""


def beside(text: str, who: str) -> list[str]:
    """Who stands beside the counterpart in the same matter: "Mr Li and Ms Wang about the samples", 给李总、王经理发了样品."""
    at = text.find(who) if who else -1
    if at < 0:
        return []
    rest = text[at + len(who) :]
    if joint := _AND_EN.match(rest):
        last = starts_with_somebody(rest[joint.end() :])
        if not last or _FIRM.match(last) or not _GOES_ON.match(rest[joint.end() + len(last) :]):
            return []
        return [listed(name) for name in (*re.findall(_NAME_EN, joint["listed"]), last)]
    found: list[str] = []
    while joint := _AND_ZH.match(rest):
        found.append(listed(joint["who"]))
        rest = rest[joint.end() :]
    return found


def apart(who: str) -> tuple[str, list[str]]:
    """Two people whom a Chinese message names in one breath (李总和王经理): the first, and the others."""
    first, *others = re.split(r"[和与跟及]|以及", who)
    each = re.compile(rf"{_PART}{{1,6}}?{HONORED}")
    return (first, others) if others and all(each.fullmatch(name) for name in (first, *others)) else (who, [])


def listed(who: str) -> str:
    """Without the place of somebody who has a name ("Kumar in Mumbai", 日本的田中先生); a place alone are those who are there."""
    if re.fullmatch(PLACE_ZH, who):
        return f"{who}那边"
    if (found := _PLACED_ZH.fullmatch(who)) and len(found["who"]) > 1:
        if re.fullmatch(rf"{_THERE}|的", found["who"]):
            return who
        return who if _ROLES_ZH.fullmatch(found["who"]) else found["who"]
    if (found := _PLACED_EN.fullmatch(who)) and not re.match(r"(?:the|our|my|a|an|their)\b", who, re.IGNORECASE):
        return found["who"]
    return re.sub(rf"(?<=.){_THERE}$", "", who)
