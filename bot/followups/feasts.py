"""Which feasts do people name, in which words, and what does the calendar library call them?

Data only. `library` is sought in the library's English names; `countries` are those whose calendar has the feast,
most likely first. A feast in every calendar has no countries.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Feast:
    """One feast: how the library, English speakers and Chinese speakers call it."""

    en: str
    zh: str
    known_as: str
    words_en: str
    """Alternatives of a regular expression, lower case."""
    words_zh: str
    countries: tuple[str, ...] = ()
    later: int = 0
    """Days from the library's day to the feast."""


FEASTS: dict[str, Feast] = {
    "spring": Feast(
        "Chinese New Year",
        "春节",
        r"(?:chinese|lunar|korean) new year(?!'s eve)",
        r"cny|lny|(?:chinese|lunar|korean) new year(?:'?s)?|chinese ny|spring festival|t[eế]t(?= holiday|\b)|seollal",
        r"春节|农历新年|中国新年|旧历年|过年(?!会)|年假|过大年|农历年",
        ("CN", "HK", "TW", "SG", "VN", "KR", "MY", "ID"),
    ),
    "eve": Feast(
        "Chinese New Year's Eve",
        "除夕",
        r"(?:chinese|lunar) new year's eve|preceding korean",
        r"(?:chinese|lunar) new year'?s? eve|cny eve",
        r"除夕|大年三十|年三十|年夜",
        ("CN", "TW", "VN"),
    ),
    "national": Feast(
        "National Day",
        "国庆节",
        r"^national day|national foundation day",
        r"(?:the )?(?:chinese )?national day(?: week)?|october holidays?|oct(?:ober)? golden week",
        r"国庆节?|(?<![双\d二三四五六七八九])十一(?=长假|假期|黄金周|放假|放完假|国庆|回来|期间|之?[前后])|双十节",
        ("CN", "HK", "TW", "SG", "KR", "VN", "MY"),
    ),
    "golden": Feast("Golden Week", "黄金周", r"^national day|showa day|greenery day", r"golden week", r"黄金周", ("CN", "JP")),
    "midautumn": Feast(
        "Mid-Autumn Festival",
        "中秋节",
        r"mid-autumn|chuseok",
        r"mid-?\s?autumn(?: festival| day)?|moon ?cake festival|moon festival|chuseok",
        r"中秋节?|八月节",
        ("CN", "HK", "TW", "KR"),
    ),
    "qingming": Feast(
        "Tomb-Sweeping Day",
        "清明节",
        r"tomb-sweeping",
        r"qing ?ming(?: festival)?|tomb[- ]sweeping(?: day)?",
        r"清明节?",
        ("CN", "HK", "TW"),
    ),
    "dragonboat": Feast(
        "Dragon Boat Festival",
        "端午节",
        r"dragon boat",
        r"dragon[- ]?boat(?: festival| day)?|duanwu",
        r"端午节?",
        ("CN", "HK", "TW"),
    ),
    "mayday": Feast(
        "May Day",
        "五一劳动节",
        r"labou?r day|may day",
        r"may day(?: holidays?)?|may holidays?",
        r"五一(?:劳动)?节?(?:长假|小长假|假期)?(?![路街广大号村])",
        ("CN", "HK", "TW", "SG", "VN", "KR", "TH", "IN", "MY", "ID", "DE", "FR"),
    ),
    "labour": Feast(
        "Labour Day",
        "劳动节",
        r"labou?r day",
        r"labou?r day",
        r"劳动节",
        ("CN", "HK", "TW", "SG", "VN", "KR", "TH", "IN", "MY", "ID", "DE", "FR", "US"),
    ),
    "newyear": Feast(
        "New Year's Day",
        "元旦",
        r"^new year's day|^founding day of the republic",
        r"(?:western )?new year(?:'?s)?(?: day)?|jan(?:uary)? holidays?",
        r"元旦节?|阳历年|公历新年|新年",
    ),
    "christmas": Feast(
        "Christmas", "圣诞节", r"^christmas(?: day)?(?! eve)", r"christmas(?: day| holidays?)?|xmas|x-mas", r"圣诞节?"
    ),
    "goodfriday": Feast("Good Friday", "耶稣受难日", r"^good friday", r"good friday", r"耶稣受难日|受难节"),
    "easter": Feast("Easter", "复活节", r"^good friday", r"easter(?: sunday)?", r"复活节", later=2),
    "eastermonday": Feast("Easter Monday", "复活节星期一", r"^good friday", r"easter monday", r"复活节(?:星期一|周一)", later=3),
    "blackfriday": Feast("Black Friday", "黑色星期五", r"^thanksgiving", r"black friday", r"黑色星期五|黑五", ("US",), later=1),
    "thanksgiving": Feast("Thanksgiving", "感恩节", r"^thanksgiving", r"thanksgiving(?: day)?", r"感恩节", ("US", "CA")),
    "songkran": Feast("Songkran", "泼水节", r"songkran", r"songkran", r"泼水节|宋干节", ("TH",)),
    "diwali": Feast("Diwali", "排灯节", r"diwali|deepavali", r"diwali|deepavali", r"排灯节|屠妖节", ("IN", "SG", "MY")),
    "eid": Feast(
        "Eid al-Fitr",
        "开斋节",
        r"eid al-fitr",
        r"eid(?: al[- ]fitr)?|hari raya|lebaran|ramadan|idul fitri",
        r"开斋节|斋月",
        ("ID", "MY", "SG", "IN"),
    ),
    "vesak": Feast(
        "Vesak Day",
        "卫塞节",
        r"vesak|visakha|buddha",
        r"vesak(?: day)?|buddha'?s birthday",
        r"卫塞节|佛诞",
        ("SG", "MY", "TH", "HK", "KR"),
    ),
}

NAMES_ZH: dict[str, str] = {
    "new year's day": "元旦",
    "founding day of the republic of china": "元旦",
    "chinese new year": "春节",
    "lunar new year": "春节",
    "korean new year": "春节",
    "chinese new year's eve": "除夕",
    "lunar new year's eve": "除夕",
    "chuseok": "中秋节",
    "mid-autumn festival": "中秋节",
    "the day following mid-autumn festival": "中秋节翌日",
    "national day": "国庆节",
    "labor day": "劳动节",
    "labour day": "劳动节",
    "national labor day": "劳动节",
    "international labor day": "劳动节",
    "tomb-sweeping day": "清明节",
    "dragon boat festival": "端午节",
    "double ninth festival": "重阳节",
    "christmas day": "圣诞节",
    "christmas": "圣诞节",
    "good friday": "耶稣受难日",
    "easter monday": "复活节",
    "easter sunday": "复活节",
    "eid al-fitr": "开斋节",
    "eid al-adha": "宰牲节",
    "vesak day": "卫塞节",
    "buddha's birthday": "佛诞",
    "the buddha's birthday": "佛诞",
    "diwali": "排灯节",
    "songkran festival": "宋干节",
    "independence day": "独立日",
    "thanksgiving day": "感恩节",
    "thanksgiving": "感恩节",
    "hong kong s.a.r. establishment day": "香港特区成立纪念日",
    "memorial day": "阵亡将士纪念日",
    "constitution day": "宪法纪念日",
    "liberation day": "光复节",
    "hangul day": "韩文节",
    "national foundation day": "开天节",
    "islamic new year": "回历新年",
    "malaysia day": "马来西亚日",
    "hung kings' commemoration day": "雄王节",
    "new year holidays": "年末年始假期",
}
"""Library's English name, lower case → Chinese, for countries whose library has no Chinese."""
