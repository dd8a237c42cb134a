"""Does a text speak of bank details, or of a change of them? English and Chinese.

Pure and on the careful side: a false alarm costs a telephone call, a missed one the payment. Whoever asks must look at all
of the mail, since a forger can hide words behind what looks like a quotation.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

_TO_SIMPLE = str.maketrans("賬帳戶號變換匯轉這們資訊銀開為給請帐", "账账户号变换汇转这们资讯银开为给请账")
_ACCOUNT = r"(?:bank(?:ing)?|account|payment|beneficiary|remittance|wire|wiring|settlement|payee)"
_DETAILS = r"(?:accounts?|details?|information|info|instructions?|data|coordinates|bank|number|beneficiary|payee)"
_NEW = (
    r"(?:new|changed|updated|different|alternative|alternate|revised|amended|another|other|temporary|replacement|correct(?:ed)?)"
)
_CHANGE_EN = re.compile(
    rf"\b{_NEW}\b[\s\w,'()-]{{0,30}}?\b{_ACCOUNT}\s+{_DETAILS}\b"
    rf"|\b{_NEW}\s+(?:bank|beneficiary|iban|swift|payee)\b"
    r"|\b(?:new|another|different|changed|alternative|temporary)\s+(?:(?:company|usd|rmb|cny|eur|hkd|private|personal)\s+)?accounts?\b"
    rf"|\b{_ACCOUNT}(?:\s+\w+){{0,2}}\s+{_DETAILS}\b[^.!?\n]{{0,40}}\b(?:changed?|changing|updated?|been\s+replaced|no\s+longer|switched)\b"
    rf"|\b(?:bank|bank\s+account|beneficiary|account\s+(?:number|details?))\b[^.!?\n]{{0,40}}\b(?:has|have|is|was|will|are|were)\b[^.!?\n]{{0,25}}"
    rf"\b(?:chang|updat|frozen|freez|audit|suspend|blocked|closed|replac)"
    rf"|\bchang(?:e|es|ed|ing)\b[^.!?\n]{{0,30}}\b(?:of|in|to|our|the)\b[^.!?\n]{{0,20}}\b(?:bank|beneficiary|payee|payment\s+details?|account\s+details?|"
    rf"account\s+number|remittance)\b"
    rf"|\bupdat(?:e|ed|ing)\b[^.!?\n]{{0,30}}\b(?:bank|beneficiary|payment|remittance|wire|wiring)\s+{_DETAILS}\b"
    rf"|\b(?:do\s+not|don'?t|no\s+longer)\b[^.!?\n]{{0,30}}\b(?:pay|use|remit|transfer|wire)\b[^.!?\n]{{0,30}}\b(?:old|previous|former|current)\b"
    rf"[^.!?\n]{{0,20}}\b(?:account|bank)\b",
    re.IGNORECASE,
)
_PAY = re.compile(r"\b(?:pay|paid|remit|wire|transfer|send|deposit|settle|payments?|remittance)\b", re.IGNORECASE)
_TO_NEW = re.compile(
    rf"\b(?:to|into|in|on)\b[^.!?\n]{{0,30}}?\b(?:{_NEW}|following|below)\s+(?:\w+\s+){{0,2}}(?:account|bank|iban|beneficiary)\b",
    re.IGNORECASE,
)
_NOT_BANK_EN = re.compile(
    r"\baccount\s+(?:manager|executive|team|director|representative|owner|statement)\b|\b(?:user|login|log-in|e-?mail|wechat|portal|website|online|trial|customer)"
    r"\s+account\b",
    re.IGNORECASE,
)
_NOT_BANK_ZH = re.compile(
    r"(?:微信|登录|用户|邮箱|公众|抖音|平台|会员|系统|网站|企业微信|QQ)的?(?:新的?)?[账]?[户号]+", re.IGNORECASE
)
_KONTO = r"(?:收款|付款|汇款|银行|公司|对公|打款|结算|开户)?(?:的)?(?:账户|账号|户头|银行账|开户行|收款行|收款人|收款方|卡号)"
_NEW_ZH = r"(?:新|变更|更改|更换|换|改|变动|调整|修改|更新|变|另|其他|别的|临时|以下|下面|下列|如下|个人|私人)"
_CHANGE_ZH = re.compile(
    rf"{_NEW_ZH}[^。！？\n]{{0,8}}?{_KONTO}"
    rf"|{_KONTO}(?:信息|资料|名称)?[^。！？\n]{{0,10}}?(?:变|改|换|更新|调整|停用|冻结|作废|不再使用|不能用|注销|审计)"
    rf"|(?:汇|打|付|转|存|支付)(?:款|账|钱)?(?:到|至|入|给|进)[^。！？\n]{{0,10}}(?:新|另|以下|下面|下列|如下|个人|私人|别的|其他|这个|此)[^。！？\n]{{0,8}}(?:账|户|卡|银行)"
    rf"|银行(?:信息|资料|卡)[^。！？\n]{{0,8}}(?:变|改|换|更新)|(?:变|改|换|更新|新)[^。！？\n]{{0,6}}银行(?:信息|资料|卡)"
    rf"|(?:不要|别|勿|请勿)[^。！？\n]{{0,8}}(?:汇|打|付|转)[^。！？\n]{{0,10}}(?:旧|原|以前|之前)[^。！？\n]{{0,8}}(?:账|户)"
)
_DETAILS_ANY = re.compile(
    r"\biban\b|\bswift\b|\bbic\b\s*[:：]|\b(?:bank|beneficiary|wire|remittance)\s+(?:account|details|name|address|instructions)\b|"
    r"\baccount\s+(?:no|number|#)|收款账|银行账|开户行|收款行|开户银行|银行资料|汇款资料|付款资料|账号\s*[:：]",
    re.IGNORECASE,
)
_TOPIC = (
    *("account", "bank", "beneficiary", "payee", "payment", "iban", "swift", "bic", "remit", "wire", "wiring", "settlement"),
    *("账", "户", "卡", "银行", "收款", "开户", "汇款", "打款"),
)
"""Without one of these words no rule below can hold: most mails need no closer look."""
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")
_LETTERS = re.compile(r"[ .](?<=\b[a-z].)(?=[a-z]\b)", re.IGNORECASE)
_BLANKS_AT_END, _BROKEN_LINE = re.compile(r"(?<![ \t])[ \t]+\n"), re.compile(r"\n[ \t]*(?=[a-z])")
LONGEST = 20_000


def speaks_of(said: str) -> Literal["", "details", "change"]:
    """`change`: the mail asks to pay elsewhere than before; `details`: it names bank details."""
    said = _plain(said)
    small = said.lower()
    if not any(word in small for word in _TOPIC):
        return ""
    english = _NOT_BANK_EN.sub(" ", said)
    chinese = _NOT_BANK_ZH.sub(" ", said)
    sends = any((pay := _PAY.search(part)) and _TO_NEW.search(part, pay.end()) for part in re.split(r"[.!?\n]", english))
    if sends or _CHANGE_EN.search(english) or _CHANGE_ZH.search(chinese):
        return "change"
    return "details" if _DETAILS_ANY.search(english) and _DETAILS_ANY.search(chinese) else ""


def _plain(said: str) -> str:
    """Wide and traditional characters made plain, invisible ones removed, spaced-out letters joined."""
    said = said[:LONGEST]
    if not said.isascii():
        said = _INVISIBLE.sub("", unicodedata.normalize("NFKC", said).translate(_TO_SIMPLE))
        said = re.sub(r"(?<=[\u4e00-\u9fff])[ \t]+(?=[\u4e00-\u9fff])", "", said)
    if " \n" in said or "\t\n" in said:
        said = _BLANKS_AT_END.sub("\n", said)
    said = _BROKEN_LINE.sub(" ", said)
    return _LETTERS.sub("", said)
