"""The coach's own words about follow-ups, in both languages: confirmations, questions, nudges, buttons."""

from __future__ import annotations

from bot.followups.words_channel import CHANNEL
from bot.followups.words_revised import REVISED
from bot.followups.words_several import SEVERAL
from bot.messages import Lang

WORDS: dict[str, dict[Lang, str]] = {
    **SEVERAL,
    **REVISED,
    **CHANNEL,
    # buttons
    "b.done": {"en": "Done", "zh": "已完成"},
    "b.replied": {"en": "They replied", "zh": "对方回复了"},
    "b.called": {"en": "I called", "zh": "我打过电话了"},
    "b.called.red": {"en": "I called the number I already had", "zh": "我已拨打原有号码核实"},
    "b.hour": {"en": "In an hour", "zh": "一小时后"},
    "b.tomorrow": {"en": "Tomorrow", "zh": "明天"},
    "b.nextday": {"en": "A day later", "zh": "推后一天"},
    "b.nobody": {"en": "Nobody in particular", "zh": "没有特定的人"},
    "b.skip": {"en": "Leave it open", "zh": "先不写"},
    "b.holiday": {"en": "After the holiday", "zh": "节后"},
    "b.when": {"en": "Another time", "zh": "换个时间"},
    "b.cancel": {"en": "Drop it", "zh": "不跟了"},
    "b.undo": {"en": "Undo", "zh": "撤销"},
    "b.yes": {"en": "Yes", "zh": "是"},
    "b.no": {"en": "No", "zh": "否"},
    "b.later": {"en": "An hour later", "zh": "推后一小时"},
    "b.usual": {"en": "You choose the time", "zh": "你来定时间"},
    "b.show": {"en": "Open this follow-up", "zh": "查看这件事"},
    "b.list": {"en": "Show all open ones", "zh": "查看全部未结"},
    "b.stop": {"en": "Never mind", "zh": "算了"},
    "b.reachable": {"en": "When they can be reached", "zh": "等对方方便联系时"},
    "b.more": {"en": "Remind me if they stay silent", "zh": "对方没动静再提醒我"},
    "b.remind": {"en": "Remind me to follow this up", "zh": "提醒我跟进这件事"},
    # making one
    "ask.who": {
        "en": "Whom are you waiting for? A name or e-mail address is enough.",
        "zh": "你在等谁的回音？说名字或邮箱就行。",
    },
    "ask.what": {"en": "What is it about? A few words are enough.", "zh": "是关于什么事？几个字就行。"},
    "ask.when": {
        "en": "When shall I remind you? For example: tomorrow 9:00, Thursday morning their time, in two hours. Or let me choose by their working hours.",
        "zh": "什么时候提醒你？比如：明天9点、对方周四上午、两小时后。也可以由我按对方的工作时间来定。",
    },
    "ask.which": {"en": "Which time do you mean?", "zh": "你指的是哪个时间？"},
    "left": {
        "en": "The reminder about {who} is not noted: its time was still open. Tell me again if you want it.",
        "zh": "关于{who}的那条提醒还没记下，因为时间没定。需要的话请再告诉我一次。",
    },
    "ask.again": {"en": "I cannot read a time in that.", "zh": "这里面我没看出时间。"},
    "past": {"en": "it is past", "zh": "已经过去了"},
    "not-possible": {
        "en": "That does not work: {why}. Nothing is lost; tell me another time.",
        "zh": "这个时间不行：{why}。前面说的我都记着，换个时间就好。",
    },
    "made.title": {"en": "Noted: {what}", "zh": "已记下：{what}"},
    "made": {"en": "I will remind you on {when}.", "zh": "我会在{when}提醒你。"},
    "made.planned": {
        "en": "No time was named, so I go by their working hours: first on {when}, and on until they answer or you tell me to stop.",
        "zh": "你没有说时间，我按对方的工作时间来：首次提醒在{when}，之后继续，直到对方答复或你说停。",
    },
    "made.red": {
        "en": "Do not pay before you have called. I will ask you every working day until you tell me that you called.",
        "zh": "电话核实之前不要付款。在你告诉我已经打过电话之前，我每个工作日都会问你。",
    },
    "already": {"en": "That is noted already: {when}.", "zh": "这件事已经记着了：{when}。"},
    "zone.unknown": {
        "en": "I do not know where you are and took {zone} for your clock. Tell me, for example: “I am in Berlin”.",
        "zh": "我不知道你在哪个时区，暂按 {zone} 计算。可以告诉我，比如：“我在柏林”。",
    },
    "unreachable": {"en": "Mind: {why}.", "zh": "请注意：{why}。"},
    "holiday.after": {"en": "{feast} there lasts until {until}.", "zh": "对方那边的{feast}假期到{until}结束。"},
    "holiday.near": {
        "en": "{feast} begins on {start} there: what is not settled before waits until after {until}.",
        "zh": "那边{start}开始放{feast}假，节前没定下来的，要等{until}以后了。",
    },
    "provisional": {
        "en": "The official holiday plan of that year is not out yet; the days are expected ones.",
        "zh": "那一年的官方放假安排还没公布，这里按惯例推算。",
    },
    "web-only": {
        "en": "I know you only from this page: the reminder appears here at once while the page is open, otherwise when you next open it. Nothing is sent elsewhere.",
        "zh": "我只在这个网页上认识你：页面开着时提醒会立即出现，没开的话下次打开时看到，不会发到别处。",
    },
    "window-only": {
        "en": "On the official account I may write to you only within 48 hours of your last message; a reminder due later is the first thing you see when you write again. For reminders on time, link WeCom or Slack.",
        "zh": "公众号只能在你发来消息后的 48 小时内主动联系你；更晚到期的提醒，会在你下次来消息时先给你看。想准时收到，可以绑定企业微信或 Slack。",
    },
    "answers-only": {
        "en": "This official account may only answer you: a reminder is the first thing you see when you write again. For reminders on time, link WeCom or Slack.",
        "zh": "这个公众号只能回复你：到期的提醒，会在你下次来消息时先给你看。想准时收到，可以绑定企业微信或 Slack。",
    },
    "terminal-only": {
        "en": "I know you only from this terminal: the reminder is shown when you next open `caucus chat`.",
        "zh": "我只在这个终端里认识你：下次打开 `caucus chat` 时会看到提醒。",
    },
    "api-only": {
        "en": "There is no channel on which I may write to you first: look at the list of follow-ups.",
        "zh": "目前没有我可以主动联系你的渠道，请自己查看跟进列表。",
    },
    # lists and changes
    "list.title": {"en": "Open follow-ups", "zh": "未结的跟进"},
    "list": {"en": "{number} open. Press one, or say its number.", "zh": "共 {number} 件未结。点开一件，或说它的编号。"},
    "list.more": {"en": "The next {shown} of {number} open ones.", "zh": "{number} 件未结中最近的 {shown} 件。"},
    "list.none": {
        "en": "Nothing is open. Tell me what you sent and when to remind you, and I note it.",
        "zh": "目前没有未结的跟进。告诉我你发了什么、什么时候提醒，我就记下。",
    },
    "undelivered": {
        "en": "The last reminder could not be delivered to you.",
        "zh": "上一次提醒没能送到你这里。",
    },
    "undelivered.short": {"en": " · reminder could not be delivered", "zh": " · 提醒未能送达"},
    "which": {"en": "Which one?", "zh": "是哪一件？"},
    "line": {"en": "{who}: {what} ({when})", "zh": "{who}：{what}（{when}）"},
    "line.red": {"en": "CALL BEFORE PAYING: {who}: {what}", "zh": "付款前先打电话：{who}：{what}"},
    "them": {"en": "them", "zh": "对方"},
    "it": {"en": "your e-mail", "zh": "你的邮件"},
    "did.done": {"en": "Closed: {what}. I stay silent about it.", "zh": "已结：{what}。不再提醒。"},
    "did.replied": {"en": "Good, they answered: {what} is closed.", "zh": "好，对方已回复：{what} 已结。"},
    "did.called": {
        "en": "You called: {what} is closed. If it is not settled, let me remind you.",
        "zh": "你已打过电话：{what} 已结。要是还没谈妥，可以让我再提醒。",
    },
    "did.called.red": {
        "en": "You called the number you already had: the check of {what} is closed.",
        "zh": "你已拨打原有号码核实：{what} 的核对已完成。",
    },
    "did.cancel": {"en": "Dropped: {what}.", "zh": "已取消：{what}。"},
    "did.snooze": {"en": "Moved: {what}. I will remind you on {when}.", "zh": "已改期：{what}。我会在{when}提醒你。"},
    "did.undo": {"en": "Taken back: {what} is open. Next: {when}.", "zh": "已撤销：{what} 重新打开，下次提醒：{when}。"},
    "away.title": {"en": "{who} is away until {day}", "zh": "{who}要到{day}才回来"},
    "away.moved": {
        "en": "{what}: moved from {was} to {when}.",
        "zh": "{what}：提醒已从{was}改到{when}。",
    },
    "away.undo": {"en": "Undo brings your time back.", "zh": "想保留原来的时间，请点“撤销”。"},
    "next": {"en": "Next: {when}.", "zh": "下次提醒：{when}。"},
    "was.done": {"en": "That one had ended already: {what}.", "zh": "这件之前已经结束：{what}。"},
    "was.snooze": {"en": "It stays as it was: {what}, {when}.", "zh": "保持不变：{what}，{when}。"},
    "was.undo": {"en": "There is nothing to take back for {what}.", "zh": "{what} 没有可撤销的操作。"},
    "gone": {"en": "That follow-up is not there any more.", "zh": "这件跟进已经不在了。"},
    "red": {
        "en": "This one closes in one way only: call them on the number you already had before that mail came, then press “I called the number I already had”.",
        "zh": "这一件只有一种办法结束：按收到那封邮件之前你就有的号码打电话核实，再按“我已拨打原有号码核实”。",
    },
    "snooze.when": {"en": "Until when shall I leave {what} alone?", "zh": "{what} 推到什么时候？"},
    "unreached": {"en": "You did not get through, so it stays open.", "zh": "没有联系上，这一件继续跟进。"},
    "no-holiday": {"en": "No holiday is near there.", "zh": "对方那边近期没有假期。"},
    "stopped": {"en": "All right, nothing was noted.", "zh": "好，什么都没记。"},
    "refused": {"en": "That did not work: {why}.", "zh": "没有办成：{why}。"},
    # nudges
    "n.and": {"en": "{one} and {other}", "zh": "{one}、{other}"},
    "n.others": {"en": "{who} and {others} others", "zh": "{who}等{all}人"},
    "n.title": {"en": "{who}: {what}", "zh": "{who}：{what}"},
    "n.label": {"en": "Now", "zh": "现在"},
    "n.notice": {"en": "Send a short text that the e-mail is there", "zh": "发条消息，告诉对方邮件已发"},
    "n.call": {"en": "Ask for a good time, then call", "zh": "先问方便的时间，再打电话"},
    "n.other": {"en": "Try another person, or add something new", "zh": "换个人联系，或补充一条新信息"},
    "n.task": {"en": "This is what you wanted to do now", "zh": "这是你要做的事"},
    "n.decide": {"en": "Decide: another plan, a visit, or close it", "zh": "做个决定：换方案、当面拜访，还是结束"},
    "n.not_delivered": {"en": "The e-mail did not arrive: reach them another way", "zh": "邮件没有送达：换个方式联系"},
    "n.out_of_office": {"en": "They should be back: a kind word is in order", "zh": "对方应该回来了：可以问候一声"},
    "n.deputy": {"en": "They are away: ask who stands in for them", "zh": "对方不在：问问由谁代理"},
    "n.verify_by_phone": {"en": "Call before you pay", "zh": "付款前先打电话核实"},
    "n.sent": {
        "en": "You sent it on {day}; {days} working days without a sign.",
        "zh": "你在{day}发出，已过 {days} 个工作日，没有动静。",
    },
    "n.sent.today": {"en": "You sent it on {day}.", "zh": "你在{day}发出。"},
    "n.now": {"en": "It is {there} now ({here} on your clock).", "zh": "现在是{there}（你那边{here}）。"},
    "n.now.same": {"en": "It is {there} now.", "zh": "现在是{there}。"},
    "n.asked": {"en": "You asked for this time.", "zh": "这是你定的时间。"},
    "n.away": {"en": "They cannot be reached now: {why}.", "zh": "现在联系不到对方：{why}。"},
    "n.deadline": {
        "en": "The date you are working towards is {day}: this is the last good moment before it.",
        "zh": "你要赶的日期是{day}，这是之前最后的合适时机。",
    },
    "n.touches": {
        "en": "You have reached out {touches} times. More would press them.",
        "zh": "你已联系了 {touches} 次，再多就成催促了。",
    },
    "n.phones": {"en": "Number you have: {phones}", "zh": "你存的号码：{phones}"},
    "n.red": {
        "en": "A mail spoke of bank details. Call the number you had before that mail came; never one from the mail. Do not pay and do not answer it until then. Ask something only the two of you know.",
        "zh": "有一封邮件谈到收款账户。请按收到邮件之前就有的号码打电话，不要用邮件里的号码；核实之前不要付款、不要回信。通话时问一件只有你们双方知道的事。",
    },
    "n.avoid": {
        "en": "“You have not replied”, “as I said”, more than one question",
        "zh": "“怎么还没回”“催一下”，以及一次问好几个问题",
    },
    "n.senior": {"en": "With a senior person never call unannounced: text first", "zh": "对方级别高时不要直接打电话，先发消息"},
    "n.bundle": {"en": "{number} to follow up now", "zh": "现在有 {number} 件要跟进"},
    "n.bundle.text": {"en": "Press one for the words to send, or say its number.", "zh": "点开一件看可以发的话，或说它的编号。"},
    # zone and quiet hours
    "zone.set": {"en": "Your clock: {zone}, where it is {now} now.", "zh": "你的时区：{zone}，现在是 {now}。"},
    "zone.once": {
        "en": "One thing I ask once: in which city are you? WeCom does not tell me, and reminders should come by your clock. Just write “I am in Berlin”. Until then I take {zone} time.",
        "zh": "有一件事只问这一次：你在哪个城市？企业微信不告诉我你的时区，而提醒要按你的时间来。直接说“我在上海”就行；你没说之前，我先按{zone}时间算。",
    },
    "zone.china": {"en": "China time", "zh": "按北京时间"},
    "zone.which": {
        "en": "Where are you? Say a city or a zone, such as Berlin or Asia/Shanghai.{known}",
        "zh": "你在哪里？说城市或时区，比如上海或 Asia/Shanghai。{known}",
    },
    "zone.known": {"en": " Now I go by {zone}.", "zh": "目前按 {zone} 计算。"},
    "zone.no": {
        "en": "I do not know that place. Say a bigger city near you, or a zone such as Europe/Berlin.",
        "zh": "这个地方我不认识。说附近的大城市，或 Asia/Shanghai 这样的时区名。",
    },
    "quiet.set": {
        "en": "Quiet from {start} to {end} on your clock ({zone}): nothing unasked comes then, except at a time you named yourself.",
        "zh": "免打扰：你那边（{zone}）{start} 到 {end}，期间不主动打扰，你自己定的时间除外。",
    },
    "quiet.off": {
        "en": "No quiet hours: I may write at any hour that suits your counterpart.",
        "zh": "已取消免打扰：只要对方方便，我随时可以提醒你。",
    },
    "quiet.which": {
        "en": "From when to when? For example: 22:00 to 7:00. Or: off. Now: {now}.",
        "zh": "从几点到几点？比如：22:00 到 7:00；或者说：关闭。目前：{now}。",
    },
    "quiet.now": {"en": "{start} to {end}", "zh": "{start} 到 {end}"},
    "quiet.none": {"en": "none", "zh": "没有"},
}


def say(name: str, lang: Lang, **values: object) -> str:
    """The words of this name, with {values} filled in."""
    return WORDS[name][lang].format(**values) if values else WORDS[name][lang]
