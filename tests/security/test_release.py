"""Does a release fail when it should, above all when nobody could be asked?"""

from __future__ import annotations

from tests.release import LOCK, missing, troubles

FINE = {"name": "rich", "version": "15.0.0", "vulns": []}


def test_a_package_that_was_not_looked_up_is_against_a_release() -> None:
    skipped = {"name": "rich", "skip_reason": "Dependency not found on PyPI and could not be audited: rich (15.0.0)"}
    assert troubles({"dependencies": [FINE, skipped]}) == [f"rich: not looked up: {skipped['skip_reason']}"]
    assert troubles({"dependencies": []}) == ["nothing was looked up"]


def test_a_known_fault_is_against_a_release_and_nothing_else_is() -> None:
    faulty = {**FINE, "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["15.0.1"]}]}
    assert troubles({"dependencies": [faulty]}) == ["rich 15.0.0: PYSEC-2026-1, mended in 15.0.1"]
    assert troubles({"dependencies": [FINE]}) == []


def test_every_pinned_package_is_in_the_bill_of_materials() -> None:
    lock = LOCK.read_text("utf-8")
    assert "fastapi" in missing({"components": [{"name": "rich"}]}, lock)
    assert "rich" not in missing({"components": [{"name": "rich"}]}, lock)
    assert missing({"components": []}, "") == ["nothing is pinned"]
