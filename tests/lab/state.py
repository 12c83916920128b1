"""What a lab Pi is like, for saying that nothing of it was changed."""

from lab.pi import Pi

_STATE = (
    "find /etc /boot /usr /home /var/lib -xdev -type f -not -path '*/.ansible/*' "
    "-not -path '/var/lib/sudo/*' -not -path '/var/lib/systemd/*' -not -name '.sudo_as_*' "
    "-printf '%p %s %T@\\n'; "
    "hostname; ip -br link; ls /sys/fs/cgroup; cat /proc/1/stat | cut -d' ' -f22"
)


def state(pi: Pi) -> set[str]:
    """All that a change would show in: files with their times, names, links, the boot."""
    return set(pi.run("sh", "-c", _STATE).stdout.splitlines())
