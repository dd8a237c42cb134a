"""Which of Python's codecs read text with this charset label? Data, with the labels that real mail carries.

GB2312 on the label is GBK or GB18030 in the bytes more often than not, Big5 is Hong Kong's: the wider codec comes first.
"""

from __future__ import annotations

import re

_GB = ("gb18030",)
_BIG5 = ("big5hkscs", "cp950")
_LABELS: dict[tuple[str, ...], str] = {
    ("utf-8",): "utf8 unicode11utf8 utf8mb4 xutf8 cp65001 unicode",
    ("utf-7",): "utf7 unicode11utf7",
    ("utf-16",): "utf16 ucs2",
    ("utf-16-le",): "utf16le",
    ("utf-16-be",): "utf16be",
    _GB: "gb2312 gb231280 gb gbk xgbk cp936 ms936 windows936 gb18030 gb180302000 gb180302005 gb180302022 euccn eucgb2312 "
    "xeuccn csgb2312 csiso58gb231280 chinese iso58gb isoir58 936",
    ("hz", "gb18030"): "hz hzgb2312 hzgb",
    ("iso2022_jp_2", "gb18030"): "iso2022cn iso2022cnext",
    _BIG5: "big5 big5hkscs bigfive cnbig5 xbig5 xxbig5 csbig5 cp950 ms950 windows950 big5tw 950",
    ("cp932",): "shiftjis sjis xsjis cp932 windows31j ms932 ms kanji mskanji",
    ("euc_jp",): "eucjp xeucjp",
    ("iso2022_jp_2", "iso2022_jp_ext"): "iso2022jp iso2022jp1 iso2022jp2 csiso2022jp",
    ("cp949",): "euckr ksc5601 ksc56011987 ksc56011989 cp949 uhc windows949 csksc56011987",
    ("iso2022_kr",): "iso2022kr",
    ("cp874",): "tis620 cp874 windows874 iso885911",
    ("cp1258",): "windows1258 cp1258",
    ("latin-1",): "iso88591 latin1 l1 isoir100 cp819",
    ("cp1252", "latin-1"): "windows1252 cp1252 ansi",
    ("iso8859-15",): "iso885915 latin9",
    ("koi8-r",): "koi8r",
    ("koi8-u",): "koi8u",
}
_OTHER_ISO = {f"iso8859{n}": (f"iso8859-{n}",) for n in (2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 16)}
_OTHER_WINDOWS = {f"{prefix}{n}": (f"cp{n}",) for n in (1250, 1251, 1253, 1254, 1255, 1256, 1257) for prefix in ("windows", "cp")}
_BY_LABEL = {label: codecs for codecs, labels in _LABELS.items() for label in labels.split()} | _OTHER_ISO | _OTHER_WINDOWS
_NOT_ALNUM = re.compile(r"[^a-z0-9]+")


def codecs_of(label: str) -> tuple[str, ...]:
    """Codecs to try in order; none for unknown labels and for ASCII, where the bytes themselves must tell."""
    return _BY_LABEL.get(_NOT_ALNUM.sub("", label[:60].lower()), ())


def is_traditional(label: str) -> bool:
    """Whether the label is of a charset for traditional characters."""
    return codecs_of(label) == _BIG5
