"""What a lab Pi is like, for saying that nothing of it was changed."""

from lab.pi import Pi

# Without what a login leaves, and what Ubuntu's own greeting looks up for it.
_STATE = (
    "find /etc /boot /usr /home /var/lib -xdev -type f -not -path '*/.ansible/*' "
    "-not -path '/var/lib/sudo/*' -not -path '/var/lib/systemd/*' -not -name '.sudo_as_*' "
    "-not -name motd.legal-displayed -not -path '/var/lib/update-notifier/*' "
    "-not -path '/var/lib/ubuntu-release-upgrader/*' "
    "-printf '%p %s %T@\\n'; "
    "hostname; ip -br link; ls /sys/fs/cgroup; cat /proc/1/stat | cut -d' ' -f22"
)


def state(pi: Pi) -> set[str]:
    """All that a change would show in: files with their times, names, links, the boot."""
    return set(pi.run("sh", "-c", _STATE).stdout.splitlines())
