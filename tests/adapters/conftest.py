"""What the tests of the console share: a house in use and browsers that are signed in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from bot.wiring import App, web
from tests.site_world import OWN, a_link, settle_in


@pytest.fixture
def people(app: App) -> dict[str, str]:
    """A house in use."""
    return settle_in(app)


@pytest.fixture
def sign(app: App) -> Callable[[str], TestClient]:
    """`sign(person)`: a browser that is signed in."""
    server = web(app)

    def sign_in(person: str) -> TestClient:
        here = TestClient(server, base_url="http://127.0.0.1:8000", client=("127.0.0.1", 1), follow_redirects=False)
        assert here.post(a_link(app, person), data={"to": "/console"}, headers=OWN).status_code == 303
        return here

    return sign_in
