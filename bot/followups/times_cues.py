"""Which words beside a time tell what it is there for: the reminder, what it is not, somebody's name? Patterns only."""

from __future__ import annotations

import re

CUE_BEFORE = re.compile(
    r"(?:(?:remind|nudge|ping|alert|wake|tell|ask|notify|prompt|poke|buzz)(?: me| us)?(?: again| please| pls)?|reminder|(?:snooze|push|move|postpone|delay|shift|bump|defer|reschedule|change|put|set|schedule)"
    r"(?: (?:it|that|this|them|the \w+|[\w']+ \w+|\w+))?(?: (?:to|until|till|for|back to|off (?:to|until)))?|due|follow[- ]?up|come back(?: to (?:it|me))?|get back to me|提醒我?一?下?|叫我|通知我|改到|推到|延到|推迟到|延后到|挪到|安排在|定在|定到|改成|改为|设在|推迟|延后)"
    r"[\s,:，：]*(?:at|on|in|by|for|the|about it|again|就|在|是)*[\s,:]*$"
)
CUE_AFTER = re.compile(
    r"[\s,，:]*(?:(?:please |pls |can you |could you |kindly )?(?:remind|nudge|ping|alert|poke) (?:me|us)|请?(?:再|就|来|记得|帮我|帮忙|给我|请|你)*(?:提醒|叫我|通知我|喊我|call我|ping我|remind)|到点|到时候?|(?:回来|回国|上班|开工|开会)?后?(?:再|就|才)(?:来|去)?(?:提醒|联系|跟进|催|问|说|打|聊|谈|找|看)|(?:联系|跟进|催|打电话|打给)(?!了|过|的))"
)
DENIED = re.compile(
    r"(?:(?<![a-z])(?:not|n't|rather than|instead of|except|skip|forget|cancel|(?:any ?)?(?:day|time|thing) but|all but)(?: on| at| the)*\s+|不是|而不是|除了?|原定(?:在|于)?|本来(?:是|定|说|约)?(?:在|于)?|别(?:在|等|到)?|不要(?:在)?|不用(?:等)?|不)$"
)
NAMED = re.compile(r"(?<![a-z])(?:mr|mrs|ms|miss|dr|prof)\.? [a-z]*$")
"""A title before what would be a word of time."""
AFTER_EVENT = re.compile(r"(?:等|待|等到)(?![过再到]?(?:个|他们?|我|你)?$)[\u4e00-\u9fff]{2,}$")
"""等报价发出去两天后: from a day on that nobody knows yet."""
MOVED = re.compile(r"(?<![a-z])(?:moved|changed|shifted|pushed|rescheduled|postponed) (?:it )?$")
"""Moved from two to three: which one counts is asked."""
