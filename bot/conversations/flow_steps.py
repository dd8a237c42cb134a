"""Which words steer a flow rather than answer it: back, why, stop, once more, the verdict now? Pure."""

from __future__ import annotations

import re
from typing import Literal

from rapidfuzz import fuzz, process

from bot.conversations.flow_words import words_of
from bot.intents.normalise import normalise

Control = Literal["back", "why", "stop", "restart", "verdict", "dont_know"]
CONTROL: dict[Control, tuple[str, ...]] = {
    "back": words_of("""
        back / go back / one step back / previous / previous question / last question again / undo /
        change my last answer / change my answer / i made a mistake / sorry that was wrong / let me correct that /
        that was wrong / wrong answer / 上一步 / 返回 / 返回上一步 / 退回上一步 / 回上一步 / 后退 / 回到上一题 /
        上一题 / 上一个问题 / 我答错了 / 刚才说错了 / 刚才选错了 / 刚才那个选错了 / 改一下上一个 / 撤回 / 回去 / 选错了 / 点错了
    """),
    "why": words_of("""
        why / why do you ask / why do you ask that / why are you asking / why do you need to know /
        why does that matter / what for / does that matter / why is that important / how is that relevant /
        what has that to do with it / what's the point / what's that got to do with it /
        what does that have to do with it / how does that matter / is that important / 为什么 / 为什么问这个 /
        为什么要问 / 为啥 / 问这个干嘛 / 问这个做什么 / 这有什么关系 / 这重要吗 / 这个有关系吗 / 有什么用 /
        干嘛问这个
    """),
    "stop": words_of("""
        stop / cancel / quit / exit / end / abort / that's enough / that's enough for today / enough for now /
        enough for today / enough / never mind / nevermind / forget it / leave it / no more questions / stop asking /
        let's stop / i'm done / stop it / not now / later / let us stop here / drop it / 停 / 停止 / 停下 / 取消 /
        退出 / 结束 / 算了 / 不问了 / 不用了 / 到此为止 / 先这样 / 别问了 / 不想答了 / 不聊了 / 以后再说 / 下次再说
    """),
    "restart": words_of("""
        restart / start over / start again / from the beginning / from the start / begin again / reset /
        let's start over / 重新开始 / 从头开始 / 从头来 / 从头来一遍 / 从头再来 / 重来 / 再来一遍 / 重新来 / 重置 /
        重头来
    """),
    "verdict": words_of("""
        verdict / verdict now / result / just tell me / tell me now / give me the verdict / your verdict /
        what do you think so far / what is the verdict / conclusion / bottom line / skip to the end /
        just the answer / no time just tell me / so yes or no / 结论 / 直接说结论 / 直接告诉我 / 说结论 / 结果呢 /
        先给结论 / 给个结论 / 所以呢 / 别问了直接说 / 先说结果 / 到底行不行
    """),
    "dont_know": words_of("""
        don't know / i don't know / dont know / dunno / idk / no idea / no clue / not sure / unsure / i'm not sure /
        unknown / can't say / cannot say / hard to say / hard to tell / couldn't tell you / who knows /
        haven't checked / have to check / i would have to check / need to check / need to ask / i have to ask / skip /
        pass / next / not clear / unclear / nobody told me / no information / haven't asked / i wish i knew /
        beats me / not that i know / don't remember / can't tell / 不知道 / 不清楚 / 不太清楚 / 不确定 / 不太确定 /
        说不准 / 不好说 / 没概念 / 不了解 / 不晓得 / 没问过 / 没打听过 / 要问一下 / 得问问 / 我查一下 / 还要确认 /
        跳过 / 下一个 / 难说 / 说不好 / 没数 / 心里没底 / 忘了 / 记不清 / 不记得 / 拿不准 / 谁知道呢 / 不懂
    """),
}
"""Whole messages that steer a flow; `verdict` asks for the verdict at once."""
_CLAUSES = re.compile(r"[,.;!?，。；！？]|(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")
_WAIT = frozenset(
    ("wait", "hold on", "one moment", "hm", "oops", "sorry", "等等", "等一下", "稍等", "不对", "哎呀", "抱歉", "不好意思")
)
"""Said before a step: "wait, go back"."""
_QUESTION = re.compile(
    r"[?？]|[吗呢]\s*$|^(what|why|how|who|when|where|which|should|can|could|is|are|do|does|did)\b|怎么|为什么|什么|哪"
)

_CORRECTION = re.compile(
    r"(change|correction|correct that|actually|sorry|wait|i meant|换一下|改一下|更正|其实|不对|说错|刚才说错)"
)


def asks(text: str) -> bool:
    """Whether it is put as a question."""
    return bool(_QUESTION.search(normalise(text)))


def corrects(text: str) -> bool:
    """Whether it takes back what was said: "change: the term is one year"."""
    return bool(_CORRECTION.match(normalise(text)))


def steering(text: str) -> Control | None:
    """What a message that only steers a flow wants ("back", 先给结论); None for any other."""
    said = normalise(text).strip(" .!?。！？~…")
    stripped = re.sub(
        r"^(please|ok|okay|sorry|hm+|um+|well|请|麻烦|那|嗯|呃)[,，\s]*|[,，\s]*(please|thanks|thank you|吧|了|谢谢|呢|啊)$",
        "",
        said,
    )
    for kind, phrases in CONTROL.items():
        if said in phrases or stripped in phrases:
            return kind
    parts = [part for part in _CLAUSES.split(said) if part.strip() and part.strip() not in _WAIT]
    if 1 <= len(parts) <= 2 and parts[0].strip() != said and (first := steering(parts[0])) == steering(parts[-1]):
        return first
    if 5 <= len(stripped) <= 40:
        best = process.extractOne(
            stripped, [p for ps in CONTROL.values() for p in ps if len(p) >= 5], scorer=fuzz.ratio, score_cutoff=90
        )
        if best:
            return next(kind for kind, phrases in CONTROL.items() if best[0] in phrases)
    return None
