"""The same advice as a book: one readable handbook a language, for people who would rather read than ask. Pure text."""

from __future__ import annotations

from collections.abc import Iterator

from markdown_it import MarkdownIt

from bot.conversations.answer import advice
from bot.messages import Lang
from bot.outline import Block, label, outline
from knowledge.load import KnowledgeBase

WORDS: dict[str, dict[Lang, str]] = {
    "title": {"en": "Caucus: the handbook", "zh": "Caucus 谈判手册"},
    "preface": {
        "en": (
            "Short answers to the questions that come up between two messages, when you do business with Chinese and other "
            "Asian counterparts, mostly at a distance. Each card gives the verdict first, then the reasons, what to do and "
            "the words to send.\n\nThe advice rests on five articles by one practitioner; each reason names the claims it "
            "comes from, and a curator's note says that it is one. It is one author's view of tactics and habits, not of "
            "persons. Questions of law are for a lawyer."
        ),
        "zh": (
            "和中国及其他亚洲伙伴做生意（多半是远程沟通），常常要在两条消息之间拿主意。这本手册就是为这样的时刻写的："
            "每一条先给结论，再讲理由，然后是具体做法和可以直接发出去的话。\n\n"
            "建议来自一位从业者的五篇文章，每条理由都注明依据；编者自己的补充会标明“编者注”。"
            "这是作者对谈判手法和商务习惯的一家之言，不是给任何人贴标签。涉及法律的问题，请咨询律师。"
        ),
    },
    "contents": {"en": "Contents", "zh": "目录"},
    "borders": {"en": "Where another card fits better", "zh": "什么时候看别的卡片"},
    "claims": {"en": "claims", "zh": "依据"},
    "flows": {"en": "Questions that lead to a decision", "zh": "一步步做决定"},
    "flows.preface": {
        "en": "Ask the coach, and it asks only what can still change the answer. These are the questions and where they lead.",
        "zh": "在对话里，教练只问还会影响结论的问题。下面列出全部问题和可能的结论。",
    },
    "leads-to": {"en": "Where it leads", "zh": "可能的结论"},
    "sources": {"en": "Sources", "zh": "出处"},
}


def markdown(kb: KnowledgeBase, lang: Lang) -> str:
    """The handbook as Markdown, with contents and sources."""
    return "\n\n".join(_parts(kb, lang)) + "\n"


def html(kb: KnowledgeBase, lang: Lang) -> str:
    """The handbook as one HTML page without scripts; anchors lead from the contents to the cards."""
    reader = MarkdownIt("commonmark", {"html": True})
    body = reader.render(markdown(kb, lang))
    tag = "zh-Hans" if lang == "zh" else "en"
    return (
        f'<!doctype html>\n<html lang="{tag}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{WORDS['title'][lang]}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )


def _parts(kb: KnowledgeBase, lang: Lang) -> Iterator[str]:
    yield f"# {WORDS['title'][lang]}"
    yield WORDS["preface"][lang]
    yield f"## {WORDS['contents'][lang]}"
    yield "\n".join(_contents(kb, lang))
    for theme, cards in kb.by_theme.items():
        yield f"## {getattr(kb.themes[theme].title, lang)}"
        for card in cards:
            yield from _card(kb, card.id, lang)
    yield f"## {WORDS['flows'][lang]}"
    yield WORDS["flows.preface"][lang]
    for flow in kb.flows.values():
        yield f'### <a id="flow-{flow.id}"></a>{getattr(flow.title, lang)}'
        yield "\n".join(f"1. {getattr(fact.question, lang)}" for fact in flow.facts)
        if flow.verdicts:
            colon = ": " if lang == "en" else "："
            ends = [f"- **{getattr(v.label, lang)}**{colon}{getattr(v.text, lang)}" for v in flow.verdicts.values()]
            yield f"**{WORDS['leads-to'][lang]}**\n\n" + "\n".join(ends)
    yield f"## {WORDS['sources'][lang]}"
    yield "\n".join(f"- {s.id}: {s.author}, *{s.title}*, {s.publisher}" for s in kb.sources.values())


def _contents(kb: KnowledgeBase, lang: Lang) -> Iterator[str]:
    for theme, cards in kb.by_theme.items():
        yield f"- {getattr(kb.themes[theme].title, lang)}"
        yield from (f"  - [{getattr(card.title, lang)}](#{card.id})" for card in cards)
    yield f"- {WORDS['flows'][lang]}"
    yield from (f"  - [{getattr(flow.title, lang)}](#flow-{flow.id})" for flow in kb.flows.values())


def _card(kb: KnowledgeBase, card_id: str, lang: Lang) -> Iterator[str]:
    shown = advice(kb, card_id, lang, vote=False).model_copy(update={"choices": [], "sources": []})
    yield f'### <a id="{card_id}"></a>{_plain(shown.title)}'
    for block in outline(shown):
        if block.kind != "title":
            yield _block(block, lang)
    near = kb.cards[card_id].near
    if near:
        lines = [f"- [{kb.title(other, lang)}](#{other}): {_plain(getattr(border, lang))}" for other, border in near.items()]
        yield f"**{WORDS['borders'][lang]}**\n\n" + "\n".join(lines)
    yield f"*{WORDS['claims'][lang]}: {', '.join(sorted(kb.cards[card_id].given_claims()))}*"


def _block(block: Block, lang: Lang) -> str:
    if block.kind == "verdict":
        return f"**{block.label}{': ' if lang == 'en' else '：'}{_plain(block.lines[0])}**"
    if block.kind == "ready":
        return f"**{block.label}**\n\n> {_plain(block.lines[0])}"
    if block.kind == "list":
        return f"**{label(block.field, lang)}**\n\n" + "\n".join(f"- {_plain(line)}" for line in block.lines)
    return "\n\n".join(map(_plain, block.lines))


def _plain(text: str) -> str:
    """Words as words: nothing in them is Markdown or HTML."""
    escaped = text.replace("\\", "\\\\").replace("&", "&amp;").replace("<", "&lt;")
    for mark in "*_`[]#":
        escaped = escaped.replace(mark, f"\\{mark}")
    return escaped.replace("\n", "  \n")


_STYLE = (
    "body{max-width:42rem;margin:2rem auto;padding:0 1rem;font:1.05rem/1.65 Georgia,'Noto Serif CJK SC','Songti SC',serif}"
    "h2{margin-top:3rem;border-bottom:1px solid #ccc}h3{margin-top:2.5rem}"
    "blockquote{margin:0;padding:.5rem 1rem;border-left:4px solid #2b6b5e;background:#f4f1ea}"
    "@media print{h3{break-after:avoid}blockquote{break-inside:avoid}}"
)
