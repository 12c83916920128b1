# Run in the new root: Docker 28 as Debian testing has it; its systemd needs a newer kernel's cgroups.
cat >/etc/apt/sources.list.d/testing.list <<'END'
deb [check-valid-until=no] http://deb.debian.org/debian forky main
END
cat >/etc/apt/preferences.d/testing <<'END'
Package: *
Pin: release n=forky
Pin-Priority: 100
END
apt-get update -q -o Dir::Etc::sourcelist=/dev/null
apt-get install -q -y --no-install-recommends --target-release forky docker.io docker-cli
rm -rf /etc/apt/sources.list.d/testing.list /etc/apt/preferences.d/testing
rm -rf /var/lib/apt/lists/* /var/lib/docker /var/lib/containerd
