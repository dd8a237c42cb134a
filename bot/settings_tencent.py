"""What is wrong with the settings of WeChat and WeCom? A channel is set up wholly or not at all."""

from __future__ import annotations

import base64
import binascii

from pydantic import BaseModel

NEEDED = {
    "wechat": ("wechat_app_id", "wechat_app_secret", "wechat_token", "wechat_aes_key"),
    "wecom": ("wecom_corp_id", "wecom_agent_id", "wecom_secret", "wecom_token", "wecom_aes_key"),
}
USUAL = {"wechat_api_url", "wecom_api_url", "wechat_certified", "wechat_kind", "wechat_allow_plain", "wecom_markdown"}
"""These have defaults and say by themselves nothing of a channel that is wanted."""


def check_aes_key(key: str) -> None:
    """Raises ValueError unless it is an EncodingAESKey: 43 letters and digits that decode to 32 bytes."""
    try:
        right = len(key) == 43 and len(base64.b64decode(key + "=", validate=True)) == 32
    except (binascii.Error, ValueError):
        right = False
    if not right:
        raise ValueError("is no EncodingAESKey: it has 43 letters and digits, as the console shows it")


def check_template(setting: str) -> None:
    """Raises ValueError unless it reads `TEMPLATE-ID:title-field:text-field`."""
    if len(setting.split(":")) != 3 or not all(setting.split(":")):
        raise ValueError("must read TEMPLATE-ID:title-field:text-field, such as abc123:thing1:thing2")


def check_robots(setting: str) -> None:
    """Raises ValueError unless it reads `name:key, name:key`."""
    if any(":" not in entry.strip().strip(":") for entry in setting.split(",") if entry.strip()):
        raise ValueError("must read name:key, name:key")


def incomplete(settings: BaseModel) -> dict[str, str]:
    """Name → that it is missing, where others of its channel are set."""
    problems: dict[str, str] = {}
    for channel, needed in NEEDED.items():
        names = [name for name in type(settings).model_fields if name.startswith(f"{channel}_") and name not in USUAL]
        if any(_is_set(settings, name) for name in names):
            missing = [name for name in needed if not _is_set(settings, name)]
            if _is_set(settings, "wechat_allow_plain") and settings.model_dump(include={"env"}) == {"env": "development"}:
                missing = [name for name in missing if name != "wechat_aes_key"]
            problems |= dict.fromkeys(missing, f"is needed for {channel}")
    return problems


def insecure(settings: BaseModel) -> dict[str, str]:
    """Name → why it will not do in production."""
    problems: dict[str, str] = {}
    if _is_set(settings, "wechat_allow_plain"):
        problems["wechat_allow_plain"] = "is for development only: plain callbacks can be forged"
    for name in ("wechat_api_url", "wecom_api_url"):
        if not getattr(settings, name).startswith("https://"):
            problems[name] = "must be https:// in production"
    return problems


def _is_set(settings: BaseModel, name: str) -> bool:
    value = getattr(settings, name)
    return bool(value.get_secret_value() if hasattr(value, "get_secret_value") else value)
