# Run in the new root: the machine that a person logs in to and runs squarm on.
apt-get update -q
apt-get install -q -y --no-install-recommends python3 python3-venv tmux ncurses-term
PIP_NO_CACHE_DIR=1 sh "$1/install-locked" /opt/venv "$1/run.txt"
cat >/usr/local/bin/squarm <<'END'
#!/bin/sh
# The working tree, live: the lab mounts it at /opt/squarm.
PYTHONPATH=/opt/squarm PYTHONDONTWRITEBYTECODE=1 exec /opt/venv/bin/python -P -m tui "$@"
END
chmod 755 /usr/local/bin/squarm
rm -rf /var/lib/apt/lists/*
