"""The team's own layer of knowledge on the console: what is proposed, accepted, undone."""

from __future__ import annotations

from fastapi import APIRouter

from adapters.console.ports import ConsolePorts, CurationPorts


def add_to(console: APIRouter, ports: ConsolePorts, curation: CurationPorts) -> None:
    """The pages of changes."""
