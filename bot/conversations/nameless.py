"""What in a sentence names somebody? Titles with names, addresses, firms, account ids, numbers; replaced by marks. Pure.

A name alone that nobody here knows cannot be told from other words; what the house knows is in `nameless_known`.
What carries the question stays: percentages, prices, counts, years, places.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.followups.places import PLACE_EN
from bot.followups.slots_who import HONORED, first_who

_JOINED = r"[^\s@＠\u3000-\u303f\u3400-\u9fff\uff00-\uffef]"
"""What a link or mail address is made of: a Chinese sentence around it, written without spaces, is kept."""
_HAN = "\u4e00-\u9fff"
NAME, FIRM, PLACE, NUMBER, ACCOUNT = "<name>", "<company>", "<address>", "<number>", "<id>"

_SURE = (
    "王李张刘陈杨赵黄吴徐孙胡朱郭罗梁宋郑谢韩唐冯萧袁邓沈彭吕苏卢蒋蔡贾丁魏薛阎潘杜戴汪姜范谭廖邹熊陆郝孔崔康邱秦侯邵孟薄尹黎乔龚庞樊殷陶翟颜倪俞"
    "鲁葛韦毕聂柳邢岳齐庄涂祁舒耿牟卜肖詹凌费纪靳甄曲裴席覃霍翁隋柏柯阮桂闵柴冉辜吉饶刁瞿戚晋苑邬臧褚廉盖穆郎郜栾屠姬窦娄邸佟栗匡鞠荆谌蔺习胥岑牛佘"
)
_MAYBE = (  # what stands before or after them makes them a part of a word
    r"白|董(?!事)|赖(?!总)|(?<![上下本这每一二三四五六七八两几])周|(?<![主责信胜前现历离])任|(?<![如任])何|(?<![工课流过日行全规制])程|(?<![资现佣定奖基押])金"
    r"|(?<![长浙黑])江|(?<![允也或])许|(?<![森])林|(?<![照回])顾(?!问)|(?<![其剩])余|(?<![对双甲乙买卖供需我一三地外贵该各厂东西南北])方|(?<![提最较更])高(?![校层管级等手])"
    r"|(?<![主])史|(?<![由关对至属位等低高])于|(?<![保公治不])安|(?<![正平非通日经])常|(?<![中论条])文|(?<![无海有])关|(?<![主])管(?!理)|(?<![千])万(?!一)|(?<![容不])易"
    r"|(?<![羊])毛|(?<![红绿])叶|(?<![宝])石|(?<![油水农])田|(?<![华])夏|(?<![时])钟|(?<![动])武|(?<![山])洪|(?<![措])施|(?<![木])马|(?<![水])龙|温|(?<![历])曾|(?<![负])傅"
    r"|汤|钱(?!总)|严|姚|左|季|申|古|伍|莫|祝|芦|童|梅|宁(?!波)|路(?=总|经理|先生|女士)"
)
SURNAME = rf"(?:欧阳|上官|司马|诸葛|司徒|东方|慕容|令狐|[{_SURE}]|{_MAYBE})"
"""What a Chinese name begins with: those that seldom are part of another word, and others where they are not."""
_GIVEN = r"[^\W\d_a-zA-Z的了是在和跟与给说要请问我你他她们这那您有没不就也都还去来对把被让叫会能可总副大区采购销售项目客户高级业务财技术产品市场人事部门]"
_NOT_HONORED = "总(?:经销|代理)"
_TITLE_EN = r"(?:(?i:mrs?|ms|dr|prof)\b\.?|Miss|Professor|Madame?|Mister|Herr|Frau)"
_L = "A-Za-z0-9À-ɏ"
"""Letters of a Latin word: a Chinese one beside it belongs to the sentence."""
_CAP = rf"(?:[A-ZÀ-Þ](?:\.(?=\s[A-Z])|[{_L}-]*(?:['’](?!s(?![{_L}]))[{_L}-]+)*))"
_NOT_AFTER_TITLE = r"(?!(?i:excel|office|word|teams|windows|outlook|access|project|or|and|said|says|is|was|will|who|has|had|wants|asks|told|in|at|of|the|from)\b)"
_STREET = r"(?:Avenue|Ave|Street|St|Road|Rd|Lane|Ln|Boulevard|Blvd|Drive|Way|Square|Highway|Hwy|Alley)"
_STREET_LOW = r"(?:avenue|street|road|boulevard)(?![ -]?(?:map|maps|show|shows|block|price))"
_ROOM = r"(?<!Meeting )(?<!meeting )(?<!onference )(?i:\b(?:room|rm\.?|suite|apt\.?|apartment)\s*(?:no\.?\s*)?#?\d{1,5}[a-z]?\b)(?!\s*(?:%|percent))"
_AROUND = rf"(?:,\s*(?:{_ROOM}|{_CAP}(?:\s{_CAP}){{0,2}}|<\w+>|\d{{4,6}})(?=\s*(?:[,.;?!)\n，。]|$)))"
_NUMERAL = r"(?:\d{1,5}|[一二三四五六七八九十百零〇]{1,5})"
_AREA = r"[^\W\d_a-zA-Z在是到寄于从往去位址给送请把跟和与的我你他您们住发]"
_IN_HOUSE = rf"(?:(?:[A-Za-z]|[A-Za-z]?{_NUMERAL}[A-Za-z]?)(?:号楼|栋|幢|座|单元|楼|层|室|房))"
_LTD = r"(?:(?:Co\.?,?\s*)?(?:Ltd|LTD|ltd)\b\.?|Limited\b|(?i:gmbh)\b(?:\s*&\s*Co\.?\s*KG)?|AG\b|(?:Inc|INC|inc)\b\.?|(?i:llc)\b|Corp\b\.?|Corporation\b|S\.A\.|S\.?r\.?l\.|B\.V\.|Pte\b\.?|Pty\b\.?|K\.K\.|PLC\b|LLP\b)"
_OPENERS = (
    r"(?:Should|Can|Could|Would|Will|May|Shall|Do|Does|Did|Is|Are|Was|Were|Has|Have|Had|If|When|What|How|Why|Where|Who|The|A|An|Our|My|Your|Their|Its|This|That|"
    r"And|But|Or|So|Since|For|From|To|With|By|At|In|On|Of|After|Before|As|Not|Please|Tell|Ask|I|We|They|He|She|It|You)"
)
_FIRM_ZH = r"(?:股份有限公司|有限责任公司|有限公司|株式会社|集团公司)"
_NOT_FIRM_ZH = r"(?:注册|成立|设立|开设?|办|外资|合资|独资|内资|什么|怎么|如何|为什么|要不要|能不能|一人|香港|中国|日本|美国|德国|国外|海外|母|子|总|新|老)"
_FIRM_PART = r"[^\W\d_a-zA-Z的了是在和跟与给对向从找问说要我你他她们这那家个叫为把被，。]"
_UNIT = (
    r"(?:%|％|percent|per cent|pcs?|pieces?|units?|sets?|tons?|tonnes?|kg|kilos?|hours?|days?|weeks?|months?|years?|people|"
    r"usd|eur|rmb|cny|gbp|jpy|dollars?|euros?|yuan|pounds?|yen|元|块|件|个|台|套|吨|公斤|箱|双|只|条|张|份|美元|美金|欧元|人民币|日元|万|千|百|小时|天|周|月|年|人)"
)
_NUMBERED = r"(?:(?i:\b(?:order|po|invoice|ref|contract|passport|extension|ext)\b\.?(?:\s*(?:no\b\.?|number|nr\b\.?))?)|\bPO_|(?:单|编|工|房|尾|护照|合同)号|号码)"
_PHONE_ZH = r"[零〇一二三四五六七八九幺两](?:[\s-]?[零〇一二三四五六七八九幺两]){6,}"
_WORDS_EN = (
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|August|September|October|November|December|Christmas|Easter|"
    r"Chinese|Japanese|German|English|American|French|Italian|Korean|Indian|Russian|Spanish|European|Asian|WeChat|Slack|Skype|Zoom|Teams|WhatsApp|Alibaba|Amazon|"
    r"Google|Excel|Word|Incoterms|Paypal|PayPal|Western Union|Canton Fair|Spring Festival|Golden Week|Chinese New Year|New Year|Caucus|Admin|Sales|Finance|Legal"
)
_NO_NAME = re.compile(rf"(?:{_WORDS_EN}|{_OPENERS}|(?i:{PLACE_EN}))\b(?:\s+(?:{_WORDS_EN}|(?i:{PLACE_EN})))*")
_CAPPED = re.compile(r"[A-Z][a-zà-ÿ]+(?:-[A-Z][a-z]+)?(?:\s+(?!from\b|at\b|in\b)[A-Z][a-zà-ÿ]+){0,2}")
_FULL_ZH = re.compile(rf"[{_SURE}][{_HAN}]{{2}}")


def _unless_kept(found: re.Match[str]) -> str:
    """A number, unless what it counts stands beside it."""
    said, before, after = found[0], found.string[: found.start()], found.string[found.end() :]
    counted = re.match(rf"\s*(?:{_UNIT}(?![a-z])|k\b)", after, re.IGNORECASE) or re.search(
        r"(?i:[$€£¥￥]|\busd|\beur|\brmb)\s*$", before
    )
    digits = re.sub(r"\D", "", said)
    if counted and len(digits) <= 9:
        return said
    return NUMBER


def _numbered(found: re.Match[str]) -> str:
    """The number of an order or the like, unless it says how many: "order 300 pcs"."""
    return (
        found[0] if re.match(rf"\s*{_UNIT}(?![a-z])", found.string[found.end() :], re.IGNORECASE) else f"{found['said']}{NUMBER}"
    )


def _firm_en(found: re.Match[str]) -> str:
    """Without the words a sentence begins with; a form of company alone names none."""
    words = found["who"].split()
    kept = []
    while words and re.fullmatch(_OPENERS, words[0]):
        kept.append(words.pop(0))
    named = [word for word in words if not re.fullmatch(_WORDS_EN, word)]
    return " ".join([*kept, FIRM]) if named else found[0]


def _of_firm(found: re.Match[str]) -> str:
    """Where the one who was named comes from, unless that is a place."""
    return found[0] if re.fullmatch(rf"(?i:{PLACE_EN})", found["firm"]) else f"{NAME}{found['by']}{FIRM}"


_PATTERNS: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"(?:https?://|www\.)[^\s\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+"), "<link>"),
    (re.compile(rf"{_JOINED}{{1,64}}[@＠]{_JOINED}{{1,255}}"), "<mail>"),  # bounded: linear in a text without @
    (re.compile(r"(?<![A-Za-z0-9])wxid_[A-Za-z0-9_-]+"), ACCOUNT),
    (re.compile(r"(?i:\b(?:wechat|whatsapp|skype|telegram|line|qq)(?: ?id| ?account)?|微信号?|账号)\s*(?:[:：]|is\b|是|号)\s*(?=[A-Za-z_]*[\d_])[A-Za-z][A-Za-z0-9_.-]{4,}"), ACCOUNT),
    (re.compile(r"(?<![\w@＠.])@[A-Za-z_][A-Za-z0-9_.-]{2,}"), ACCOUNT),
    (re.compile(rf"(?<![\w.])(?P<who>(?:[A-Z0-9][{_L}&'’.-]*\s+){{1,5}}),?\s*{_LTD}"), _firm_en),
    (re.compile(rf"(?<![\w.])(?P<who>(?:[A-Z][{_L}&'’-]*\s+){{0,4}}[A-Z][{_L}&'’-]*),\s*{_LTD}"), _firm_en),
    (re.compile(rf"(?:(?!{_NOT_FIRM_ZH}{_FIRM_ZH}){_FIRM_PART}){{2,16}}(?:[（(][{_HAN}]{{2,4}}[)）])?(?<!注册)(?<!成立)(?<!设立){_FIRM_ZH}|株式会社[{_HAN}ァ-ヶー]{{2,8}}"), FIRM),
    (re.compile(rf"(?:{_AREA}{{2,7}}?(?:省|市|自治区|区|县|镇|乡)){{0,4}}{_AREA}{{1,8}}(?:路|街|大道|道|巷|弄|胡同)(?:{_NUMERAL}弄)?{_NUMERAL}号(?:[{_HAN}]{{2,8}}(?:大厦|大楼|广场|中心|小区|花园))?{_IN_HOUSE}{{0,4}}(?:(?<=[栋幢座楼元])\d{{2,5}})?"), PLACE),
    (re.compile(r"(?<![\dA-Za-z第])[A-Za-z]?\d{1,4}(?:号楼|栋|幢|座|单元|室)(?:[A-Za-z]?\d{1,5}(?:单元|层|楼|室|房))*"), PLACE),
    (re.compile(rf"(?:{_ROOM},?\s*)?(?:(?i:no\.?)\s*)?(?<![\w.,])\d{{1,5}}[A-Z]?,?\s+(?:(?:{_CAP}\s+){{1,4}}{_STREET}\b\.?|(?:(?!years?|months?|weeks?|days?|products?|pieces?|percent)[a-z]+\s+){{1,2}}{_STREET_LOW}\b){_AROUND}{{0,3}}"), PLACE),
    (re.compile(rf"(?:{_CAP}\s+){{1,3}}{_STREET}\b\.?,?\s+(?:No\.?\s*)?\d{{1,5}}[A-Za-z]?\b(?!\s*(?:%|percent)){_AROUND}{{0,3}}"), PLACE),
    (re.compile(r"\b[A-ZÄÖÜ][\wäöüß-]*(?:straße|strasse|str\.|platz|allee|gasse)\s+\d{1,4}[a-z]?\b"), PLACE),
    (re.compile(_ROOM), PLACE),
    (re.compile(r"(?i:\bp\.?\s?o\.? ?box\s+\d+)"), PLACE),
    (re.compile(rf"(?<![A-Za-z]){_TITLE_EN}\s+{_NOT_AFTER_TITLE}{_CAP}(?:\s+(?!{_OPENERS}\b){_CAP}){{0,2}}|(?<![A-Za-z])(?i:mrs?|ms|dr)\b\.?\s+{_NOT_AFTER_TITLE}[a-z][a-z-]+"), NAME),
    (re.compile(r"\b[A-Z][a-z]+[- ](?:san|sama|ssi|nim)\b|\b[a-z]{2,20}-(?:san|sama)\b"), NAME),
    (re.compile(rf"\b(?P<said>(?i:my name is|name's|i am called|contact:|attn\.?:?|attention:)\s+){_CAP}(?:\s+{_CAP}){{0,2}}"), rf"\g<said>{NAME}"),
    (re.compile(rf"(?P<said>我叫|名字叫|联系人[是:：]|收件人[是:：])[{_HAN}]{{2,3}}"), rf"\g<said>{NAME}"),
    (re.compile(rf"(?:[老小阿](?!师))?{SURNAME}{_GIVEN}{{0,2}}?(?!{_NOT_HONORED})(?:{HONORED}(?:(?<=总)经理|(?<=总)裁)?|工(?=[，,。；;！!？?\s]|$))|[老小阿][王李张刘陈杨赵黄吴徐孙胡朱郭罗梁宋郑谢韩唐冯董](?![{_HAN}]?[司板师])"), NAME),
    (re.compile(rf"{NAME}(?P<by>\s+(?:of|from|at|with)\s+)(?P<firm>(?!{_OPENERS}\b)[A-Z][{_L}&-]+(?:\s+[A-Z][{_L}&-]+){{0,3}})"), _of_firm),
    (re.compile(_PHONE_ZH), NUMBER),
    (re.compile(r"(?<![\w])[+(]?\d[\d\s().,/-]{5,}\d(?!\w)"), _unless_kept),
    (re.compile(rf"(?P<said>{_NUMBERED}[\s:：#_-]{{0,3}})(?P<digits>\d{{3,}})"), _numbered),
    (re.compile(r"\d{6,}"), _unless_kept),
)  # fmt: skip


def without(text: str) -> str:
    """The text with marks in the place of what names people, firms, addresses and accounts."""
    for pattern, mark in _PATTERNS:
        text = pattern.sub(mark, text)
    return _without_who(text)


def _without_who(text: str) -> str:
    """Without whom it is about, as the reader of follow-ups finds them, where that surely is a name."""
    for _ in range(3):
        who = first_who(text)
        if not ((_CAPPED.fullmatch(who) and not _NO_NAME.match(who)) or _FULL_ZH.fullmatch(who)):
            break
        text = text.replace(who, NAME)
    return text
