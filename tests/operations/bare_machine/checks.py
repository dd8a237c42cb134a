"""What must be true after each step of the papers. Every check says what it saw, or raises Broken."""

from __future__ import annotations

import re
import time

from tests.operations.bare_machine import world
from tests.operations.bare_machine.machine import Broken, Machine

UNITS = ("caucus-web", "caucus-work", "caucus-backup.timer", "postgresql", "nginx", "postfix", "rspamd", "prometheus")
READY = "curl --retry 150 --retry-delay 2 --retry-connrefused --silent --fail http://127.0.0.1:{}/health/ready"
HARDENED = r"""set -ex
for unit in caucus-web caucus-work; do
    pid=$(systemctl show --property MainPID --value $unit)
    [ "$(stat -c %U /proc/$pid)" = caucus ]
    for line in 'NoNewPrivs:.1' 'CapBnd:.0000000000000000' 'CapEff:.0000000000000000' 'Seccomp:.2'; do
        grep -q "$line" /proc/$pid/status
    done
    [ "$(readlink /proc/$pid/ns/user)" != "$(readlink /proc/1/ns/user)" ]
    grep -q 'hidepid=invisible' /proc/$pid/mounts
    grep -q 'Max open files *8192 *8192' /proc/$pid/limits
    for place in /opt/caucus/ /etc /usr /var/backups/caucus ~ /home /dev; do
        if nsenter --target $pid --mount touch $place/caucus-was-here; then exit 1; fi
    done
    nsenter --target $pid --mount rm --force /var/lib/caucus/caucus-was-here
    nsenter --target $pid --mount touch /var/lib/caucus/caucus-was-here
    rm /var/lib/caucus/caucus-was-here
    [ -z "$(nsenter --target $pid --mount find ~ /home -mindepth 1)" ]
    [ -z "$(nsenter --target $pid --mount find /dev -type b)" ]
    systemd-analyze security $unit.service | grep 'Overall exposure'
    for file in memory/system.slice/$unit.service/memory.limit_in_bytes system.slice/$unit.service/memory.max; do
        if [ -e /sys/fs/cgroup/$file ]; then [ "$(cat /sys/fs/cgroup/$file)" = 2147483648 ]; echo "memory is limited"; fi
    done
done
"""


def expect(what: str, said: str, wanted: str) -> str:
    """The part of what was said that is as `wanted` (a regular expression); Broken when there is none."""
    if found := re.search(wanted, said):
        return found[0]
    raise Broken(f"{what}: no {wanted!r} in:\n{said[-3_000:]}")


def ready(machine: Machine) -> None:
    """Wait until web and worker say that all parts are ready."""
    for port in (8000, 8001):
        expect("ready", machine.run(READY.format(port)), '"status":"ok"')


def hardened(machine: Machine, _: str) -> str:
    """The units' promises, looked at in the processes themselves."""
    said = machine.run(HARDENED)
    exposure = ", ".join(re.findall(r"exposure level for \S+: ([\d.]+)", said))
    limited = (
        ""
        if "\nmemory is limited" in said
        else "; MemoryMax and TasksMax NOT seen: no such cgroup controller given to the machine"
    )
    return f"both ready, nothing but their folder writable, no capability, home, disk; exposure {exposure}{limited}"


def https(machine: Machine, said: str) -> str:
    """The page over TLS, its certificate looked at; port 80 leads there; /metrics is nobody's."""
    expect("health", said, '"status":"ok"')
    ask = "curl --silent --show-error --output /dev/null --write-out '%{http_code} %{redirect_url}' "
    expect("port 80", machine.run(f"{ask} http://{world.WEB}/"), f"^301 https://{world.WEB}/$")
    expect("metrics", machine.run(f"{ask} https://{world.WEB}/metrics"), "^404 $")
    expect("page", machine.run(f"curl --silent --include https://{world.WEB}/"), "(?i)strict-transport-security")
    return "answers over https, http leads there, metrics stay inside"


def signed_in(machine: Machine, said: str) -> str:
    """The admin's link opens the console; a question is answered on the page."""
    link = expect("invitation", said, rf"https://{world.WEB}/sign-in/[\w-]+")
    site = f"curl --silent --show-error --fail --cookie jar --cookie-jar jar -H 'Sec-Fetch-Site: same-origin' https://{world.WEB}"
    machine.run(f"{site}{link.partition(world.WEB)[2]} --data to=/console")
    expect("console", machine.run(f"{site}/console"), "<title>[^<]*Caucus console</title>")
    asked = f"{site}/chat --location --data-urlencode 'text=They asked for exclusivity, what do I say?'"
    expect("answer", machine.run(asked), "Do not agree as asked")
    return "the invitation opens the console, a question is answered"


def copied_mail(machine: Machine, said: str) -> str:
    """A vouched copy becomes a follow-up, a forged one a question that comes by itself, an unknown address is refused."""
    address = expect("address", said, rf"fu\.\w+@{re.escape(world.NAMES['in.example.com'])}")
    expect("doctor", said, "mail LMTP port: ok")
    world.open_mail(machine)
    expect("known sender", world.mail(machine, world.HERS, address), "^accepted$")
    noted(machine)
    page = machine.run(f"curl --silent --show-error --fail --cookie jar https://{world.WEB}/console/followups")
    expect("the console's page", page, "Samples for May")
    stream = f"timeout 90 curl --silent --no-buffer --cookie jar https://{world.WEB}/events > events.txt 2>&1 & sleep 2"
    machine.run(stream)
    expect("forged sender", world.mail(machine, world.ANYBODYS, address), "^accepted$")
    came = machine.run("for i in $(seq 80); do grep -q '^event: card' events.txt && break; sleep 1; done; cat events.txt")
    expect("server-sent events", came, "event: card")
    expect("unknown address", world.mail(machine, world.HERS, address.replace("fu.", "fu.x")), "^refused 550$")
    return "a copy is a follow-up, a forged one is asked about (by SSE through nginx), an unknown address refused"


def noted(machine: Machine) -> None:
    """The follow-up of the copied mail is in the list."""
    look = f"for i in $(seq 30); do caucus followup list --person {world.ANNA} | grep 'Li Wei' && break; sleep 1; done"
    expect("follow-up", machine.run(look), "Samples for May")


def not_set_up(_: Machine, said: str) -> str:
    """No channel was set up, and the doctor says so of each."""
    if said.count("not set up") != 3:
        raise Broken(said)
    return "the doctor says of each that it is not set up"


def watched(machine: Machine, _: str) -> str:
    """Prometheus reaches both processes, knows the rules, and listens for this machine alone."""
    ask = "curl --retry 30 --retry-delay 1 --retry-connrefused --silent http://127.0.0.1:9090/api/v1"
    until = time.monotonic() + 120
    while (said := machine.run(f"{ask}/targets")).count('"health":"up"') != 2:
        if time.monotonic() > until:
            raise Broken(f"targets: {said}")
        time.sleep(3)
    rules = machine.run(f"{ask}/rules").count('"type":"alerting"')
    if rules < 10:
        raise Broken(f"{rules} rules")
    machine.run("command -v ss; if ss -ltn | grep -E '(0.0.0.0|\\*|\\[::\\]):9[01]'; then exit 1; fi")
    return f"both processes are up for Prometheus, {rules} alerts, closed to others"


def rehearsed(machine: Machine, said: str) -> str:
    """The backup that the unit wrote was read into another database, Anna is in it."""
    expect("restore", said, r"\d+ rows of \d+ tables restored")
    expect("people", said, re.escape(world.ANNA))
    expect("timer", machine.run("systemctl list-timers caucus-backup.timer"), "caucus-backup.service")
    return expect("restore", said, r"\d+ rows of \d+ tables restored") + " beside the real ones; the timer is set for the night"


def all_back(machine: Machine) -> str:
    """After a start every unit runs, none has failed, the page answers, and nothing is lost."""
    ready(machine)
    machine.run(f"systemctl is-active {' '.join(UNITS)}")
    expect("failed units", machine.run("systemctl --failed --no-legend --plain || true") + "none", "^none$")
    expect("page", machine.run(f"curl --silent --fail https://{world.WEB}/health/ready"), '"status":"ok"')
    noted(machine)
    expect("doctor", machine.run("caucus doctor mail"), "mail LMTP port: ok")
    return f"{len(UNITS)} units active, none failed, https answers, the follow-up is there"


def version(machine: Machine) -> str:
    """Which one answers."""
    ready(machine)
    return expect("version", machine.run("curl --silent http://127.0.0.1:8000/metrics"), r'caucus_version\{version="[^"]+"')[
        24:-1
    ]
