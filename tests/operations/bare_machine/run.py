"""`make bare-machine`: what a newcomer and an operator do, done on a bare Debian machine with the commands of the papers themselves.

    python -m tests.operations.bare_machine.run [readme] [operators] [--at FOLDER] [--keep]

Needs root, debootstrap and systemd-nspawn, about 5 GB of disk, and twenty minutes. Ends with 1 and says what did not hold, with 2
when it cannot run here. Everything that was said in the machines is in FOLDER/told (default: var/bare-machine).
"""

from __future__ import annotations

import argparse
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from bot import __version__
from tests.conftest import REPO
from tests.operations.bare_machine import checks, world
from tests.operations.bare_machine.machine import Broken, Machine, debootstrap, missing, remove
from tests.operations.papers import sections

OPERATORS = REPO / "docs" / "operators"
GUIDE, UPGRADE, RUNBOOK = (OPERATORS / f"{name}.md" for name in ("guide", "upgrade", "runbook"))
AFTER: dict[str, Callable[[Machine, str], str]] = {
    "5. Services": checks.hardened,
    "6. TLS and nginx": checks.https,
    "7. The first admin": checks.signed_in,
    "8. Copied mail": checks.copied_mail,
    "9. Channels": checks.not_set_up,
    "10. Watching": checks.watched,
    "11. Backup, and the way back": checks.rehearsed,
}
"""What is looked at after a step of the guide, and shall be true."""
BADLY = {
    "9. Channels": "not set up",
    "A vendor refuses or is down": "not set up",
    "A broadcast is slow or has stopped": "there is no such broadcast",
    "Somebody asks for their data, or for its end": "This cannot be undone",
}
"""Steps whose commands end badly on a machine without vendors, broadcasts and a person at the keyboard; what they say then."""
MADE = """while sleep 2; do
    curl --silent --fail http://127.0.0.1:8000/health/ready && break
    kill -0 "$(cat made)" || { cat made.txt; exit 1; }
done"""
NEWCOMER = "/srv/newcomer"
LOST = "The database is lost or damaged"
NEXT = f"{__version__}.post1"


@contextmanager
def part(name: str) -> Generator[list[str]]:
    """Prints how long it took, and what was put into the list."""
    began, seen = time.monotonic(), list[str]()
    sys.stdout.write(f"{name} … ")
    sys.stdout.flush()
    yield seen
    sys.stdout.write(f"{time.monotonic() - began:.0f} s{': ' if seen else ''}{'; '.join(seen)}\n")


def one(page: Path, heading: str) -> str:
    """The shell blocks below this heading, with our names. Raises Broken when the page has none."""
    found = [text for each, text in sections(page) if each == heading]
    if not found:
        raise Broken(f"{page.name} has no commands below {heading!r}")
    return world.own("".join(found))


def in_a_sentence(page: Path, start: str) -> str:
    """A command that a page names within a sentence. Raises Broken when it does not."""
    found = re.search(rf"`({re.escape(start)} [^`]+)`", page.read_text("utf-8"))
    if not found:
        raise Broken(f"{page.name} names no `{start} …`")
    return found[1]


def releases(at: Path) -> tuple[Path, Path]:
    """caucus.tar.gz as the guide has it made, and one of the next version."""
    this, after, folder = at / "caucus.tar.gz", at / "next.tar.gz", at / "next"
    subprocess.run(
        ["bash", "-ec", in_a_sentence(GUIDE, "git archive").replace("--output ", f"--output {at}/")], cwd=REPO, check=True
    )
    with tarfile.open(this) as packed:
        packed.extractall(folder, filter="data")
    for file in ("bot/__init__.py", "pyproject.toml"):
        text = (folder / "caucus" / file).read_text("utf-8")
        (folder / "caucus" / file).write_text(text.replace(f'"{__version__}"', f'"{NEXT}"', 1), "utf-8")
    with tarfile.open(after, "w:gz") as packed:
        packed.add(folder / "caucus", "caucus")
    shutil.rmtree(folder)
    return this, after


def read_me(machine: Machine, this: Path) -> None:
    """A newcomer's two commands, and the questions of the page."""
    page = REPO / "README.md"
    machine.put(this, "caucus.tar.gz")
    with part("README: what has to be there"):
        machine.run(in_a_sentence(page, "apt-get update").replace("install ", "install --yes "))
    with part("README: Run it, as a user without rights") as seen:
        machine.run(
            f"useradd --create-home --home-dir {NEWCOMER} newcomer; tar --extract --file caucus.tar.gz --directory {NEWCOMER}"
        )
        machine.run(f"chown --recursive newcomer: {NEWCOMER}; apt-get install --yes curl")
        machine.run(as_newcomer(one(page, "Run it")) + " >made.txt 2>&1 & echo $! >made")
        checks.expect("ready", machine.run(MADE), '"status":"ok"')
        seen.append("ready; " + checks.expect("start", machine.run("cat made.txt"), "Caucus is open at [^ ]+"))
    with part("README: Ask it from elsewhere") as seen:
        said = machine.run(as_newcomer('export PATH="$PWD/.venv/bin:$PATH"\n' + one(page, "Ask it from elsewhere")))
        checks.expect("answers", said, "(?s)CAD.*独家.*exclusiv")
        seen.append("answered in both languages")


def as_newcomer(script: str) -> str:
    """The same lines in the checkout of somebody who is not root."""
    quoted = script.replace("'", "'\\''")
    return f"runuser -u newcomer -- env --chdir={NEWCOMER}/caucus HOME={NEWCOMER} bash -ec '{quoted}'"


def guide(machine: Machine, this: Path) -> None:
    """Every block of the guide, from top to bottom."""
    machine.put(this, "caucus.tar.gz")
    steps = list(dict.fromkeys(heading for heading, _ in sections(GUIDE)))
    if lost := (set(AFTER) | {"9. Channels"}) - set(steps):
        raise Broken(f"the guide has no commands below {lost}")
    for heading in steps:
        with part(f"guide: {heading}") as seen:
            said = typed(machine, heading, one(GUIDE, heading))
            if heading in ("5. Services", "8. Copied mail", "9. Channels"):
                checks.ready(machine)
            if heading in AFTER:
                seen.append(AFTER[heading](machine, said))


def typed(machine: Machine, heading: str, text: str) -> str:
    """Run one block; one of BADLY must say what it says there, and know all its commands."""
    said = machine.run(text, strict=heading not in BADLY)
    if heading in BADLY:
        checks.expect(heading, said, re.escape(BADLY[heading]))
        if "command not found" in said:
            raise Broken(said)
    return said


def runbook(machine: Machine) -> None:
    """Every block of the runbook; the loss of the database in earnest."""
    newest = machine.run("find /var/backups/caucus -name '????-??-??.caucus' | sort | tail --lines 1").strip()
    steps = dict.fromkeys(heading for heading, _ in sections(RUNBOOK))
    for heading in [*(each for each in steps if each != LOST), LOST]:
        text = re.sub(r"/var/backups/caucus/\d{4}-\d\d-\d\d\.caucus", newest, one(RUNBOOK, heading)).replace(" ID", " 1")
        with part(f"runbook: {heading}"):
            if heading == LOST:
                stop, rest = text.split("\n", 1)
                gone = "runuser -u postgres -- dropdb caucus\nrunuser -u postgres -- dropuser caucus"
                text = "\n".join((stop, gone, one(GUIDE, "3. Database"), "caucus db upgrade", rest))
            typed(machine, heading, text)
            checks.ready(machine)
            checks.noted(machine)


def operators(machine: Machine, this: Path, after: Path) -> None:
    """The guide, a restart, the runbook, an upgrade and the way back."""
    guide(machine, this)
    with part("the machine is restarted") as seen:
        machine.reboot()
        seen.append(checks.all_back(machine))
    runbook(machine)
    for name, heading, file, wanted in (
        ("upgrade", "On one machine", after, NEXT),
        ("going back", "Going back", this, __version__),
    ):
        with part(f"upgrades: {name}") as seen:
            machine.put(file, "caucus.tar.gz")
            machine.run(one(UPGRADE, heading))
            if (found := checks.version(machine)) != wanted:
                raise Broken(f"{found} answers instead of {wanted}")
            seen.append(f"{wanted} answers; {checks.all_back(machine)}")


def interrupted(*_: object) -> None:
    """SIGTERM ends us as Ctrl-C does: the machine is switched off."""
    sys.exit(143)


def main() -> int:
    """0 when everything held."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=["readme", "operators", []], help="both, unless named")
    parser.add_argument("--at", type=Path, default=REPO / "var" / "bare-machine", help="where the machines lie meanwhile")
    parser.add_argument("--keep", action="store_true", help="leave their files there")
    given = parser.parse_args()
    lacking = missing()
    if subprocess.run(["git", "status", "--porcelain"], cwd=REPO, capture_output=True, check=False).stdout:
        lacking.append("a checkout without uncommitted changes: `git archive` packs what is committed")
    if lacking:
        sys.stdout.write("NOT WALKED, this host lacks:\n" + "".join(f"- {each}\n" for each in lacking))
        return 2
    signal.signal(signal.SIGTERM, interrupted)
    at: Path = given.at.resolve()
    remove(at)
    at.mkdir(parents=True)
    began, running = time.monotonic(), list[Machine]()
    try:
        with part("a bare Debian machine"):
            debootstrap(at / "bare")
            this, after = releases(at)
        for name in given.parts or ("readme", "operators"):
            if lacking := missing():  # the machine before, or somebody else's, holds a port
                raise Broken(", ".join(lacking))
            subprocess.run(["cp", "--archive", at / "bare", at / name], check=True)
            world.settle(at / name)
            running.append(Machine(at / name, at / "told"))
            running[-1].boot()
            if name == "readme":
                read_me(running[-1], this)
            else:
                operators(running[-1], this, after)
            running[-1].end()
    except Broken as error:
        sys.stdout.write(f"\nDID NOT HOLD: {error}\nmore in {at}/told\n")
        return 1
    finally:
        for machine in running:
            machine.end()
        for name in () if given.keep else ("bare", "readme", "operators"):
            remove(at / name)
    sys.stdout.write(f"all held, {time.monotonic() - began:.0f} s\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
