"""What the coach says when several follow-ups are ended or taken back in one go, in both languages."""

from __future__ import annotations

from bot.messages import Lang

SEVERAL: dict[str, dict[Lang, str]] = {
    "all.cancel": {"en": "Drop all {number} open follow-ups?", "zh": "要取消全部 {number} 件未结的跟进吗？"},
    "all.cancel.one": {
        "en": "One follow-up is open: {what}. Drop it?",
        "zh": "未结的跟进只有一件：{what}。要取消吗？",
    },
    "all.done": {"en": "Close all {number} open follow-ups as done?", "zh": "要把全部 {number} 件未结的跟进都标为完成吗？"},
    "all.done.one": {
        "en": "One follow-up is open: {what}. Close it as done?",
        "zh": "未结的跟进只有一件：{what}。要标为完成吗？",
    },
    "all.kept": {"en": "All right, they all stay open.", "zh": "好的，都保持不变，继续跟进。"},
    "did.many.cancel": {"en": "Dropped {number}:\n{what}", "zh": "已取消 {number} 件：\n{what}"},
    "did.many.done": {
        "en": "Closed {number}, I stay silent about them:\n{what}",
        "zh": "已结 {number} 件，不再提醒：\n{what}",
    },
    "did.many.replied": {
        "en": "Good, they answered. Closed {number}:\n{what}",
        "zh": "好，对方已回复。已结 {number} 件：\n{what}",
    },
    "did.many.none": {"en": "Nothing was changed.", "zh": "没有改动。"},
    "was.many": {"en": "These had ended already:\n{what}", "zh": "这些之前已经结束：\n{what}"},
    "many.red": {
        "en": "These stay open: only a call to the number you already had closes them.\n{what}",
        "zh": "以下付款核实仍未结，只有拨打原有号码核实后才能结束：\n{what}",
    },
    "many.more": {"en": "… and {number} more", "zh": "……另有 {number} 件"},
    "no-number": {
        "en": "There is no number {number} on the list: it ends at {last}. Nothing was changed.",
        "zh": "列表里没有第 {number} 件，一共 {last} 件。什么都没有改。",
    },
    "no-numbers": {
        "en": "There are no numbers {number} on the list: it ends at {last}. Nothing was changed.",
        "zh": "列表里没有第 {number} 件，一共 {last} 件。什么都没有改。",
    },
    "did.undo.many": {"en": "Taken back: {number} open again.\n{what}", "zh": "已撤销，{number} 件重新打开：\n{what}"},
    "was.undo.many": {"en": "There is nothing to take back any more.", "zh": "没有可以撤销的了。"},
}
