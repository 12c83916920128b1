# Run in the new root: from Ubuntu's packages to what its server image for the Pi has before its
# first boot. Without snapd, and without chrony, which here would set this machine's own clock.
apt-get update -q
apt-get install -q -y --no-install-recommends cloud-init lsb-release needrestart netplan.io sudo-rs \
    systemd-resolved tzdata ubuntu-raspi-settings ufw unattended-upgrades update-notifier-common
# Nothing of Raspberry Pi OS: no mDNS, no pi, its boot partition neither.
apt-get purge -q -y avahi-daemon avahi-utils
apt-get autoremove -q -y
rm -rf /etc/avahi
rm -f /etc/rpi-issue /etc/motd /etc/sudoers.d/010_pi-nopasswd /boot/firmware/cmdline.txt
userdel --remove pi
# SSH begins with the first who knocks.
systemctl disable ssh.service
systemctl enable ssh.socket systemd-resolved.service
# The lab wires it, and this machine's devices are none of its own.
systemctl mask systemd-networkd.service systemd-networkd.socket systemd-networkd-wait-online.service \
    systemd-udevd.service systemd-udevd-control.socket systemd-udevd-kernel.socket \
    systemd-udev-trigger.service motd-news.timer
# What simulates the kernel's command line reads it where this one's is.
sed -i 's|/boot/firmware/cmdline.txt|/boot/firmware/current/cmdline.txt|' \
    /usr/local/lib/squarm-lab/early
rm -f /etc/ssh/ssh_host_*
: >/etc/machine-id
rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb /var/cache/apt/*.bin
