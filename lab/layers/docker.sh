# Run in the new root: Debian's Docker Engine, as `apt install docker.io` leaves it.
apt-get update -q -o Dir::Etc::sourcelist=/dev/null
docker="docker.io python3-docker"
! apt-cache show docker-cli >/dev/null 2>&1 || docker="$docker docker-cli" # of its own since trixie
# shellcheck disable=SC2086 # a list of names
apt-get install -q -y --no-install-recommends $docker
usermod --append --groups docker pi
rm -rf /var/lib/apt/lists/* /var/lib/docker /var/lib/containerd
