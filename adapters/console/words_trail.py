"""What does the console say of the house: who did what, which part works? Both languages, each written for its readers."""

from __future__ import annotations

from bot.messages import Lang

WORDS: dict[str, dict[Lang, str]] = {
    "by_operator": {"en": "command line", "zh": "命令行"},
    "by_slack": {"en": "Slack", "zh": "Slack"},
    "by_clock": {"en": "by itself", "zh": "系统"},
    "did_role": {"en": "gave a role", "zh": "更改角色"},
    "did_person.add": {"en": "added", "zh": "添加人员"},
    "did_person.invite": {"en": "invited", "zh": "发出邀请"},
    "did_person.sign-out": {"en": "signed out", "zh": "强制退出"},
    "did_delivery.again": {"en": "sent a delivery again", "zh": "重发消息"},
    "did_delivery.arrived": {"en": "took a delivery as arrived", "zh": "把消息记为已收到"},
    "did_delivery.drop": {"en": "dropped a delivery", "zh": "放弃一条消息"},
    "did_layer.propose": {"en": "proposed change", "zh": "提交修改"},
    "did_layer.accept": {"en": "accepted change", "zh": "接受修改"},
    "did_layer.decline": {"en": "declined change", "zh": "拒绝修改"},
    "did_broadcast.draft": {"en": "drafted a broadcast", "zh": "起草群发"},
    "did_broadcast.change": {"en": "changed a broadcast", "zh": "修改群发"},
    "did_broadcast.test": {"en": "tested a broadcast", "zh": "试发群发"},
    "did_broadcast.approve": {"en": "approved a broadcast", "zh": "批准群发"},
    "did_broadcast.start": {"en": "started a broadcast", "zh": "开始群发"},
    "did_broadcast.pause": {"en": "paused a broadcast", "zh": "暂停群发"},
    "did_broadcast.resume": {"en": "went on with a broadcast", "zh": "继续群发"},
    "did_broadcast.cancel": {"en": "cancelled a broadcast", "zh": "取消群发"},
    "did_broadcast.run": {"en": "began to send a broadcast", "zh": "群发开始发送"},
    "did_broadcast.end": {"en": "ended a broadcast", "zh": "群发结束"},
    "did_broadcast.stop": {"en": "stopped a broadcast", "zh": "群发自动停止"},
    "did_broadcast.skip": {"en": "skipped a broadcast", "zh": "跳过一次群发"},
    "with_version": {"en": "version", "zh": "版本"},
    "with_segment": {"en": "to", "zh": "发给"},
    "with_first": {"en": "first", "zh": "首次"},
    "with_audience": {"en": "people", "zh": "人数"},
    "with_failed": {"en": "failed", "zh": "失败"},
    "with_state": {"en": "now", "zh": "状态"},
    "part_database": {"en": "Database", "zh": "数据库"},
    "part_disk": {"en": "Disk", "zh": "磁盘空间"},
    "part_mail": {"en": "Copied mail", "zh": "抄送邮件的接收"},
    "part_slack": {"en": "Connection to Slack", "zh": "与 Slack 的连接"},
    "part_understanding": {"en": "Understanding", "zh": "理解能力"},
}
