"""`make bare-machine`: the operators' papers walked on a bare Debian 12 that boots with its own systemd."""
