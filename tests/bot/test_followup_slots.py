"""Whom and what everyday sentences name, besides their time, in both languages; and what is never taken for a name."""

from __future__ import annotations

import pytest

from bot.followups.slots import slots_of
from bot.followups.times import read
from bot.followups.worktime import find_zone
from bot.wiring import App
from tests.bot.test_followup_talk import NOW, Talk

SAID = """
刚发邮件给日本的田中先生，明天他们那边早上九点提醒我 | 田中先生 |
刚发邮件给日本的田中先生谈报价的事，明天早上九点提醒我 | 田中先生 | 报价
半小时后提醒我打电话 | | 打电话
提醒我跟进报价的事，明天上午10点 | | 跟进报价的事
remind me to call Wang every monday at 9 | Wang | call Wang
also ping me about the NDA with Kenji next tuesday 9am Tokyo time | Kenji | NDA
I sent Mr Li the samples on friday, remind me in 3 days if he doesnt answer | Mr Li | samples
微信上跟李姐说了样品的事，后天下午三点提醒我跟一下 | 李姐 | 样品
下周一提醒我催深圳那边的合同 | 深圳那边 | 催合同
emailed Kumar in Mumbai the drawings, remind me tomorrow 9am Mumbai time | Kumar | drawings
wrote to Somchai in Bangkok about the prices, ping me fri 3pm | Somchai | prices
Just called Mrs. Schmidt about the invoice, remind me on Friday at 10 | Mrs. Schmidt | invoice
Messaged Tanaka-san on WeChat about the delivery date, ping me tomorrow 3pm | Tanaka-san | delivery date
Sent the revised contract to Acme Ltd this morning, remind me on Thursday | Acme Ltd | revised contract
Remind me next Monday at 9 to ask the buyer's secretary about the visit | the buyer's secretary | visit
Texted Ali about the shipping documents, nudge me in two hours | Ali | shipping documents
Emailed the purchasing manager our new price list, remind me Thursday 2pm | the purchasing manager | new price list
Waiting for Maria's reply on the payment terms, remind me tomorrow morning | Maria | payment terms
Sent Dr Müller a note about the audit, remind me in 3 days | Dr Müller | audit
remind me to send Paul the updated quotation tomorrow at 4pm | Paul | send Paul the updated quotation
Gave Jean-Pierre the samples at the fair, remind me next Wednesday | Jean-Pierre | samples
Left Mr O'Brien a voicemail about the deposit, remind me tomorrow at 11 | Mr O'Brien | deposit
I asked Huawei for the signed NDA, ping me on Friday | Huawei | signed NDA
Spoke with Ms Chen on the phone about the tooling costs, remind me Tuesday 10am | Ms Chen | tooling costs
I forwarded the test report to our agent in Dubai, remind me on Thursday | our agent in Dubai | test report
Sent Samsung our quotation yesterday, remind me in two days if they stay silent | Samsung | quotation
Remind me on Friday to chase Rossi for the signed order | Rossi | signed order
Wrote Li Na an e-mail re: packaging, remind me tomorrow 9am | Li Na | packaging
Offered Petrov a 3% discount, ping me on Friday afternoon | Petrov | 3% discount
Handed the drawings to Kim at LG, remind me Monday 9am | Kim at LG | drawings
Have to call Ana back about the claim, remind me at 5pm | Ana | claim
If Nguyen has not answered on the MOQ by Friday 10am, remind me | Nguyen | MOQ
刚给采购经理发了新报价，明天下午三点提醒我 | 采购经理 | 新报价
昨天微信跟陈姐确认了交期，周五上午提醒我 | 陈姐 | 交期
打电话给王工问图纸的事，后天上午十点提醒我跟进 | 王工 | 图纸
合同发给华为的李经理了，下周二上午九点提醒我 | 华为的李经理 | 合同
跟德国客户说了付款方式，三天后提醒我 | 德国客户 | 付款方式
等张总的签字合同，周四下午提醒我 | 张总 | 签字合同
明天上午十点提醒我给刘秘书打电话 | 刘秘书 | 给刘秘书打电话
样品已经寄给孟买的Kumar了，下周三提醒我 | Kumar | 样品
刚在微信上给小赵发了发票，明天中午提醒我看他回没回 | 小赵 | 发票
跟阿里巴巴的采购谈了账期，下周一提醒我 | 阿里巴巴的采购 | 账期
催一下老周的回款，周五下午四点提醒我 | 老周 | 催一下回款
周三上午提醒我联系史密斯先生 | 史密斯先生 | 联系史密斯先生
邮件问了田中部长验货时间，明天下午两点提醒我 | 田中部长 | 验货时间
报价单发到客户那边了，三个工作日没回就提醒我 | 客户 | 报价单
把保密协议发给Kenji了，下周二上午提醒我 | Kenji | 保密协议
请韩国的金部长确认订单数量了，后天提醒我 | 金部长 | 订单数量
刚发短信给司机小李，一小时后提醒我 | 司机小李 |
约了马总谈独家代理的事，周五上午十点提醒我 | 马总 | 独家代理
通知了财务王姐付定金的事，明天提醒我 | 财务王姐 | 付定金
向供应商要了质检报告，明天上午九点提醒我 | 供应商 | 质检报告
给陈博士回了邮件，关于样机测试，周一提醒我 | 陈博士 | 样机测试
"""


@pytest.mark.parametrize("line", SAID.strip().splitlines())
def test_the_name_and_the_matter_are_those_a_person_would_write_down(line: str) -> None:
    text, who, what = (part.strip() for part in line.split("|"))
    spans = read(text, NOW, find_zone("Europe/Berlin").key).spans
    found = slots_of(text, spans)
    assert (found.who, found.what) == (who, what)


CLOSES = ["they replied", "Kenji replied", "对方回复了", "已经搞定了"]
LISTS = ["list", "what is open?", "show me the list", "还有哪些没跟完", "列一下"]


@pytest.mark.parametrize("said", [*CLOSES, *LISTS])
def test_what_closes_or_lists_is_no_name_and_no_matter(app: App, said: str) -> None:
    talk = Talk(app)
    talk("I emailed Kenji about the samples, remind me tomorrow at 9:30")
    about = len(said) % 2 == 0
    assert (
        talk("I emailed Mr Sato, remind me on Friday" if about else "remind me").id
        == f"followup.ask.{'what' if about else 'who'}"
    )
    assert talk.answer(said).intent == ("followup-list" if said in LISTS else "followup-done")
    assert len(talk.rows()) == 1, "nothing is noted of it"


@pytest.mark.parametrize("what", ["list of spare parts", "清单", "回复样品", "the reply to our quote", "完成的图纸"])
def test_a_matter_that_sounds_like_it_is_taken(app: App, what: str) -> None:
    talk = Talk(app)
    talk("I emailed Mr Sato, remind me tomorrow at 15:00")
    assert what in talk(what).title or what.removeprefix("the ") in talk.row.subject


@pytest.mark.parametrize("said", ["cancel the reminder", "取消这个提醒"])
def test_the_reminder_that_is_dropped_is_the_one_in_the_making(app: App, said: str) -> None:
    talk = Talk(app)
    talk("I emailed Kenji about the samples, remind me tomorrow at 9:30")
    talk("I emailed Mr Sato about the drawings, please remind me")
    assert talk(said).id == "followup.stopped"
    assert talk.row.state == "open"


@pytest.mark.parametrize("words", ["明天他们那边早上九点提醒我", "remind me tomorrow at 15:00"])
def test_a_time_in_answer_to_about_what_is_no_matter(app: App, words: str) -> None:
    talk = Talk(app)
    talk("刚发邮件给日本的田中先生，提醒我")
    talk(words)
    assert talk.row.subject == ""
