"""Which cities and zone codes do people name, in both languages? Tables only."""

from __future__ import annotations

CITIES: dict[str, tuple[str, str]] = {
    "Asia/Shanghai": (
        "china|chinese|beijing|peking|bejing|bj|sz|shanghai|shenzhen|guangzhou|ningbo|suzhou|hangzhou|dongguan|yiwu|qingdao|wuhan|chengdu|xiamen|tianjin|nanjing|chongqing|wuxi|foshan|xian|dalian|harbin|prc",
        "北京|上海|深圳|广州|宁波|苏州|杭州|东莞|义乌|青岛|武汉|成都|厦门|天津|南京|重庆|无锡|佛山|西安|大连|哈尔滨|中国|国内|大陆",
    ),
    "Asia/Hong_Kong": ("hong kong|hongkong|hk|hkt", "香港"),
    "Asia/Macau": ("macau|macao", "澳门"),
    "Asia/Taipei": ("taipei|taiwan|taiwanese|kaohsiung|hsinchu", "台北|台湾|高雄|新竹|台中"),
    "Asia/Singapore": ("singapore|singaporean|sgt", "新加坡"),
    "Asia/Tokyo": ("tokyo|japan|japanese|osaka|nagoya|jst", "东京|日本|大阪|名古屋"),
    "Asia/Seoul": ("seoul|korea|korean|busan|daegu|kst", "首尔|韩国|釜山|大邱"),
    "Asia/Ho_Chi_Minh": ("vietnam|vietnamese|hanoi|saigon|ho chi minh(?: city)?|hcmc", "越南|河内|胡志明市?|西贡"),
    "Asia/Bangkok": ("bangkok|thailand|thai|ict", "曼谷|泰国"),
    "Asia/Kolkata": ("india|indian|mumbai|delhi|new delhi|bangalore|chennai|kolkata|pune", "印度|孟买|新德里|德里|班加罗尔"),
    "Asia/Kuala_Lumpur": ("kuala lumpur|malaysia|malaysian|penang|kl", "吉隆坡|马来西亚|槟城"),
    "Asia/Jakarta": ("jakarta|wib|surabaya|indonesian?", "雅加达|印尼|印度尼西亚"),
    "Asia/Manila": ("manila|philippines?", "马尼拉|菲律宾"),
    "Asia/Dubai": ("dubai|uae|abu dhabi|gst", "迪拜|阿联酋"),
    "Europe/London": ("london|uk|british|england|english|bst", "伦敦|英国"),
    "Europe/Dublin": ("dublin|ireland|irish", "都柏林|爱尔兰"),
    "Europe/Berlin": (
        "berlin|germany|german|munich|frankfurt|hamburg|stuttgart|cologne|d[uü]sseldorf|cet|cest|mez|central european",
        "柏林|德国|慕尼黑|法兰克福|汉堡|斯图加特",
    ),
    "Europe/Paris": ("paris|france|french|lyon", "巴黎|法国"),
    "Europe/Madrid": ("madrid|spain|spanish|barcelona", "马德里|西班牙|巴塞罗那"),
    "Europe/Rome": ("rome|italy|italian|milan", "罗马|意大利|米兰"),
    "Europe/Amsterdam": ("amsterdam|netherlands|dutch|rotterdam", "阿姆斯特丹|荷兰|鹿特丹"),
    "Europe/Brussels": ("brussels|belgium", "布鲁塞尔|比利时"),
    "Europe/Zurich": ("zurich|zürich|geneva|switzerland|swiss|basel", "苏黎世|瑞士|日内瓦"),
    "Europe/Vienna": ("vienna|austria|austrian", "维也纳|奥地利"),
    "Europe/Stockholm": ("stockholm|sweden|swedish", "斯德哥尔摩|瑞典"),
    "Europe/Warsaw": ("warsaw|poland|polish", "华沙|波兰"),
    "Europe/Istanbul": ("istanbul|turkey|turkish", "伊斯坦布尔|土耳其"),
    "Europe/Moscow": ("moscow|russian?|msk", "莫斯科|俄罗斯"),
    "America/New_York": (
        "new york|nyc|ny|boston|miami|atlanta|eastern|et|est|edt|us eastern|us east coast|east coast",
        "纽约|波士顿|美东部?|美国东岸|美国东部|东部",
    ),
    "America/Chicago": ("chicago|houston|dallas|central us|us central|ct|cdt", "芝加哥|休斯顿|达拉斯|美中|美国中部|中部"),
    "America/Denver": ("denver|mountain|mdt", "丹佛|美国山区|美国山地|山地"),
    "America/Los_Angeles": (
        "los angeles|san francisco|seattle|california|pacific|pt|pst|pdt|us west coast|west coast|silicon valley",
        "洛杉矶|旧金山|西雅图|加州|硅谷|美西部?|美国西岸|美国西部|太平洋",
    ),
    "America/Toronto": ("toronto|montreal", "多伦多|蒙特利尔"),
    "America/Vancouver": ("vancouver", "温哥华"),
    "America/Mexico_City": ("mexico(?: city)?|mexican", "墨西哥城?"),
    "America/Sao_Paulo": ("brazil|brazilian|s[aã]o paulo", "巴西|圣保罗"),
    "Australia/Sydney": ("sydney|melbourne|aest|aedt|australian?(?: eastern)?", "悉尼|墨尔本|澳洲|澳大利亚"),
    "Australia/Perth": ("perth|awst", "珀斯"),
    "Pacific/Auckland": ("auckland|new zealand|nzst|nzdt", "奥克兰|新西兰"),
    "UTC": ("utc|gmt|zulu|greenwich", "格林尼治(?:标准)?|世界标准|协调世界时?"),
}
AMBIGUOUS: dict[str, tuple[str, ...]] = {
    "cst": ("Asia/Shanghai", "America/Chicago"),
    "ist": ("Asia/Kolkata", "Asia/Jerusalem", "Europe/Dublin"),
    "mst": ("America/Denver", "Asia/Kuala_Lumpur"),
    **dict.fromkeys(
        ("美国", "american", "u.s.", "usa"), ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles")
    ),
}
NAMES: dict[str, tuple[str, str]] = {
    "Asia/Shanghai": ("Beijing", "北京"),
    "UTC": ("UTC", "UTC"),
    "Asia/Kolkata": ("India", "印度"),
    "Asia/Ho_Chi_Minh": ("Vietnam", "越南"),
}
"""Zones that people call otherwise than by their file's name."""
