"""Whom does this house know by name, and do these words name them? Names of people and firms taken out of a text. Pure.

A name is taken out whole and by its parts ("Kenji Tanaka", "Tanaka"); a part that is also an ordinary word ("Will", "An")
only where it cannot be that word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.conversations.nameless import ACCOUNT, FIRM, NAME, SURNAME
from bot.followups.places import PLACE_EN, PLACE_ZH
from bot.followups.slots_who import HONORED

_EAST = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
"""Scripts that are written without spaces: there a name is found inside a sentence."""
_LETTER = rf"[^\W{_EAST}]"
_WORD = re.compile(rf"(?:(?![{_EAST}])[^\W\d_])+(?:['’-](?:(?![{_EAST}])[^\W\d_])+)*")
_RUN = re.compile(rf"[{_EAST}]+(?:·[{_EAST}]+)*")
_PARTICLES = frozenset(
    "mr mrs ms miss dr prof sir madam van von de der den del della la le da di dos bin al el san the and of".split()
)
_ORDINARY = frozenset(
    (
        "an will may june april august mark bill rich grant price frank art rose sue pat hope grace dean chase miles chance "
        "cash penny page gene guy joy ray rob sandy victor wade young long king law love so he she you hung man sun song fang "
        "fan gong han tan wan ma ping ho lo do to no in on can me my us her his him hers am are as at be by go if it is or up "
        "we oh see say day bank banks baker cook carter miller fisher hunter taylor mason potter porter turner walker parker "
        "marshall major judge bishop knight black white brown green gray grey gold silver stone wood woods hill field fields "
        "rivers lake forest winter summer spring snow frost bush berry best good goodman strong short small little high low "
        "east west north south sharp swift wise moody noble power powers rush stern stark steel street church park house home "
        "hall gates ford lane post case cross crane drew earnest faith harmony ivy lily daisy olive pearl ruby amber crystal "
        "dawn eve holly iris melody merry misty star sky rain sunny robin jay jack jean dale glen heath cliff reed skip stew "
        "buck chip chuck dick don duke earl ernest max pierce rusty sonny sterling trip van admin user test guest sales info "
        "office support team contact customer buyer supplier client agent manager director target apple oracle general global "
        "international united first new great american german french english japanese chinese asia asian europe european china "
        "trade trading group holding holdings industry industries company limited import export imports exports tech "
        "technology technologies systems system service services solutions design electronics machinery tools metal metals "
        "plastics textile textiles logistics shipping foods food medical pharma energy auto automotive central national royal "
        "northern southern eastern western golden red blue orange sample samples quality"
    ).split()
)
"""Words of our own that are names of people or begin those of firms."""
_MONTHS = frozenset({"may", "june", "april", "august"})
"""Capitalised inside a sentence as well: never a name by themselves."""
_ORDINARY_EAST = frozenset(
    "高兴 高明 高价 高级 高端 方便 方法 方案 方式 马上 安全 安排 何必 何时 何况 成功 平安 平时 平常 常见 常常 万一 黄金 金额 金融 白天 明天 明白 国庆 和平 "
    "建国 文件 文化 成本 关系 关键 关于 时间 时候 任何 温和 温度 严格 严重 施工 钟头 项目 程序 路上 古代 经理 客户 供应商 采购 老板 工厂 公司 管理 管理员 "
    "石油 石头 江湖 林业 田地 夏天 汤圆 钱包 季度 申请 毛利 毛病 单价 单子 包装 计划 应该 利润 胜利 光明 立春 中秋 春节 新年 长城 世界 中国 日本 东方".split()
)
_THREE = re.compile(rf"{SURNAME}[\u4e00-\u9fff]{{2}}")
_FORMS = re.compile(
    r"(?:股份)?有限(?:责任)?公司|株式会社|集团(?:公司)?|公司|[,，]?\s*(?:\b(?:co|ltd|inc|llc|corp|corporation|limited|gmbh|ag|kg|plc|pte|pty|sa|srl|bv|nv|ab|oy|as|kk|spa)\b\.?[\s,&]*)+$",
    re.IGNORECASE,
)
_TRADES = re.compile(r"(?:国际|进出口|贸易|科技|实业|电子|机械|工业|制造|技术|信息|物流|投资|控股|商贸|五金|塑料|纺织|服装)+$")
_PLACED = re.compile(rf"(?:{PLACE_ZH}|[\u4e00-\u9fff]{{2,3}}[省市])+")


@dataclass(frozen=True)
class Known:
    """Whom the house knows: people, firms, and ids of theirs at some vendor."""

    names: Sequence[str] = ()
    firms: Sequence[str] = ()
    accounts: Sequence[str] = ()


def without_known(text: str, known: Known) -> str:
    """The text with marks in the place of these people and firms, the longest names first."""
    said = unicodedata.normalize("NFKC", text).casefold()
    for account in known.accounts:
        if len(account) > 3 and account.casefold() in said:
            text = re.sub(rf"(?<![A-Za-z0-9]){re.escape(account)}(?![A-Za-z0-9])", ACCOUNT, text, flags=re.IGNORECASE)
    forms = {(form, FIRM) for firm in known.firms for form in _forms_of_firm(firm)}
    forms |= {(form, NAME) for name in known.names for form in _forms(name)}
    for form, mark in sorted(forms, key=lambda one: (-len(one[0]), one)):
        if form.casefold() in said:  # nearly none is: an expression for each of thousands would take a second
            text = _pattern(form).sub(mark, text)
    return text


def _forms(name: str) -> Iterator[str]:
    """How somebody of this name is called."""
    name = " ".join(name.split())
    for run in _RUN.findall(name):
        bare = re.sub(rf"{HONORED}$", "", run)
        given = bare[1:] if _THREE.fullmatch(bare) else ""
        yield from (form for form in {run, bare, given} if len(form) > 1 and form not in _ORDINARY_EAST)
    words = [word for word in _WORD.findall(name) if word.casefold() not in _PARTICLES]
    if len(words) > 1:
        yield " ".join(_WORD.findall(name))
    yield from (word for word in words if len(word) > 1)


def _forms_of_firm(firm: str) -> Iterator[str]:
    """How a firm is called: whole, without its legal form, and by its first word where that is its own."""
    bare = " ".join(_FORMS.sub("", firm).split()).strip(" ,.")
    for whole in {" ".join(firm.split()), bare}:
        if len(whole) > 1 and (_RUN.search(whole) is None or whole not in _ORDINARY_EAST):
            yield whole
    for run in _RUN.findall(bare):
        placeless = _PLACED.sub("", run, count=1)
        yield from (
            form
            for form in {run, placeless, _TRADES.sub("", placeless)}
            if len(form) > 1 and form not in _ORDINARY_EAST and not _PLACED.fullmatch(form)
        )
    words = _WORD.findall(bare)
    if len(words) > 1 and len(words[0]) > 2 and not _is_a_word(words[0]):
        yield words[0]


def _is_a_word(word: str) -> bool:
    return word.casefold() in _ORDINARY or bool(re.fullmatch(PLACE_EN, word.casefold()))


def _pattern(form: str) -> re.Pattern[str]:
    """Where this form stands for the name and for nothing else."""
    if _RUN.fullmatch(form):
        return re.compile(re.escape(form))
    spaced = r"\s+".join(map(re.escape, form.split(" ")))
    end = r"(?!-?[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])"  # no "Li" in "Li-ion"
    whole = rf"(?<!{_LETTER})(?<!{_LETTER}-){spaced}{end}"
    if " " in form or not _is_a_word(form):
        return re.compile(whole, re.IGNORECASE)
    if form.casefold() in _MONTHS:
        return re.compile(r"(?!)")
    own = re.escape(form[:1].upper() + form[1:].lower())  # as a name is written, and not because a sentence begins
    return re.compile(rf"(?<![.!?:;\n\"“‘'(–—])(?<![.!?:;\n\"“(–—]\s)(?<!^)(?<!{_LETTER}){own}{end}")
