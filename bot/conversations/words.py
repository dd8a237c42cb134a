"""The coach's own words, in both languages: greetings, questions back, refusals. Advice never stands here."""

from __future__ import annotations

from bot.messages import Lang

WORDS: dict[str, dict[Lang, str]] = {
    "greeting": {
        "en": "Hello! Tell me what the other side said or wants, in your own words. I look it up in my cards and tell you what to do and what to say.",
        "zh": "你好！把对方说了什么、想要什么，用你自己的话告诉我。我会从知识卡片里找出建议，并给你可以直接用的话。",
    },
    "help.title": {"en": "What I can do", "zh": "我能帮什么"},
    "help": {
        "en": (
            "Ask me about a talk with a Chinese or other Asian counterpart, as you would ask a colleague: you get a verdict, the reasons, "
            "the words to send and the source.\n\n"
            "After an answer you can ask: why? · what do I write? · what if they insist? · source?\n\n"
            "I also remind you to follow up: “I emailed the buyer about the quote, remind me Thursday morning their time” · what is open? · they replied · tomorrow.\n\n"
            "Tips from my cards: a tip · send me a tip every week · no more tips.\n\n"
            "You can also say: I am in Berlin · no reminders from 22 to 8 · my mail address (for copies) · speak Chinese · ask a person · export my data · delete my data.\n\n"
            "I am a program: every answer was written beforehand, nothing is made up. "
            "The advice rests on five articles by one practitioner; curators' notes are marked. What my cards do not cover, I do not know. Questions of law are for a lawyer."
        ),
        "zh": (
            "和中国或其他亚洲伙伴打交道遇到的问题，像问同事一样问我：我会给出结论、理由、可以直接发的话和出处。\n\n"
            "看完回答还可以接着问：为什么？· 怎么写？· 对方坚持呢？· 出处？\n\n"
            "我也会提醒你跟进：“刚给客户发了报价，周四上午提醒我” · 还有哪些没跟完 · 对方回复了 · 明天再说。\n\n"
            "还有卡片里的小贴士：来条小贴士 · 每周给我发一条 · 不要再发贴士了。\n\n"
            "也可以说：我在柏林 · 晚上十点到早上八点别打扰 · 我的抄送邮箱地址 · 说英文 · 找真人 · 导出我的数据 · 删除我的数据。\n\n"
            "我是程序，不是真人：每条回答都是事先写好的，不会临时编。"
            "建议以一位从业者的五篇文章为基础，编者注会标明；卡片没有谈到的，我就不知道。法律问题请问律师。"
        ),
    },
    "thanks": {"en": "You're welcome. Good luck at the table.", "zh": "不客气，祝你谈得顺利。"},
    "who": {
        "en": "I am Caucus, a program. What I say was written by curators beforehand; nothing is made up. A person is there too: say “ask a person”.",
        "zh": "我是 Caucus，一个程序，不是真人。我说的内容都由编者事先写好，不会临时编造。想找真人，说“找真人”就行。",
    },
    "heard": {"en": "All right. Tell me when something comes up.", "zh": "好的，有事随时叫我。"},
    "unknown.title": {"en": "That is not something I know", "zh": "这个我不了解"},
    "unknown": {
        "en": "My cards do not cover this, and I would rather say so than guess. I have noted the question for the curators.",
        "zh": "我的卡片里没有这方面的内容，与其乱猜，不如直说。这个问题我已经记下，转给编者。",
    },
    "unknown.apart": {
        "en": "My cards do not cover this, and I would rather say so than guess.",
        "zh": "我的卡片里没有这方面的内容，与其乱猜，不如直说。",
    },
    "unknown.known": {"en": "What I do know about:", "zh": "我了解的是这些方面："},
    "empty": {
        "en": "I could not read a question in that. Tell me in a few words what the other side wants.",
        "zh": "我没看到问题。用几句话说说对方想要什么就行。",
    },
    "ask": {"en": "Which of these is closest?", "zh": "哪一个更接近你的情况？"},
    "none": {"en": "None of these", "zh": "都不是"},
    "none.answer": {
        "en": "Then it is probably not in my cards. I have noted the question for the curators. You can also put it in other words.",
        "zh": "那我的卡片里可能没有。问题已经记下，转给编者。你也可以换个说法再问一次。",
    },
    "theme": {"en": "Pick the one that fits:", "zh": "请选一个最符合的："},
    "spotted.title": {"en": "What I see in this message", "zh": "这条消息里，我看到这些"},
    "spotted.open": {"en": "Open a card for what to do and what to write.", "zh": "点开卡片，看怎么做、怎么回。"},
    "outsider": {
        "en": "In a room shared with another organisation I answer questions about negotiating, and nothing else. Your own organisation would have to add me for that.",
        "zh": "在和其他组织共享的频道里，我只回答谈判方面的问题。其他功能需要你所在的组织自己添加我。",
    },
    "more": {
        "en": "(Reply “more” to read on; parts left: {number}.)",
        "zh": "（未完，回复“继续”接着看，还有 {number} 段）",
    },
    "held": {
        "en": "This was due earlier; here I may only write to you after you have written to me:",
        "zh": "这条消息本该早些发给你。按平台规定，要等你先发来消息我才能发送：",
    },
    "sign-in.chat": {
        "en": "Open this link to use me in the browser. It works once, within ten minutes; pass it to nobody:\n\n{link}",
        "zh": "用浏览器打开这个链接就能登录网页版。链接只能用一次，10 分钟内有效，请不要转给别人：\n\n{link}",
    },
    "sign-in.console": {
        "en": "Open this link for the console. It works once, within ten minutes; pass it to nobody:\n\n{link}",
        "zh": "用浏览器打开这个链接进入控制台。链接只能用一次，10 分钟内有效，请不要转给别人：\n\n{link}",
    },
    "sign-in.private": {
        "en": "The link is for you alone. Write “sign in” to me in a direct message.",
        "zh": "登录链接只能给你本人，请私下单独给我发“登录”。",
    },
    "sign-in.elsewhere": {
        "en": "Write “sign in” to me on Slack, WeChat or WeCom and you get a link there, or ask whoever runs Caucus for an invitation.",
        "zh": "请在微信公众号、企业微信或 Slack 里给我发“登录”，我会给你链接；也可以请管理员发邀请。",
    },
    "sign-in.often": {
        "en": "You have several links that are not used yet. Please use one of them, or try again in ten minutes.",
        "zh": "你已经有几个还没用过的链接了。请先用其中一个，或者过 10 分钟再试。",
    },
    "held.link": {
        "en": "To get such things on time, say “link” and add WeCom or Slack.",
        "zh": "想准时收到，可以说“绑定账号”，改用企业微信或 Slack 接收。",
    },
    "link.title": {"en": "Link my channels", "zh": "绑定账号"},
    "link.code": {
        "en": "Your code: {code}\n\nSend it to me on the other channel (Slack, WeChat, WeCom or the web chat) within ten minutes, and I will know you there as the same person. Tell it to nobody else.",
        "zh": "绑定码：{code}\n\n请在 10 分钟内到另一个渠道（微信公众号、企业微信、Slack 或网页）把这个码发给我，我就知道两边是同一个人。请不要告诉别人。",
    },
    "link.done": {
        "en": "Linked: here and on {place} you are one person now; follow-ups and settings hold on both. To undo it, say “unlink”.",
        "zh": "绑定成功：这里和{place}现在是同一个账号，跟进和设置两边通用。想取消的话，随时说“解绑”。",
    },
    "link.wrong": {
        "en": "That code is wrong or has expired. Say “link” on the other channel for a new one.",
        "zh": "这个绑定码不对，或者已经过期。请在另一个渠道说“绑定账号”，重新拿一个码。",
    },
    "link.too-many": {
        "en": "Too many wrong codes. Please wait ten minutes and try again.",
        "zh": "输错的次数太多了，请过 10 分钟再试。",
    },
    "link.same": {
        "en": "This is where you got the code, or a channel linked already. Send it to me on the other channel.",
        "zh": "这里就是拿到绑定码的账号，或者已经绑定过了。请到另一个渠道把码发给我。",
    },
    "link.other-way": {
        "en": "Please do it the other way round: say “link” here, and type the code on {place}. That way your rights stay yours.",
        "zh": "请反过来操作：在这里说“绑定账号”，再到{place}输入绑定码。这样你的权限不会落到别人手里。",
    },
    "link.list": {"en": "You are linked on: {places}.", "zh": "你目前绑定的渠道：{places}。"},
    "link.alone": {
        "en": "There is no other channel of yours. Say “link” to add one.",
        "zh": "你还没有绑定其他渠道。想绑定的话，说“绑定账号”。",
    },
    "link.unlink": {"en": "Which one shall I unlink?", "zh": "要解绑哪一个？"},
    "link.unlink.to": {"en": "Unlink {place}", "zh": "解绑{place}"},
    "link.prefer": {"en": "Where shall reminders go?", "zh": "提醒发到哪里？"},
    "link.prefer.to": {"en": "Reminders to {place}", "zh": "提醒发到{place}"},
    "link.prefers": {"en": "Good: reminders will go to {place}.", "zh": "好的，以后提醒发到{place}。"},
    "link.apart": {
        "en": "Unlinked. On {place} you are somebody new to me from now on; your follow-ups stay here.",
        "zh": "已解绑。以后在{place}我会把你当作新用户；你的跟进都留在这边。",
    },
    "reach.window": {
        "en": "One thing to know: the official account lets me write to you only within 48 hours of your last message. A reminder that cannot go out then is the first thing you see when you write again. For reminders on time, link WeCom or Slack.",
        "zh": "有一点请留意：按平台规定，公众号只能在你发来消息后的 48 小时内主动联系你。发不出去的提醒，会在你下次来消息时先给你看。想准时收到，可以绑定企业微信或 Slack。",
    },
    "reach.answers": {
        "en": "One thing to know: this official account may only answer you. A reminder is the first thing you see when you write again. For reminders on time, link WeCom or Slack.",
        "zh": "有一点请留意：这个公众号只能回复你，不能主动发消息。到期的提醒，会在你下次来消息时先给你看。想准时收到，可以绑定企业微信或 Slack。",
    },
    "place.slack": {"en": "Slack", "zh": " Slack "},
    "place.wechat": {"en": "WeChat", "zh": "微信公众号"},
    "place.wecom": {"en": "WeCom", "zh": "企业微信"},
    "place.web": {"en": "the web chat", "zh": "网页"},
    "place.api": {"en": "the API", "zh": " API "},
    "place.terminal": {"en": "the terminal", "zh": "终端"},
    "cut": {
        "en": "That was long: I read only the first {limit} characters.",
        "zh": "内容较长，我只读了前 {limit} 个字。",
    },
    "useful": {"en": "Useful", "zh": "有用"},
    "not-useful": {"en": "Not useful", "zh": "没用"},
    "voted.useful": {"en": "Thank you, noted.", "zh": "谢谢，已记下。"},
    "voted.not": {
        "en": "Thank you for saying so. The curators will see the question. Tell me in other words what was missing, if you like.",
        "zh": "谢谢你告诉我，编者会看到这个问题。愿意的话，可以换个说法告诉我缺了什么。",
    },
    "feedback": {
        "en": "Thank you. I am passing this on to the curators, word for word.",
        "zh": "谢谢，你的意见会原样转给编者。",
    },
    "language.en": {"en": "I will answer in English from now on.", "zh": "I will answer in English from now on."},
    "language.zh": {"en": "以后我用中文回答。", "zh": "以后我用中文回答。"},
    "language.which": {"en": "Which language shall I use?", "zh": "你想用哪种语言？"},
    "ask-a-person": {
        "en": "I have passed your question to the curators, the people who look after these cards. They see the question, not your name. I cannot promise when they answer; what is missing goes into the cards.",
        "zh": "你的问题已经转给维护卡片的编者，他们只看到问题，看不到你的名字。什么时候有答复我不能保证；缺的内容会补进卡片。",
    },
    "ask-a-person.what": {
        "en": "What would you like to ask the people behind the cards? Write the question and then “ask a person”.",
        "zh": "想问编者什么？先写下问题，再说“找真人”。",
    },
    "erase": {
        "en": "This erases everything I keep of you: conversations, questions, votes, follow-ups and contacts, tips, your settings. It cannot be undone. Erase it?",
        "zh": "这会删除我保存的关于你的一切：对话、问题、评价、跟进和联系人、小贴士、各项设置，而且不能恢复。确定删除吗？",
    },
    "erase.keys": {
        "en": "This erases everything I keep of you: conversations, questions, votes, follow-ups and contacts, tips, your settings. Your API keys end with it, and tools that use them are refused from then on. It cannot be undone. Erase it?",
        "zh": "这会删除我保存的关于你的一切：对话、问题、评价、跟进和联系人、小贴士、各项设置；你的 API 密钥也一并作废，使用这些密钥的工具会被拒绝访问。删除后不能恢复。确定删除吗？",
    },
    "erase.tool": {
        "en": "This erases everything that was said through this API key, by whomever: conversations, questions, votes, follow-ups and contacts. The key itself stays. It cannot be undone. Erase it?",
        "zh": "这会删除通过这个 API 密钥说过的一切（不论是谁说的）：对话、问题、评价、跟进和联系人；密钥本身保留。删除后不能恢复。确定删除吗？",
    },
    "erase.tool.done": {
        "en": "Erased. Nothing is left of what was said through this key; the key itself still works.",
        "zh": "已删除。通过这个密钥说过的内容都没有了，密钥本身仍然可用。",
    },
    "erase.yes": {"en": "Yes, erase it", "zh": "确定删除"},
    "erase.no": {"en": "No, keep it", "zh": "不删，保留"},
    "erase.done": {"en": "Erased. I no longer know anything about you.", "zh": "已删除。我这里不再有关于你的任何信息。"},
    "erase.kept": {"en": "Nothing was erased.", "zh": "没有删除任何内容。"},
    "stop": {"en": "All right, we stop here. Ask again whenever you like.", "zh": "好的，到这里为止。需要的时候再问我。"},
    "stale": {
        "en": "That choice is no longer open. Ask me again, and I will start afresh.",
        "zh": "这个选项已经过期了。重新问我一次就好。",
    },
    "only-in-talk": {
        "en": "I understood you ({what}); that works in a conversation, not in a single question.",
        "zh": "我明白你的意思（{what}）；这需要在对话里做，单条提问里不行。",
    },
    "flow.start": {"en": "Look at my case: {title}", "zh": "看看我的情况：{title}"},
    "flow.unknown": {"en": "I don't know", "zh": "不清楚"},
    "flow.skip": {"en": "Leave it open", "zh": "先空着"},
    "flow.why": {"en": "Why do you ask?", "zh": "为什么问这个？"},
    "flow.back": {"en": "Back", "zh": "上一步"},
    "flow.stop": {"en": "Stop", "zh": "不问了"},
    "flow.verdict": {"en": "Tell me now", "zh": "先给结论"},
    "flow.restart": {"en": "Start again", "zh": "重新开始"},
    "flow.more": {"en": "Ask me more", "zh": "再问几个问题"},
    "flow.resume": {"en": "Back to: {title}", "zh": "回到：{title}"},
    "flow.again": {"en": "I did not get that. For example: {examples}.", "zh": "这个我没听明白。比如：{examples}。"},
    "flow.taken-as-unknown": {
        "en": "I take that as “don't know” and go on; you can go back at any time.",
        "zh": "这一条先按“不清楚”处理，接着往下问；随时可以返回修改。",
    },
    "flow.contradiction": {
        "en": "That does not fit what you said about: {names}. I go by your last word.",
        "zh": "这和前面说的（{names}）对不上，以你刚说的为准。",
    },
    "flow.provisional": {"en": "On what you have told me so far:", "zh": "按你目前说的情况："},
    "flow.stopped": {"en": "All right, we leave it there.", "zh": "好，先不问了。"},
    "near": {"en": "Related: {title}", "zh": "相关：{title}"},
    "instead": {"en": "Or did you mean: {title}", "zh": "或者你是想问：{title}"},
}


def say(name: str, lang: Lang, **values: object) -> str:
    """The coach's words of this name, with {values} filled in."""
    return WORDS[name][lang].format(**values) if values else WORDS[name][lang]
