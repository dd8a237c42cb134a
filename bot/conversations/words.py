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
            "You can also say: I am in Berlin · no reminders from 22 to 8 · speak Chinese · ask a person · delete my data.\n\n"
            "The advice rests on five articles by one practitioner; curators' notes are marked. What my cards do not cover, I do not know. Questions of law are for a lawyer."
        ),
        "zh": (
            "和中国或其他亚洲伙伴打交道遇到的问题，像问同事一样问我：我会给出结论、理由、可以直接发的话和出处。\n\n"
            "看完回答还可以接着问：为什么？· 怎么写？· 对方坚持呢？· 出处？\n\n"
            "我也会提醒你跟进：“刚给客户发了报价，周四上午提醒我” · 还有哪些没跟完 · 对方回复了 · 明天再说。\n\n"
            "也可以说：我在柏林 · 晚上十点到早上八点别打扰 · 说英文 · 找真人 · 删除我的数据。\n\n"
            "建议以一位从业者的五篇文章为基础，编者注会标明；卡片没有谈到的，我就不知道。法律问题请问律师。"
        ),
    },
    "thanks": {"en": "You're welcome. Good luck at the table.", "zh": "不客气，祝你谈得顺利。"},
    "unknown.title": {"en": "That is not something I know", "zh": "这个我不了解"},
    "unknown": {
        "en": "My cards do not cover this, and I would rather say so than guess. I have noted the question for the curators.",
        "zh": "我的卡片里没有这方面的内容，与其乱猜，不如直说。这个问题我已经记下，转给编者。",
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
        "en": "This erases everything I keep of you: conversations, questions, votes, follow-ups and contacts, your language. It cannot be undone. Erase it?",
        "zh": "这会删除我保存的关于你的一切：对话、问题、评价、跟进和联系人、语言设置，而且不能恢复。确定删除吗？",
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
    "not-built": {
        "en": "I understood you ({what}), but I cannot do that yet. I have not noted anything, so please do not rely on me for it.",
        "zh": "我明白你的意思（{what}），但这个功能还没有做好。我什么都没有记下，这件事请先不要依赖我。",
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
