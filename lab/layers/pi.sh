# Run in the new root: from plain Debian to what a freshly flashed Pi has. $1: /layer, its inputs.
if [ -f "$1/ca-certificates.crt" ]; then
    # The way to the package indexes may lead through a proxy with certificates of its own.
    install -m 644 "$1/ca-certificates.crt" /etc/ssl/certs/ca-certificates.crt
fi
printf '[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n' >/etc/pip.conf

useradd --create-home --shell /bin/bash --groups sudo,video,users pi
echo pi:raspberry | chpasswd
echo 'pi ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/010_pi-nopasswd
chmod 440 /etc/sudoers.d/010_pi-nopasswd

sed -i 's/^#*publish-workstation=.*/publish-workstation=yes/' /etc/avahi/avahi-daemon.conf
systemctl enable ssh avahi-daemon
mkdir -p /etc/systemd/system/sysinit.target.wants
ln -s ../squarm-lab-early.service /etc/systemd/system/sysinit.target.wants/
# Nothing that starts by itself on some day or other and holds apt's lock or the processor.
systemctl mask console-getty.service apt-daily.timer apt-daily-upgrade.timer \
    dpkg-db-backup.timer e2scrub_all.timer fstrim.timer systemd-timesyncd.service

rm -f /etc/ssh/ssh_host_*
: >/etc/machine-id

# Docker's packages, for installing them on many Pis without fetching them as many times.
apt-get update -q
docker="docker.io python3-docker"
! apt-cache show docker-cli >/dev/null 2>&1 || docker="$docker docker-cli" # of its own since trixie
# shellcheck disable=SC2086 # a list of names
apt-get install -q -y --download-only --no-install-recommends $docker
mkdir -p /opt/debs
mv /var/cache/apt/archives/*.deb /opt/debs/
(cd /opt/debs && apt-ftparchive packages . >Packages)
echo 'deb [trusted=yes] file:/opt/debs ./' >/etc/apt/sources.list.d/00-lab.list
rm -rf /var/lib/apt/lists/*
mkdir -p /var/lib/lxcfs /opt/simulated /opt/squarm
mkdir -m 1777 /var/cache/squarm-lab
# Here, so that no Pi's first Python writes it, and a test finds its files changed.
python3 -m py_compile /usr/lib/python3/dist-packages/squarm_lab_bytecode.py
