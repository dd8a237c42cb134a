"""The coach's own words around tips, in both languages. The tips themselves stand in the cards."""

from __future__ import annotations

from bot.messages import Lang

WORDS: dict[str, dict[Lang, str]] = {
    "label": {"en": "Tip", "zh": "小贴士"},
    "title.weekly": {"en": "Tip of the week", "zh": "本周小贴士"},
    "title.fortnightly": {"en": "A tip for you", "zh": "给你的小贴士"},
    "title.monthly": {"en": "Tip of the month", "zh": "本月小贴士"},
    # why this one
    "why.followup": {
        "en": "Chosen because you are waiting for {who}.",
        "zh": "选这一条，是因为你正在等{who}的消息。",
    },
    "why.followup.nobody": {
        "en": "Chosen because you are waiting for an answer from the other side.",
        "zh": "选这一条，是因为你正在等对方的消息。",
    },
    "why.holiday": {
        "en": "{feast} begins on {start} where your counterparts are: what is not settled before then waits until after {until}.",
        "zh": "对方那边{start}开始放{feast}假，节前没定下来的，要等{until}以后了。",
    },
    "why.asked": {"en": "Chosen because you looked at “{about}” lately.", "zh": "选这一条，是因为你最近看过“{about}”。"},
    "from": {"en": "From the card “{title}”.", "zh": "出自卡片“{title}”。"},
    # buttons
    "b.read": {"en": "Read the card", "zh": "看整张卡片"},
    "b.useful": {"en": "Useful", "zh": "有用"},
    "b.not_now": {"en": "Not now", "zh": "暂时用不上"},
    "b.fewer": {"en": "Fewer", "zh": "少发一点"},
    "b.another": {"en": "Another tip", "zh": "再来一条"},
    "b.on": {"en": "One every week", "zh": "每周发我一条"},
    "b.on.again": {"en": "Switch the tips on again", "zh": "重新打开小贴士"},
    "b.off": {"en": "Switch the tips off", "zh": "关掉小贴士"},
    "b.weekly": {"en": "Every week", "zh": "每周一条"},
    "b.fortnightly": {"en": "Every two weeks", "zh": "两周一条"},
    "b.monthly": {"en": "Once in four weeks", "zh": "四周一条"},
    "b.out": {"en": "Nothing sent to many at all", "zh": "群发通知也不要"},
    "b.in": {"en": "Announcements are fine", "zh": "群发通知可以照发"},
    "b.now": {"en": "A tip now", "zh": "现在来一条"},
    # what follows
    "voted.useful": {"en": "Good to know. The whole story is in the card:", "zh": "记下了。来龙去脉都在卡片里："},
    "voted.not_now": {
        "en": "All right. I put it aside for four weeks and leave that subject alone until then.",
        "zh": "好的，这条先放一放，四周内也不再发这方面的。",
    },
    "every.weekly": {"en": "one a week", "zh": "每周一条"},
    "every.fortnightly": {"en": "one every two weeks", "zh": "两周一条"},
    "every.monthly": {"en": "one every four weeks", "zh": "四周一条"},
    "fewer": {
        "en": "Fewer, then: {every} from now on. The next one comes on {when}.",
        "zh": "好，以后改为{every}，下一条在{when}。",
    },
    "fewest": {
        "en": "You get one every four weeks already; there is nothing less but none.",
        "zh": "现在已经是四周一条，再少就只能不发了。",
    },
    "fewer.none": {
        "en": "I send you no tips unasked; one comes only when you ask for it.",
        "zh": "我没有主动给你发小贴士，你要的时候才会有。",
    },
    "on": {
        "en": "Done: {every}, at {clock} on your clock, on working days only. The first one comes on {when}. “Unsubscribe” ends it at any time.",
        "zh": "订好了：{every}，按你的时间 {clock}，只在工作日发。第一条在{when}。不想收了，随时说“退订”。",
    },
    "on.already": {
        "en": "The tips are on already: {every}. The next one comes on {when}.",
        "zh": "小贴士已经开着了：{every}，下一条在{when}。",
    },
    "on.changed": {"en": "Changed: {every}. The next one comes on {when}.", "zh": "改好了：{every}，下一条在{when}。"},
    "on.daily": {
        "en": "One a week is the most I send by myself; for one in between, say “tip”.",
        "zh": "主动发的话，最多每周一条；平时想看，说“来条小贴士”就行。",
    },
    "on.room": {
        "en": "That is for you alone. Tips for a whole room are a broadcast, which an admin or curator sets up.",
        "zh": "这只是发给你个人的。要给整个群发，请管理员或编者设置群发。",
    },
    "room": {
        "en": "Tips for a whole room are a broadcast, which an admin or curator sets up. What I can switch on here is yours alone.",
        "zh": "给整个群发属于群发，要请管理员或编者设置。我在这里能开的，只是发给你个人的。",
    },
    "on.still-out": {
        "en": "Announcements sent to many stay off, as you wished.",
        "zh": "群发通知仍按你之前的意思不发。",
    },
    "on.web": {
        "en": "I know you only from this page: the tip is here when you open it.",
        "zh": "我只在这个网页上认识你：打开页面就能看到。",
    },
    "on.terminal": {
        "en": "I know you only from this terminal: the tip is shown when you next open `caucus chat`.",
        "zh": "我只在这个终端里认识你：下次打开 `caucus chat` 时会看到。",
    },
    "on.nowhere": {
        "en": "There is no channel yet on which I may write to you first, so nothing will come until you link one (say “link”).",
        "zh": "目前没有我可以主动联系你的渠道，绑定一个之后才会发（说“绑定账号”）。",
    },
    "off": {
        "en": "The tips are off. Your reminders go on as before; a tip comes only when you say “tip”.",
        "zh": "小贴士关掉了，跟进提醒照常。想看的时候说“来条小贴士”就行。",
    },
    "off.already": {
        "en": "I send you no tips. Your reminders go on as before.",
        "zh": "我没有在给你发小贴士。跟进提醒照常。",
    },
    "out": {
        "en": "Done: no tips and no announcements, nothing that is sent to many. I will not ask again. Your own reminders go on as before.",
        "zh": "已退订：小贴士、群发通知都不再发给你，以后也不会再问。你自己的跟进提醒照常。",
    },
    "in": {
        "en": "All right: announcements may come to you again. Tips come only if you switch them on.",
        "zh": "好的，群发通知可以再发给你了。小贴士要你自己打开才会发。",
    },
    "gone": {"en": "That tip is too old for me to note anything about it.", "zh": "这条小贴士太早了，没法再记。"},
    "status.on": {"en": "On: {every}. The next one comes on {when}.", "zh": "已打开：{every}，下一条在{when}。"},
    "status.off": {"en": "Off: a tip comes only when you ask for one.", "zh": "未打开：你要的时候才会有。"},
    "day": {"en": "on {day}s", "zh": "{day}发"},
}

DAYS: dict[Lang, tuple[str, ...]] = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"),
    "zh": ("周一", "周二", "周三", "周四", "周五"),
}


def say(name: str, lang: Lang, **values: object) -> str:
    """The words of this name, with {values} filled in."""
    return WORDS[name][lang].format(**values) if values else WORDS[name][lang]
