# Run in the new root: from plain Debian to what an image of Raspberry Pi OS with cloud-init has
# before its first boot. https://github.com/RPi-Distro/rpi-cloud-init-mods for where it reads.
apt-get update -q
apt-get install -q -y --no-install-recommends cloud-init netplan.io tzdata
cat >/etc/cloud/cloud.cfg.d/99_raspberry-pi.cfg <<'END'
datasource_list: [ NoCloud, None ]
datasource:
  NoCloud:
    seedfrom: file:///boot/firmware/
END
mkdir -p /boot/firmware
! id pi >/dev/null 2>&1 || userdel --remove pi
rm -f /etc/sudoers.d/010_pi-nopasswd
# Off until the card says so.
systemctl disable ssh
systemctl mask console-getty.service apt-daily.timer apt-daily-upgrade.timer \
    dpkg-db-backup.timer e2scrub_all.timer fstrim.timer systemd-timesyncd.service
rm -f /etc/ssh/ssh_host_*
: >/etc/machine-id
rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb
