"""Copied e-mail: raw bytes from a mail server become a CopiedEmail or a refusal. Mail is never answered by mail."""
