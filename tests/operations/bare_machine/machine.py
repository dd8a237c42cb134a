"""A bare Debian 12: made by debootstrap, booted with its own systemd by systemd-nspawn, entered, rebooted, and always ended.

It shares the host's network, so that apt and pip reach what the host reaches; its ports must be free there. What this
host needs to reach package indexes is taken along: PIP_* and proxy variables, the folders and files that they name, and
the host's certificate authorities.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path

RELEASE = "bookworm"
BARE = "systemd,systemd-sysv,dbus,ca-certificates"
"""All that it has beyond `--variant=minbase`: less than any Debian that one installs or rents."""
TOOLS = {
    "debootstrap": "debootstrap",
    "systemd-nspawn": "systemd-container",
    "nsenter": "util-linux",
    "git": "git",
}
PORTS = (25, 80, 443, 5432, 6379, 8000, 8001, 8024, 9090, 11332, 11333, 11334)
SOURCES = f"""deb http://deb.debian.org/debian {RELEASE} main
deb http://deb.debian.org/debian {RELEASE}-updates main
deb http://deb.debian.org/debian-security {RELEASE}-security main
"""
"""As Debian's installer leaves them."""
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
HOME = pwd.getpwuid(0).pw_dir
"""Root's, in the machine as here: where an operator begins."""
LENT = Path("/mnt/host")
"""Where the machine sees what it borrows of the host, under the same names."""


class Broken(Exception):
    """A command ended badly, or what it should have led to is not there; says which and how."""


def missing() -> list[str]:
    """What this host lacks to run such a machine; nothing when it can."""
    found = [] if os.geteuid() == 0 else ["root: run it with sudo"]
    found += [f"{tool}: apt-get install {package}" for tool, package in TOOLS.items() if not shutil.which(tool, path=PATH)]
    for port in PORTS:
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind(("", port))
            except OSError as error:
                found.append(f"port {port} of this host: {error.strerror}")
    return found


def lent() -> tuple[dict[str, str], list[str]]:
    """(variables inside, options of systemd-nspawn) for package indexes as this host reaches them."""
    given = {name: value for name, value in os.environ.items() if name.startswith("PIP_") or name.lower().endswith("_proxy")}
    if authorities := ssl.get_default_verify_paths().cafile:
        given.setdefault("PIP_CERT", authorities)
    options = set[str]()
    for name, value in given.items():
        words = value.split()
        for at, word in enumerate(words):
            if word.startswith("/") and Path(word).exists():
                options.add(f"--bind-ro={word}:{LENT}{word}")
                words[at] = f"{LENT}{word}"
        given[name] = " ".join(words)
    return given, sorted(options)


def debootstrap(root: Path) -> None:
    """The files of a bare machine below `root`. Raises Broken with debootstrap's last words."""
    words = ["debootstrap", "--variant=minbase", f"--include={BARE}", RELEASE, str(root)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=os.environ | {"PATH": PATH})
    if done.returncode:
        raise Broken(f"debootstrap: {done.stdout[-1_000:]}{done.stderr[-1_000:]}")
    (root / "etc/apt/sources.list").write_text(SOURCES)
    (root / "etc/hostname").write_text("machine\n")


class Machine:
    """One machine, switched off. `told` receives whatever is said in it."""

    def __init__(self, root: Path, told: Path) -> None:
        self.root, self._told = root, told
        self._variables, self._options = lent()
        self._nspawn: subprocess.Popen[bytes] | None = None

    def boot(self, seconds: float = 120) -> None:
        """Start it and wait until its systemd has started everything, well or not. Raises Broken."""
        unified = Path("/sys/fs/cgroup/cgroup.controllers").exists()
        words = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--boot", f"--directory={self.root}"]
        with self._told.open("ab") as told:
            self._nspawn = subprocess.Popen(
                [*words, *self._options],
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=subprocess.STDOUT,
                env=os.environ | ({} if unified else {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "0"}),
                start_new_session=True,  # a Ctrl-C is for us, who end it in order
            )
        until = time.monotonic() + seconds
        while time.monotonic() < until and self._nspawn.poll() is None:
            if self._leader() and self.run("systemctl is-system-running --wait", strict=False).strip() in ("running", "degraded"):
                return
            time.sleep(1)
        raise Broken(f"the machine did not start; see {self._told}")

    def _leader(self) -> int | None:
        """The host's number of the machine's systemd; None while there is none."""
        assert self._nspawn
        children = Path(f"/proc/{self._nspawn.pid}/task/{self._nspawn.pid}/children").read_text().split()
        named = [int(child) for child in children if Path(f"/proc/{child}/comm").read_text().strip() == "systemd"]
        return named[0] if named else None

    def run(self, script: str, *, strict: bool = True, seconds: float = 1_500) -> str:
        """What a root shell says to these lines, both streams in one; `strict` ends at the first failing line (Broken)."""
        variables = {"PATH": PATH, "HOME": HOME, "USER": "root", "LANG": "C.UTF-8", "TERM": "dumb"} | self._variables
        inside = ["env", "--ignore-environment", f"--chdir={HOME}", *(f"{name}={value}" for name, value in variables.items())]
        words = ["nsenter", "--target", str(self._leader()), "--all", *inside, "bash", *(["-e"] if strict else []), "-c", script]
        with self._told.open("a+", encoding="utf-8", errors="replace") as told:
            told.write(f"\n--- {time.strftime('%H:%M:%S')}\n{script}\n---\n")
            told.flush()
            start = told.tell()
            try:
                ended = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=told, stderr=told, timeout=seconds, check=False)
            except subprocess.TimeoutExpired as late:
                raise Broken(f"not done in {seconds:.0f} s:\n{script}") from late
            told.seek(start)
            said = told.read()
        if strict and ended.returncode:
            raise Broken(f"ended with {ended.returncode}:\n{script}\n--- said at last:\n{said[-3_000:]}")
        return said

    def put(self, file: Path, name: str) -> None:
        """Copy a file of the host into root's home, as `scp` would."""
        shutil.copyfile(file, self.root / HOME.lstrip("/") / name)

    def reboot(self) -> None:
        """Reboot it from within, and wait until it is up again."""
        assert self._nspawn
        self.run("systemctl reboot", strict=False)
        self._nspawn.wait(120)
        self.boot()

    def end(self) -> None:
        """Switch it off, in order if it can be; nothing of it runs afterwards."""
        if not self._nspawn or self._nspawn.poll() is not None:
            return
        leader = self._leader()
        self._nspawn.send_signal(signal.SIGTERM)
        try:
            self._nspawn.wait(90)
        except subprocess.TimeoutExpired:
            if leader:
                os.kill(leader, signal.SIGKILL)
            self._nspawn.kill()
            self._nspawn.wait(30)


def remove(root: Path) -> None:
    """Delete a machine's files; what an interrupted debootstrap left mounted there is unmounted first."""
    mounted = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines() if f" {root}/" in line]
    for place in reversed(mounted):
        subprocess.run(["umount", "--lazy", place], check=True)
    shutil.rmtree(root, ignore_errors=True)
