"""Does somebody want to know, or have, what is kept about themselves? Recognised by the whole message, never guessed. Pure.

"They want all our data" and "should I export our customer data to them?" are questions for the cards: the data must be
one's own, and nobody else may be the one who wants or gets it.
"""

from __future__ import annotations

import re

from bot.intents.normalise import normalise

LONGEST = 160
"""Characters: whoever tells a story asks for advice."""


def asked_for(text: str) -> bool:
    """Whether the message asks for one's own data, and is nothing else."""
    if len(text) > LONGEST:
        return False
    said = normalise(text).strip(" .,:;!?。！？…~")
    return bool(_ENGLISH.fullmatch(said) or _CHINESE.fullmatch(_MARKS.sub("", said).replace("您", "你")))


_LAW = r"(?:under|pursuant to|according to|by|as per|based on) (?:the )?(?:art(?:icle|\.)? ?\d+(?:,? of)?(?: the)? )?(?:gdpr|pipl|dsgvo)(?: art(?:icle|\.)? ?\d+)?"
_LEAD = (
    r"(?:(?:hi|hello|hey|ok|okay|so|and|please|pls|plz|kindly|now|also|can you|could you|would you|will you|can i|could i|may i"
    r"|i(?:'d| would)? (?:want|need|like|wish)(?: you)?(?: to)?|i request|how (?:can|do|could) i|how to|let me|help me(?: to)?|is it possible to|is there a way to"
    rf"|before you (?:delete|erase) (?:it|everything|my account|my data)|{_LAW})[,.!:]? )*+"
)
_VERB = (
    r"(?:(?:export|download|get|obtain|receive|have|see|show|send|give|e-?mail|mail|take|extract|access|view|request|pull|save|tell|forward|provide"
    r"|back ?up|copy|know|find out)(?: me| with| to)?(?: access to)? )"
)
_DATA = r"(?:data|datas|info|infos|information|records?)"
_MINE = (
    r"(?:(?:a |an |the )?(?:full |complete |whole )?(?:copy|export|file|dump|list|overview|backup) (?:of|with) )?"
    rf"(?:(?:all|everything|any|the|of|whole|entire) )*+my (?:(?:own|personal|private|stored|saved|chat|user|account|whole|entire|full) )*+{_DATA}"
)
_TALK = r"(?:(?:all|of|a copy of|the|whole|entire) )*my (?:(?:whole|entire|full|old) )?(?:chats?|chat history|conversations?|conversation history|questions and answers)"
_YOU = r"(?:you|u|caucus|this (?:bot|app|tool|coach|thing)|the (?:bot|app|coach|system))"
_KEEP = (
    r"(?:have|has|got|hold|holds|keep|keeps|know|knows|store|stores|stored|saved|save|saves|remember|remembers|remembered|collect|collects|collected"
    r"|record|recorded|noted|gathered|kept|learned|learnt|keeping|storing|saving|collecting|holding|on file)"
)
_ME = r"(?:on|about|of|from|for|regarding|concerning) (?:me|myself|my account|my person)"
_WHAT = rf"(?:everything|all|what|whatever|(?:which|what|any|the|all|all the|what kind of|what sort of) (?:personal )?(?:{_DATA}|things|stuff|details)|data|information)"
_HELD = rf"{_WHAT}(?: that| exactly| all| else){{0,2}}(?: do| does| did| have| has| are| is)? {_YOU}(?:'ve|'re)?(?: (?:have|has|are|actually|really|already|all|currently|now|{_KEEP})){{0,4}} {_KEEP}(?: up| together)? {_ME}"
_HAD = rf"(?:{_HELD}|{_WHAT}(?:'s| is| are|'re| has been| was) (?:being )?(?:stored|kept|saved|known|on file|recorded|collected|held|remembered)(?: here)? {_ME})"
_KEPT = (
    rf"(?:do|are|did|have|does) {_YOU} (?:still |also |actually )?{_KEEP} (?:any(?:thing| of)? )?(?:(?:all )?my (?:personal )?(?:{_DATA}|chats|messages|conversations|questions)"
    rf"|(?:(?:personal )?{_DATA} )?{_ME})"
)
_LONG = rf"(?:for )?how long (?:do you|are|is|will you|does {_YOU}) (?:keep |store |save )?my (?:personal )?(?:{_DATA}|chats|messages|questions|conversations)(?: (?:be )?(?:kept|stored|saved))?"
_NAMED = r"(?:my (?:personal )?data|(?:my )?(?:personal )?data export|export (?:of )?(?:personal )?data|(?:make |file )?(?:a |an |my )?(?:(?:gdpr|pipl|dsgvo) )?(?:data )?(?:subject )?access request|(?:gdpr|pipl|dsgvo) (?:data )?(?:export|request))"
_TAIL = (
    r"(?:,? (?:please|pls|plz|thanks|thank you|now|today|right now|here|in here|(?:as|in|into)(?: an?| one)?(?: (?:json|csv|zip|pdf|text|excel|machine-readable))?(?: (?:file|format|document))?"
    r"|to (?:me|a file|my (?:computer|laptop|pc|phone|mail|e-?mail|inbox))|for (?:me|myself|my records)|from (?:here|you|caucus|this bot|this app|the bot|the app)|by e-?mail|so far|somehow|first"
    rf"|and (?:then )?(?:delete|erase) (?:it|everything|all|my account|my data)(?: afterwards| after that)?|before i (?:leave|go)|{_LAW}))*+"
)
_ENGLISH = re.compile(
    rf"{_LEAD}(?:{_VERB}(?:{_MINE}|{_HAD})|(?:export|download|back ?up|send me|e-?mail me) {_TALK}|{_HAD}|{_KEPT}|{_LONG}|{_NAMED}"
    rf"|a (?:full |complete )?copy of {_MINE}){_TAIL}"
)

_MARKS = re.compile(r"[\s，,、。.!！?？~～:：;；\"“”'‘’（）()…]+")
_ZH_LEAD = (
    r"(?:你好|请问|请|麻烦你?|劳烦|帮我|帮忙|能不能|能否|可不可以|可以|可否|是否可以|我能不能|我能|我可以|我想要?|我要|我需要|我申请|我要求|怎么样?|如何|怎样|在哪里?儿?|哪里|能|给我(?!的)|把|将|先"
    r"|那么?|对了|现在|(?:根据|依据|按照?)个人信息保护法)*+"
)
_ZH_DATA = r"(?:数据|资料|信息|档案|记录|聊天记录|对话记录|提问记录|问答记录|历史记录|对话)"
_ZH_OF_ME = r"(?:关于|有关)?我(?:自己|本人|个人|的|在你?这[里儿边]|全部|所有|完整|一切|账号|账户|隐私|相关|有关|哪些|什么)*+"
_ZH_GET = (
    r"(?:(?:导出来?|汇出|下载|导|拿到|获取|取回|备份|打包|拷贝|复制|查看|查询|查|看看|看|调取|索取|要回|获得|拿走|带走|整理|发|发送|传|提供|寄|给|拷)"
    r"(?:一?下|一份|出来|下来|给?我(?!的|自己|本人)|到我(?:的|这)?(?:邮箱|电脑|手机)?)*+)"
)
_ZH_ALL = r"(?:都|全部?|统统|一起|完整地?|可以|能不能|能|怎么|如何|怎样|在哪里?儿?|可不可以|能否)*+"
_ZH_TAIL = (
    r"(?:吗|么|嘛|呢|吧|啊|呀|好吗|好不好|可以吗|行吗|行不行|可以不|谢谢你?|成文件|为文件|到本地|保存|留底|看看|一下|一份|了)*+"
)
_ZH_YOU = r"(?:你们?|你?这[里儿边]|你那[里儿边]|caucus|这个?(?:机器人|系统|软件|应用|教练)|系统|教练|后台|平台)"
_ZH_KEEP = (
    r"(?:都|到底|究竟|现在|目前|里面?|里头|上|已经|会不会|会|有没有|是不是|是否|还|手里|手上)*+"
    r"(?:存储|储存|保存|存|记录|记住|记得|记|收集|采集|搜集|掌握|保留|留存|留|知道|了解|有)(?:了|着|下了?|过|住了?|到了?|下来了?)?"
)
_ZH_WHAT = r"(?:一?些?什么|哪些|多少|啥)"
_ZH_THING = rf"(?:个人|隐私|私人)*+(?:{_ZH_DATA}|东西|内容|事情?|情况)"
_CHINESE = re.compile(
    rf"{_ZH_LEAD}(?:"
    rf"(?:{_ZH_GET})++{_ZH_OF_ME}{_ZH_THING}"  # 导出我的数据
    rf"|{_ZH_OF_ME}{_ZH_THING}{_ZH_ALL}(?:{_ZH_GET})++"  # 把我的资料发给我
    rf"|(?:{_ZH_GET})?{_ZH_YOU}{_ZH_KEEP}(?:关于|有关)?我(?:的|有关的?|相关的?|本人)*+{_ZH_WHAT}{_ZH_THING}?"  # 你存了我哪些信息
    rf"|(?:{_ZH_GET})?{_ZH_YOU}{_ZH_KEEP}{_ZH_WHAT}(?:个人)?(?:关于|有关|和|跟|与)?我(?:本人)?(?:的|有关的?|相关的?)+{_ZH_THING}"  # 你保存了哪些我的信息
    rf"|(?:{_ZH_GET})?{_ZH_YOU}{_ZH_KEEP}(?:关于|有关)?我(?:的|所有|全部|个人)*+{_ZH_DATA}"  # 你有没有存我的信息
    rf"|(?:关于|有关)我(?:本人)?的?(?:事|信息|资料)?{_ZH_YOU}(?:{_ZH_KEEP})?{_ZH_WHAT}{_ZH_THING}?"  # 关于我你知道些什么
    rf"|我的?(?:哪些|什么){_ZH_THING}(?:会被|被|会)?(?:{_ZH_YOU})?{_ZH_KEEP}"  # 我的哪些信息被保存了
    rf"|(?:{_ZH_GET})?你们?对我(?:了解|知道|记得|掌握)(?:了|得)?{_ZH_WHAT}"  # 你对我了解多少
    rf"|{_ZH_YOU}{_ZH_KEEP}的?(?:所有|全部|一切)?(?:关于|有关|跟|和)?我(?:的|有关的?|相关的?|所有|全部|一切)*+(?:{_ZH_THING})?{_ZH_ALL}(?:{_ZH_GET})++"  # 把你存的关于我的资料都发给我
    rf"|我的(?:个人)?{_ZH_DATA}(?:会|要|能|被)*(?:保存|保留|存储|存)(?:了|在你?这里?)?(?:多久|多长时间|几天|多少天)"  # 我的数据会保存多久
    r"|我的(?:个人)?数据|(?:个人)?数据导出|导出个?人?(?:数据|信息|资料)|下载个人(?:数据|信息|资料)"
    rf"){_ZH_TAIL}"
)
