"""What a machine finds in the world and this one cannot: a DNS with its names, a certificate authority, others who mail.

Nothing of ours is replaced. The names are in /etc/hosts and in rspamd's resolver; `certbot` proves the name as the
authority would, through the folder that nginx shows, and lays a certificate of its own where certbot does; who mails us
says by XCLIENT from which address.
"""

from __future__ import annotations

from pathlib import Path

from tests.operations.bare_machine.machine import HOME, Machine

NAMES = {
    "coach.example.com": "coach.caucus.test",
    "mx.example.com": "mx.caucus.test",
    "in.example.com": "in.caucus.test",
    "admin@example.com": "admin@caucus.test",
    "anna@example.com": "anna@caucus.test",
}
"""What the guide says to replace, and by what we do."""
WEB, ANNA = NAMES["coach.example.com"], NAMES["anna@example.com"]
HERS, ANYBODYS = "192.0.2.25", "192.0.2.99"
"""Whence Anna's provider mails, and whence somebody does who pretends to be her."""
HOSTS = f"""127.0.0.1 localhost
127.0.1.1 machine
127.0.0.1 {WEB} {NAMES["mx.example.com"]}
::1 localhost ip6-localhost ip6-loopback
"""
CERTBOT = r"""#!/bin/bash
# A certificate authority on this machine; beside it the real certbot reads the same words, and may find nobody.
set -eu
said=$(/usr/bin/certbot "$@" --server https://127.0.0.1:9/directory 2>&1) || true
if ! grep -q 'Connection refused' <<<"$said"; then echo "$said"; exit 1; fi
while [ $# -gt 0 ]; do
    case $1 in --domain) name=$2 ;; --webroot-path) shown=$2 ;; esac
    shift
done
install -d "$shown/.well-known/acme-challenge"
echo proof > "$shown/.well-known/acme-challenge/walk"
[ "$(curl --silent --fail "http://$name/.well-known/acme-challenge/walk")" = proof ]
live=/etc/letsencrypt/live/$name
install -d -m 0700 /etc/letsencrypt/live
install -d "$live"
openssl req -x509 -newkey rsa:2048 -nodes -days 90 -subj "/CN=$name" -addext "subjectAltName=DNS:$name" \
    -keyout "$live/privkey.pem" -out "$live/fullchain.pem" 2>/dev/null
cp "$live/fullchain.pem" /usr/local/share/ca-certificates/walk.crt   # every browser knows the real authority
update-ca-certificates >/dev/null 2>&1
echo "Successfully received certificate."
"""
MAIL = """
import smtplib, sys
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
source, sender, copied = sys.argv[1:]
mail = EmailMessage()
mail["From"], mail["To"], mail["Subject"] = f"Anna <{sender}>", "Li Wei <li.wei@example.net>", "Samples for May"
mail["Date"], mail["Message-ID"] = formatdate(), make_msgid(domain="caucus.test")
mail.set_content("Dear Mr Li,\\n\\nplease send us the samples by Friday.\\n\\nAnna\\n")
server = smtplib.SMTP("127.0.0.1", 25, timeout=120)
server.ehlo("mail.caucus.test")
assert server.docmd("XCLIENT", f"ADDR={source} NAME=mail.caucus.test")[0] == 220
server.ehlo("mail.caucus.test")
try:
    server.sendmail(sender, [copied], mail.as_string())
    print("accepted")
except smtplib.SMTPRecipientsRefused as refused:
    print("refused", *(code for code, _ in refused.recipients.values()))
"""
RESOLVER = f"""dns {{ fake_records = [
  {{ name = "caucus.test"; type = "txt"; replies = ["v=spf1 ip4:{HERS} -all"]; }},
  {{ name = "_dmarc.caucus.test"; type = "txt"; replies = ["v=DMARC1; p=reject"]; }}
] }}
"""


def own(text: str) -> str:
    """A block of the papers with our names, as an operator's editor replaces them."""
    for theirs, ours in NAMES.items():
        text = text.replace(theirs, ours)
    return text


def settle(root: Path) -> None:
    """Before the machine boots: its names, and the authority."""
    (root / "etc/hosts").write_text(HOSTS)
    certbot = root / "usr/local/bin/certbot"
    certbot.write_text(CERTBOT)
    certbot.chmod(0o755)


def open_mail(machine: Machine) -> None:
    """Once postfix and rspamd are there: let this machine say who mails, and rspamd find our records."""
    (machine.root / "etc/rspamd/local.d/options.inc").write_text(RESOLVER)
    (machine.root / HOME.lstrip("/") / "mail.py").write_text(MAIL)
    machine.run("""postconf -e smtpd_authorized_xclient_hosts=127.0.0.1
systemctl reload postfix
systemctl restart rspamd
curl --retry 150 --retry-delay 2 --retry-connrefused --silent --fail http://127.0.0.1:11334/ping""")


def mail(machine: Machine, source: str, copied: str) -> str:
    """A mail as from Anna with this address in BCC: `accepted`, or `refused` with the code."""
    return machine.run(f"python3 mail.py {source} {ANNA} {copied}").strip()
