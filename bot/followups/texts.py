"""What does the person send to the counterpart? Ready texts in the counterpart's language, polite and blaming nobody.

Pure. Never "you have not replied", "reminder", "again" or a deadline; the mail may have got lost, the person never is at
fault; one question, an easy answer, thanks. `{…}` is a slot that the person fills in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.messages import Lang

TASK = "task"
"""The reason of a follow-up that is a thing to do rather than a mail that waits: nudged once, then asked about."""
_TITLED_ZH = re.compile(r"[\u4e00-\u9fff]{1,4}(?:总|经理|主任|董事长|董|工|老师|教授|博士|先生|女士|小姐|厂长|部长|科长|处长|局长|院长|主管|总监|秘书|律师|会计|老板|书记|主席|社长|所长|校长)$")  # fmt: skip
_HAN = re.compile(r"[\u4e00-\u9fff]")
_GENERIC = re.compile(
    r"(?:(?:the|our|my|a|an|that|this|their)\b.*|(?:potential |new |chinese )?(?:buyers?|clients?|customers?|suppliers?|vendors?|factory|"
    r"agents?|partners?|distributors?|counterparts?|them|him|her|he|she|they|somebody|someone|team|people|boss)|"
    r"(?:这个|那个|我们的?|咱们的?|新)?(?:客户|买家|卖家|买方|卖方|供应商|工厂|厂家|厂里|代理|代理商|经销商|对方|合作方|伙伴|甲方|乙方|他们|她们|他|她|人家|老外|采购|业务员)|.{1,6}那边)",
    re.IGNORECASE,
)

TEXTS: dict[str, dict[Lang, str]] = {
    "notice": {
        "en": "{hello}, this is {me}. I have just e-mailed you about {subject}. International mail sometimes lands in the spam folder, so I wanted to let you know here as well. No hurry, thank you!",
        "zh": "{hello}，我是{me}。关于“{subject}”的邮件刚刚发到您邮箱了。国际邮件偶尔会被归到垃圾邮件里，所以在这里也跟您说一声。您方便时看一下就好，不着急，谢谢您！",
    },
    "notice_later": {
        "en": "{hello}, this is {me}. I e-mailed you about {subject}. International mail sometimes lands in the spam folder, so I wanted to let you know here as well. No hurry, thank you!",
        "zh": "{hello}，我是{me}。关于“{subject}”的邮件已经发到您邮箱了。国际邮件偶尔会被归到垃圾邮件里，所以在这里也跟您说一声。您方便时看一下就好，不着急，谢谢您！",
    },
    "call": {
        "en": "{hello}, international e-mail is not always reliable, so I am not sure whether my message about {subject} came through. I would gladly explain the main points by phone, so as not to take up your time with reading. Would {times} suit you for a ten-minute call? Thank you!",
        "zh": "{hello}，国际邮件有时不太稳定，我不太确定关于“{subject}”的邮件是否顺利发到了您那边。要点想在电话里跟您说明一下，免得您再花时间看邮件。不知{times}您是否方便？大约十分钟就好，谢谢您！",
    },
    "points": {
        "en": "{hello}, international e-mail is not always reliable, so I am not sure whether my message about {subject} came through. May I send the main points here? A short “received” is quite enough. Thank you!",
        "zh": "{hello}，国际邮件有时不太稳定，我不太确定关于“{subject}”的邮件是否顺利发到了您那边。方便的话，我把要点也发在这里，可以吗？您回个“收到”就好，辛苦您了！",
    },
    "notice_phone": {
        "en": "{hello}, this is {me}. I have e-mailed you about {subject}. International mail sometimes lands in the spam folder, so I wanted to tell you in person as well. No hurry, thank you!",
        "zh": "{hello}，我是{me}。关于“{subject}”的邮件已经发到您邮箱了。国际邮件偶尔会被归到垃圾邮件里，所以打个电话跟您说一声。您方便时看一下就好，不着急，谢谢您！",
    },
    "other": {
        "en": "{hello}, one more thing on {subject} that may be useful to you: {one new fact}. If a colleague of yours looks after this, I will gladly write to them directly. A short “received” is quite enough. Thank you for your help!",
        "zh": "{hello}，关于“{subject}”，还有一点情况可能对您有用：{一条新信息}。如果这件事由您的同事负责，我也可以直接跟他联系。您回个“收到”就好，给您添麻烦了，谢谢！",
    },
    "colleague": {
        "en": "Hello, this is {me}. I e-mailed {name} about {subject} and would like to make sure that it arrived. May I ask you to let them know, or to tell me who best to speak to? Thank you for your kind help!",
        "zh": "您好，我是{me}。关于“{subject}”的邮件我已发给{name}，想确认一下是否顺利收到。麻烦您方便时帮忙转告一声，或者告诉我联系哪一位比较合适，谢谢您！",
    },
    "after_holiday": {
        "en": "{hello}, I hope you and your family had a good holiday ({feast}). When the first busy days are over, I would be glad to hear your thoughts on {subject}, which I sent earlier. Wishing you a good start!",
        "zh": "{hello}，{feast}假期过得好吗？祝您和家人一切顺利。节后事情多，等您忙过这几天，有空时再请您看看之前发给您的“{subject}”。谢谢您！",
    },
    "after_spring_festival": {
        "en": "{hello}, I hope you and your family had a happy Spring Festival. When the first busy days are over, I would be glad to hear your thoughts on {subject}, which I sent before the holiday. Wishing you a good start to the year!",
        "zh": "{hello}，祝您和家人新春快乐、万事如意！节后事情多，等您忙过这几天，有空时再请您看看节前发给您的“{subject}”。祝您开工大吉！",
    },
    "not_delivered": {
        "en": "{hello}, this is {me}. My e-mail about {subject} came back to me, so it seems our mail systems did not connect today. May I send it here instead, or to another address that suits you? Thank you for your help!",
        "zh": "{hello}，我是{me}。关于“{subject}”的邮件被系统退回来了，看来两边的邮件系统今天没有连上。我可以直接发在这里，或者发到您方便的另一个邮箱吗？给您添麻烦了，谢谢！",
    },
    "not_delivered_phone": {
        "en": "{hello}, this is {me}. My e-mail about {subject} came back to me, so it seems our mail systems did not connect today. Where may I send it so that it suits you best? Thank you for your help!",
        "zh": "{hello}，我是{me}。关于“{subject}”的邮件被系统退回来了，看来两边的邮件系统今天没有连上。请问改发到哪里您比较方便？给您添麻烦了，谢谢！",
    },
    "back": {
        "en": "{hello}, I hope you are well and had a good time away. When you have caught up, I would be glad to hear your thoughts on {subject}. No hurry, thank you!",
        "zh": "{hello}，您回来了，想必积了不少事情。等您忙过这一阵，方便时再请您看看“{subject}”，不着急，谢谢您！",
    },
    "deputy": {
        "en": "Hello, this is {me}. I understand that {name} is away at the moment. May I ask who kindly looks after {subject} in the meantime? Thank you for your help!",
        "zh": "您好，我是{me}。了解到{name}最近不在，请问这段时间“{subject}”这件事由哪一位负责？麻烦您了，谢谢！",
    },
    "decide": {
        "en": "{hello}, I would like to plan the next weeks with care and wonder how {subject} looks from your side. If the time is not right, that is perfectly fine; a short word is enough. Thank you!",
        "zh": "{hello}，我这边想安排一下接下来几周的工作，想听听您对“{subject}”的想法。如果目前时机不合适也完全没关系，您简单说一声就好，谢谢您！",
    },
    "verify_by_phone": {
        "en": "{hello}, for the safety of both companies we check every account by telephone before a payment. I will call you on the number we already have on record for you. Would {times} be convenient? Thank you for understanding.",
        "zh": "{hello}，为保障双方的资金安全，我们公司规定每次付款前都要电话核对收款账户。我会按之前登记的号码给您打电话，{times}方便吗？感谢您的理解与支持！",
    },
}
SLOTS: dict[str, dict[Lang, str]] = {
    "name": {"en": "{Mr Li}", "zh": "{李总}"},
    "me": {"en": "{your name}", "zh": "{你的姓名}"},
    "subject": {"en": "{the matter}", "zh": "{事由}"},
    "times": {"en": "{10:00 or 15:00 your time}", "zh": "{您那边上午10点或下午3点}"},
    "fact": {"en": "{one new fact}", "zh": "{一条新信息}"},
}


@dataclass(frozen=True)
class Filling:
    """What is known to fill a text; empty becomes a slot."""

    name: str = ""
    me: str = ""
    subject: str = ""
    times: str = ""
    feast: str = ""


def ready_text(which: str, lang: Lang, filling: Filling) -> str:
    """The text of this name in the counterpart's language."""
    name = "" if is_generic(filling.name) else filling.name
    values = {
        "hello": hello(name, lang),
        "name": name or SLOTS["name"][lang],
        "me": filling.me or SLOTS["me"][lang],
        "subject": filling.subject or SLOTS["subject"][lang],
        "times": filling.times or SLOTS["times"][lang],
        "feast": filling.feast,
        "one new fact": SLOTS["fact"][lang],
        "一条新信息": SLOTS["fact"][lang],
    }
    return re.sub(r"\{([^{}]+)\}", lambda found: values[found[1]], TEXTS[which][lang])


def hello(name: str, lang: Lang) -> str:
    """The greeting: a Chinese name without a title gets one to choose, an unknown name is a slot."""
    if lang == "en":
        return f"Hello {name or SLOTS['name'][lang]}"
    if name and _HAN.search(name) and not _TITLED_ZH.search(name):
        name = f"{{{name}先生/女士}}"
    return f"{name or SLOTS['name'][lang]}您好" if not name or _HAN.search(name) else f"{name} 您好"


def is_generic(name: str) -> bool:
    """Whether it says what somebody is rather than who: the buyer, 客户."""
    return not name.strip() or "@" in name or _GENERIC.fullmatch(name.strip()) is not None
