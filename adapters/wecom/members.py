"""Who is in a department or under a tag? Asked of the platform, so that each member can be spoken to by their own hours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from adapters.tencent.api import Api, Refusal
from bot.errors import NotThere

NO_DEPARTMENT = frozenset({60003, 60123, 40066})
NO_TAG = frozenset({40068, 81011})
"""developer.work.weixin.qq.com/document/path/90313 (global codes), 2026-11."""


def of_department(api: Api, department: str) -> list[str]:
    """The ids of its members, those of departments below it too (user/simplelist, document/path/90200, 2026-11).

    Raises NotThere, and the SendErrors.
    """
    told = _ask(api, "user/simplelist", NO_DEPARTMENT, f"department {department}", department_id=department, fetch_child="1")
    return _ids(told.get("userlist"))


def of_tag(api: Api, tag: str) -> list[str]:
    """The ids of those it was given to, and of the members of departments it was given to (tag/get, document/path/90213)."""
    told = _ask(api, "tag/get", NO_TAG, f"tag {tag}", tagid=tag)
    departments = told.get("partylist")
    below = [of_department(api, str(each)) for each in (departments if isinstance(departments, list) else [])]
    return list(dict.fromkeys([*_ids(told.get("userlist")), *(member for some in below for member in some)]))


def _ask(api: Api, path: str, not_there: frozenset[int], what: str, **query: str) -> dict[str, Any]:
    try:
        return api.ask(path, **query)
    except Refusal as refusal:
        if refusal.code in not_there:
            raise NotThere(f"WeCom knows no {what}") from None
        raise refusal.error from None


def _ids(users: object) -> list[str]:
    listed: Iterable[Any] = users if isinstance(users, list) else ()
    return [
        user["userid"] for user in listed if isinstance(user, dict) and isinstance(user.get("userid"), str) and user["userid"]
    ]
