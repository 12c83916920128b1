# Run in the new root: sudo written in Rust in the place of the other, as Ubuntu has it.
apt-get update -q
apt-get install -q -y --no-install-recommends sudo-rs
dpkg-divert --local --rename --divert /usr/bin/sudo.ws --add /usr/bin/sudo
ln -s sudo-rs /usr/bin/sudo
rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb /var/cache/apt/*.bin
