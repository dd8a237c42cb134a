"""`make release`: the wheel, what is in it (CycloneDX), and whether any dependency has a known fault.

`python -m tests.release FOLDER` leaves the wheel, `sbom.json` and `audit.json` there. It fails when a fault is known, and as
loudly when somebody could not be asked: pip-audit itself says "no known vulnerabilities" of packages it could not look up.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

REPO = Path(__file__).parent.parent
LOCK = REPO / "requirements.lock"


def troubles(audit: dict[str, Any]) -> list[str]:
    """What pip-audit's JSON says against a release, package by package."""
    found = [f"{each['name']}: not looked up: {each['skip_reason']}" for each in audit["dependencies"] if "skip_reason" in each]
    found += [
        f"{each['name']} {each['version']}: {fault['id']}, mended in {', '.join(fault['fix_versions']) or 'no version'}"
        for each in audit["dependencies"]
        for fault in each.get("vulns", [])
    ]
    return found or ([] if audit["dependencies"] else ["nothing was looked up"])


def missing(sbom: dict[str, Any], lock: str) -> list[str]:
    """What is pinned and not in the bill of materials."""
    pinned = {line.partition("==")[0] for line in lock.splitlines() if "==" in line and not line.startswith((" ", "#"))}
    return sorted(pinned - {each["name"] for each in sbom["components"]}) or ([] if pinned else ["nothing is pinned"])


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """One of the tools of this environment, as a module; its last words are shown when it fails."""
    done = subprocess.run([sys.executable, "-m", *map(str, words)], cwd=REPO, capture_output=True, text=True, check=False)
    if done.returncode and "pip_audit" not in words:  # which also ends so when it found something
        sys.exit(f"{words[0]} failed:\n{done.stderr[-2_000:]}")
    return done


def main(folder: Path) -> None:
    """Make all three, and fail with every reason."""
    folder.mkdir(parents=True, exist_ok=True)
    run("hatchling", "build", "--target", "wheel", "--directory", folder)
    sbom, audit = folder / "sbom.json", folder / "audit.json"
    run(
        "cyclonedx_py", "requirements", LOCK, "--pyproject", "pyproject.toml", "--output-reproducible", "--of", "JSON", "-o", sbom
    )
    if lost := missing(json.loads(sbom.read_text("utf-8")), LOCK.read_text("utf-8")):
        sys.exit(f"not in the bill of materials: {', '.join(lost)}")
    audited = run("pip_audit", "--require-hashes", "--disable-pip", "-r", LOCK, "-f", "json")
    try:
        found = json.loads(audited.stdout)
    except ValueError:
        sys.exit(f"NOT AUDITED: pip-audit could not ask anybody:\n{audited.stderr[-2_000:]}")
    audit.write_text(json.dumps(found, indent=1), "utf-8")
    if against := troubles(found):
        sys.exit("NOT FIT FOR RELEASE:\n" + "\n".join(against))
    sys.stdout.write(f"{folder}: wheel, bill of materials, and no known fault in {len(found['dependencies'])} packages\n")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "dist"))
