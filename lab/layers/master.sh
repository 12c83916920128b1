# Run in the new root: the machine that a person logs in to and runs squarm on.
apt-get update -q
apt-get install -q -y --no-install-recommends python3 python3-venv tmux ncurses-term
python3 -m venv /opt/venv
# What squarm runs with; what it is tested with wants a compiler, and is not for here.
/opt/venv/bin/python -c 'import sys, tomllib
print(*tomllib.load(sys.stdin.buffer)["project"]["dependencies"], sep="\n")' \
    <"$1/pyproject.toml" >/tmp/needed
/opt/venv/bin/pip install --quiet --no-cache-dir --disable-pip-version-check \
    --constraint "$1/requirements.lock" --requirement /tmp/needed
rm /tmp/needed
cat >/usr/local/bin/squarm <<'END'
#!/bin/sh
# The working tree, live: the lab mounts it at /opt/squarm.
PYTHONPATH=/opt/squarm PYTHONDONTWRITEBYTECODE=1 exec /opt/venv/bin/python -P -m tui "$@"
END
chmod 755 /usr/local/bin/squarm
rm -rf /var/lib/apt/lists/*
