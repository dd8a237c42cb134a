"""How is the outcome of a copied mail told? One sentence for every reason and every warning, in both languages.

Data. Never shows a number or a link out of a mail.
"""

from __future__ import annotations

from bot.messages import Lang, Model

REASONS: dict[str, tuple[str, str]] = {
    "copied": ("You copied this e-mail: it is followed up.", "你抄送了这封邮件，已记下跟进。"),
    "replied": ("They have replied.", "对方已回复。"),
    "bank_change": (
        "Bank details are spoken of: before any payment, call a number you already had.",
        "邮件涉及收款账户：付款前请拨打你原来就有的号码核实。",
    ),
    "bank_change_again": ("Bank details again; the check by telephone is still open.", "再次涉及收款账户，电话核实仍未完成。"),
    "verify_first": (
        "They wrote, but only your call to a number you already had closes this.",
        "对方来信了，但只有你拨打原有号码核实后才能关闭。",
    ),
    "out_of_office": ("They are out of office.", "对方不在办公室（自动回复）。"),
    "auto_reply": ("An automatic answer came; nobody has read it yet.", "收到自动回复，对方还没有看邮件。"),
    "sent_again": ("You wrote again in the same thread.", "你在同一邮件往来中又发了一封。"),
    "not_delivered": ("The e-mail did not arrive: text or call instead.", "邮件没有送达：请改用微信、短信或电话。"),
    "delayed": ("The e-mail is held up on its way.", "邮件在途中延迟了。"),
    "delivery_report": ("A report that the e-mail was delivered.", "邮件已送达的通知。"),
    "sender_not_authenticated": (
        "It is not certain who sent this e-mail. Is it yours? Nothing was done with it.",
        "无法确认这封邮件是谁发的。是你发的吗？在你确认之前不会处理。",
    ),
    "foreign_not_authenticated": (
        "It is not certain who sent this e-mail. Nothing was done with it.",
        "无法确认这封邮件是谁发的，未作任何处理。",
    ),
    "unknown_sender": ("Somebody we do not know wrote. What should be done with it?", "发件人未知，要如何处理？"),
    "not_your_address": (
        "It came from an address of your firm that is not known as yours. Is it yours?",
        "这封邮件来自贵公司的另一个地址。是你的吗？",
    ),
    "no_open_followup": ("A contact wrote, and nothing is open with them.", "一位联系人来信，但目前没有待跟进的事项。"),
    "bounce_not_ours": ("A report about an e-mail that is not followed up.", "退信通知涉及的邮件不在跟进之列。"),
    "bounce_unclear": (
        "An e-mail to them came back, it is not said which. Is it this one?",
        "发给对方的邮件被退回，但不知是哪一封。是这一封吗？",
    ),
    "subject_only": ("Somebody answered under the same subject. Is it the answer?", "同一主题有来信。这是对方的答复吗？"),
    "sender_only": ("They wrote about something. Is it the answer?", "对方来信了。这是答复吗？"),
    "sender_differs": ("An answer came from another address. Is it from them?", "答复来自另一个地址。是对方发的吗？"),
    "colleague_of_counterpart": ("A colleague of theirs wrote. Is it the answer?", "对方的同事来信了。这算答复吗？"),
    "meeting_answer": ("They answered a meeting. Is it about this?", "对方回应了会议邀请。是这件事吗？"),
    "no_counterpart": ("Whom is this about? The e-mail names nobody outside your firm.", "这封邮件没有写明对方是谁。要跟进谁？"),
    "meeting_cancelled": ("You cancelled the meeting. Shall the follow-up end too?", "你取消了会议。跟进也要取消吗？"),
    "duplicate": ("This e-mail was already taken in.", "这封邮件已经处理过。"),
    "loop": ("This e-mail came from ourselves.", "这封邮件来自本系统，已忽略。"),
    "list": ("It is from a mailing list.", "这是群发邮件，已忽略。"),
    "automatic": ("It was sent by a machine.", "这是系统自动发送的邮件，已忽略。"),
    "own_colleague": ("A colleague of yours wrote in the thread.", "你的同事在邮件往来中发言。"),
    "already_closed": ("The follow-up had ended before.", "该跟进此前已结束。"),
    "unknown_address": ("There is no such address.", "没有这个地址。"),
}
CAUTIONS: dict[str, tuple[str, str]] = {
    "verify_by_phone": (
        "verify by a call to a number you already had before any payment; use no number from the mail and do not reply to it",
        "付款前请拨打你原来就有的号码核实；不要使用邮件里的号码，也不要直接回复该邮件",
    ),
    "bank_details": ("the mail names bank details", "邮件中提到了银行账户信息"),
    "look_alike": ("look-alike address: {found} is not {known}", "相似地址：{found} 并不是 {known}"),
    "reply_elsewhere": ("answers to this mail would go to another domain: {found}", "回复这封邮件会发到另一个域名：{found}"),
    "name_is_address": ("the name shown is another address than the real one", "显示的名称是另一个邮箱地址，与实际地址不同"),
    "instructions": (
        "the mail contains text that tries to give orders to this assistant; it was not obeyed",
        "邮件里有试图指挥本助手的文字，未予执行",
    ),
    "not_authenticated": ("the sender is not authenticated (dmarc={found})", "发件人未通过验证（dmarc={found}）"),
    "cut": ("only the beginning of the mail was read", "只读取了邮件的开头部分"),
    "subject_changed": ("the answer has another subject", "答复的主题不同"),
    "several_open": ("another follow-up is open with the same counterpart: {found}", "与同一对方还有其他未结束的跟进：{found}"),
    "time_unclear": (
        "the time “{found}” can be read in several ways or not at all; the usual time stands, tell me another",
        "“{found}”这个时间看不准，先按惯常的时间；你可以改",
    ),
    "declined": ("they declined the meeting", "对方拒绝了会议"),
}


class Caution(Model):
    """One warning: its code in CAUTIONS, and what it is about."""

    code: str
    found: str = ""
    known: str = ""

    def says(self, lang: Lang = "en") -> str:
        """The warning as a sentence."""
        return CAUTIONS[self.code][lang == "zh"].format(found=self.found, known=self.known)


def reason_says(reason: str, lang: Lang = "en") -> str:
    """The reason as a sentence; a reason without one stands for itself."""
    return REASONS[reason][lang == "zh"] if reason in REASONS else reason


TALK: dict[str, tuple[str, str]] = {
    "title": ("An e-mail I am not sure about", "有一封邮件我拿不准"),
    "from": ("From {who}: {subject}", "发件人 {who}：{subject}"),
    "to": ("To {who}", "收件人 {who}"),
    "followup": ("It may be about: {what}", "可能关于：{what}"),
    "excerpt": ("“{words}”", "“{words}”"),
    "yes": ("Yes, that is it", "是的"),
    "yes.mine": ("Yes, it is mine: follow it up", "是我的，请跟进"),
    "about": ("It is about: {what}", "关于：{what}"),
    "no": ("No, leave everything as it is", "不是，保持不变"),
    "no.not": ("No, it is not mine", "不是我的"),
    "yes.answer": ("Remind me to deal with it", "提醒我处理"),
    "no.leave": ("Leave it", "不用处理"),
    "title.whom": ("Your e-mail “{subject}”", "你的邮件“{subject}”"),
    "type": ("Type a name or an e-mail address, and it is followed up.", "请直接回复对方的姓名或邮箱地址，我就记下跟进。"),
    "whom.nobody": ("Nobody: just remind me", "没有对方，只提醒我"),
    "whom.no": ("No follow-up", "不用跟进"),
    "wait.last": (
        "That makes {n} e-mails that I asked about in a day. Whatever else comes today waits until you want to see it.",
        "一天之内我已经问了{n}封邮件。今天再来的会先留着，你想看时再看。",
    ),
    "wait.more": ("More e-mails that wait for a word of yours: {n}.", "还有{n}封邮件在等你确认。"),
    "wait.show": ("Show the e-mails that wait", "查看等待确认的邮件"),
    "wait.title": ("E-mails that wait for a word of yours", "等你确认的邮件"),
    "wait.text": ("Which one? Nothing is done with them until you say so.", "先看哪一封？在你确认之前不会处理。"),
    "wait.none": ("No e-mail waits for you.", "没有等你确认的邮件。"),
    "kept": ("All right, nothing was changed.", "好，什么都没动。"),
    "forged": (
        "Good that you looked: nothing was done. If such mails keep coming, make a new address: `caucus person mail-address` with --rotate.",
        "幸好你看了一眼：什么都没做。如果还有这样的邮件，请换一个专用地址：`caucus person mail-address` 加 --rotate。",
    ),
    "answered": ("That question is settled already.", "这个问题已经处理过了。"),
    "address": (
        "Copy (BCC) your mail to this address; it is yours alone and is not shown again:\n\n{address}",
        "发邮件时密送到这个地址；它只属于你，不会再显示：\n\n{address}",
    ),
}


def mail_says(name: str, lang: Lang, **values: object) -> str:
    """The coach's words about a copied mail."""
    return TALK[name][lang == "zh"].format(**values)
