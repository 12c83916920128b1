# Run in the new root: Dropbear in the place of all of OpenSSH, as DietPi has it.
apt-get update -q
apt-get install -q -y --no-install-recommends dropbear
apt-get purge -q -y openssh-server openssh-sftp-server openssh-client
rm -rf /etc/ssh /etc/dropbear/dropbear_*_host_key
systemctl enable dropbear
mkdir -p /etc/systemd/system/dropbear.service.d
# The lab makes a card's host keys, in OpenSSH's form.
cat >/etc/systemd/system/dropbear.service.d/host-keys.conf <<'END'
[Service]
ExecStartPre=sh -c 'for kind in ed25519 ecdsa; do \
    own=/etc/dropbear/dropbear_$${kind}_host_key; \
    [ -e $$own ] || dropbearconvert openssh dropbear /etc/ssh/ssh_host_$${kind}_key $$own; done'
END
rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb /var/cache/apt/*.bin
