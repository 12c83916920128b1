"""What roles make of systems that no lab Pi has: fed with what these say of themselves."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.ansible.local import LocalMachines
from tests.ansible.playbook import FOLDER, failures
from tests.fleet.sshds import sshd

pytestmark = pytest.mark.slow
_OVERLAYROOT = "overlay,rw,relatime,lowerdir=/media/root-ro,upperdir=/media/root-rw/overlay,"
_LAB = "overlay,rw,lowerdir=/srv/lab/docker:/srv/lab/base,upperdir=/srv/lab/pi1,"


def include(role: str, tasks: str) -> dict[str, object]:
    return {"name": role, "ansible.builtin.include_role": {"name": role, "tasks_from": tasks}}


def looked(root: str) -> dict[str, object]:
    said = f"/usr/lib/systemd/system/docker.service\nroot: {root}\nfree: 9999"
    return {"common_looked": {"stdout": said, "stdout_lines": said.split("\n")}}


def test_a_card_that_keeps_nothing_is_found_before_anything_is_changed(tmp_path: Path) -> None:
    roots = {
        "plain": "ext4,rw,noatime,",
        "lab": _LAB,
        "overlayroot": _OVERLAYROOT,
        "locked": "ext4,ro,noatime,",
    }
    machines = LocalMachines(tmp_path, {name: looked(root) for name, root in roots.items()})
    came = machines.run([include("common", "checks")])
    assert came.failed == {"overlayroot", "locked"}, came.output
    assert "overlayroot" in failures(came.output)["locked"]


def test_new_firmware_alone_asks_for_a_reboot(tmp_path: Path) -> None:
    folders = {name: tmp_path / name for name in ("kernel", "firmware", "eeprom", "nothing")}
    for name, file in (
        ("kernel", "vmlinuz-6.12.47+rpt-rpi-v8"),
        ("firmware", "start4.elf"),
        ("eeprom", "pieeprom.upd"),
        ("nothing", "config.txt"),
    ):
        folders[name].mkdir()
        (folders[name] / file).touch()
        # As dpkg unpacks it: as old as its package.
        os.utime(folders[name] / file, (1, 1))
    variables = {name: {"os_upgrade_boot": [str(path)]} for name, path in folders.items()}
    check = {
        "name": "Check",
        "ansible.builtin.assert": {"that": "os_upgrade_wants.rc == 0"},
        "vars": {"ansible_python_interpreter": sys.executable},
    }
    came = LocalMachines(tmp_path, variables).run([include("os_upgrade", "needs_reboot"), check])
    assert came.failed == {"nothing"}, came.output


COMMAND_LINES = {
    "usual": "console=tty1 rootwait\n",
    "no-newline": "console=tty1 rootwait",
    "windows": "console=tty1 rootwait\r\n",
    "kept-another": "console=tty1 rootwait\n# root=/dev/sda2\n",
    "off": "console=tty1 rootwait cgroup_disable=memory\r\n",
    "blanks": "console=tty1 rootwait  \n\n",
}


def test_the_memory_controller_is_turned_on_in_the_line_that_the_firmware_reads(
    tmp_path: Path,
) -> None:
    variables = {}
    for name, text in COMMAND_LINES.items():
        (tmp_path / name).write_bytes(text.encode())
        variables[name] = {"memory_cgroup_command_lines": ["/no/such", str(tmp_path / name)]}
    tasks = [include("memory_cgroup", "turn_on")]
    came = LocalMachines(tmp_path, variables).run(tasks, "--check", "--diff")
    assert not came.failed, came.output
    added = [line[1:] for line in came.output.splitlines() if line.startswith("+console")]
    assert added == ["console=tty1 rootwait cgroup_enable=memory cgroup_memory=1"] * len(variables)
    assert came.output.count("+#") == 0


def test_the_line_that_the_next_start_tries_is_changed_too(tmp_path: Path) -> None:
    """Ubuntu's, of a kernel that came just now; an older place beside the one in use is left."""
    places = [tmp_path / name for name in ("current", "new", "older")]
    for place in places:
        place.write_text(f"{place.name} rootwait\n")
    current, new, older = map(str, places)
    came = LocalMachines(tmp_path, {"pi": {}}).run(
        [include("memory_cgroup", "turn_on")],
        *("--check", "--diff"),
        memory_cgroup_command_lines=[current, older],
        memory_cgroup_untried_command_line=new,
    )
    assert not came.failed, came.output
    added = [line[1:] for line in came.output.splitlines() if line.startswith("+")]
    turned_on = "rootwait cgroup_enable=memory cgroup_memory=1"
    assert {line for line in added if "rootwait" in line} == {
        f"current {turned_on}",
        f"new {turned_on}",
    }


def conditions(tasks: object) -> Iterator[str]:
    """All that is asked in tasks."""
    if isinstance(tasks, list):
        for task in tasks:
            yield from conditions(task)
    elif isinstance(tasks, dict):
        for key, said in tasks.items():
            if key in ("when", "that", "until", "ignore_unreachable"):
                yield from map(str, said if isinstance(said, list) else [said])
            else:
                yield from conditions(said)


def test_what_is_asked_with_yes_or_no_may_be_answered_by_text(tmp_path: Path) -> None:
    """As INI files and -e have it: by itself Ansible takes no text for a condition."""
    asked = 0
    for file in (FOLDER / "roles").glob("*/tasks/*.yml"):
        told = yaml.safe_load((file.parents[1] / "meta/argument_specs.yml").read_text())
        options = told["argument_specs"]["main"].get("options") or {}
        for name in (name for name, said in options.items() if said["type"] == "bool"):
            for condition in conditions(yaml.safe_load(file.read_text())):
                asked += len(re.findall(rf"\b{name}\b", condition))
                assert not re.search(rf"\b{name}\b(?! \| bool)", condition), (file, condition)
    assert asked > 10
    line = tmp_path / "cmdline.txt"
    line.write_text("console=tty1 rootwait\n")
    came = LocalMachines(tmp_path, {"pi": {}}).run(
        [include("memory_cgroup", "turn_on")],
        "--check",
        memory_cgroup_command_lines=[str(line)],
        memory_cgroup_reboot="no",
    )
    assert not came.failed, came.output
    assert "Reboot pi when it suits you" in came.output


def test_a_number_may_be_given_as_text(tmp_path: Path) -> None:
    little = {"common_looked": {"stdout": "root: ext4,rw,\nfree: 99", "stdout_lines": []}}
    machines = LocalMachines(tmp_path, {"enough": little, "little": little})
    came = machines.run([include("common", "checks")], "--limit", "little", common_free_mib="100")
    assert "Only 99 MiB are free" in failures(came.output)["little"], came.output
    came = machines.run([include("common", "checks")], "--limit", "enough", common_free_mib="98")
    assert not came.failed, came.output


def test_avahi_speaks_on_the_bridge_that_is_the_lan_and_on_no_tunnel(tmp_path: Path) -> None:
    cards = ["lo", "br0", "br-0a1b", "docker0", "eth0", "tailscale0", "ztabc", "wlan0", "veth1"]
    facts = {"interfaces": cards, "default_ipv4": {"interface": "br0"}}
    tasks: list[dict[str, object]] = [
        {
            "name": "Facts",
            "ansible.builtin.set_fact": {**facts, "cacheable": True},
        },
        {
            "name": "Defaults",
            "ansible.builtin.include_vars": str(FOLDER / "roles/common/defaults/main.yml"),
        },
        {
            "name": "Check",
            "ansible.builtin.assert": {
                "that": "common_avahi_interfaces == ['br0', 'eth0', 'wlan0']",
                "fail_msg": "{{ common_avahi_interfaces }}",
            },
        },
    ]
    came = LocalMachines(tmp_path, {"pi": {}}).run(tasks)
    assert not came.failed, came.output


def dpkg(folder: Path, *installed: str) -> dict[str, str]:
    """The environment of a machine that has these packages."""
    for name in ("info", "updates", "triggers"):
        (folder / name).mkdir(parents=True)
    said = "Status: install ok installed\nMaintainer: M <m@example.org>\nArchitecture: all\n"
    told = (f"Package: {name}\n{said}Version: 1\nDescription: d\n\n" for name in installed)
    (folder / "status").write_text("".join(told))
    return {"DPKG_ADMINDIR": str(folder)}


def test_dockers_own_packages_stay_where_they_are_installed(tmp_path: Path) -> None:
    """As get.docker.com leaves them: Debian's would have taken them away, for an older Docker."""
    one, two = ["docker.io", "python3-docker"], ["docker.io", "python3-docker", "docker-cli"]
    has: dict[str, tuple[str, str, list[str], list[str]]] = {
        "bookworm": ("Debian", "12", [], one),
        "raspbian": ("Raspbian", "13", ["docker.io"], two),
        "trixie": ("Debian", "13", [], two),
        "testing": ("Debian", "forky/sid", [], one),
        "ubuntu": ("Ubuntu", "24", [], one),
        "own": ("Debian", "13", ["docker-ce", "docker-ce-cli"], ["python3-docker"]),
    }
    facts = {
        name: {"distribution": system, "distribution_major_version": major}
        for name, (system, major, *_) in has.items()
    }
    machines = LocalMachines(
        tmp_path,
        {name: {"facts": facts[name], "expected": wanted} for name, (*_, wanted) in has.items()},
        {name: dpkg(tmp_path / name, *installed) for name, (_, _, installed, _) in has.items()},
    )
    role = FOLDER / "roles/docker"
    came = machines.run(
        [
            {"name": what, "ansible.builtin.include_vars": str(role / what / "main.yml")}
            for what in ("defaults", "vars")
        ]
        + [
            {
                "name": "Facts",
                "ansible.builtin.set_fact": {
                    "distribution": "{{ facts.distribution }}",
                    "distribution_major_version": "{{ facts.distribution_major_version }}",
                    "cacheable": True,
                },
            },
            {"name": "Look", "ansible.builtin.include_tasks": str(role / "tasks/look.yml")},
            {
                "name": "Check",
                "ansible.builtin.assert": {
                    "that": "docker_wanted == expected",
                    "fail_msg": "{{ docker_wanted }}",
                },
            },
        ]
    )
    assert not came.failed, came.output


INI = "[swarm_master]\nshelf ansible_host=10.0.0.5\n[swarm_hosts]\nattic ansible_host=10.0.0.6\n"
YAML = """
swarm_master: {hosts: {shelf: {ansible_host: 10.0.0.5}}}
swarm_hosts: {hosts: {attic: {ansible_host: 10.0.0.6}}}
"""


@pytest.mark.parametrize(("name", "text"), [("hosts.ini", INI), ("hosts.yml", YAML), ("", "")])
def test_a_playbook_alone_takes_a_users_own_inventory(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "hosts").mkdir()
    own = tmp_path / "hosts" / (name or "none")
    own.write_text(text)
    asked = ["-i", str(own)] if name else ["-i", "shelf,attic,"]
    program = Path(sys.executable).with_name("ansible-playbook")
    ran = subprocess.run(
        [program, *asked, "playbooks/site.yml", "--list-hosts"],
        cwd=FOLDER,
        text=True,
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    plays = ran.stdout.split("play #")[1:]
    # A host list names no groups: it is taken, and nobody in it is said to be the master.
    assert all(("hosts (2)" if name else "hosts (0)") in play for play in plays), ran.stdout
    assert not name or all("shelf" in play and "attic" in play for play in plays)


def test_any_inventory_will_do(tmp_path: Path) -> None:
    constructed = tmp_path / "groups.yml"
    constructed.write_text("plugin: ansible.builtin.constructed\ngroups: {old: true}\n")
    program = Path(sys.executable).with_name("ansible-inventory")
    ran = subprocess.run(
        [program, "-i", "10.0.0.5,", "-i", constructed, "--list"],
        cwd=FOLDER,
        text=True,
        capture_output=True,
        check=False,
    )
    assert '"old"' in ran.stdout, ran.stderr
    assert "10.0.0.5" in ran.stdout


def test_the_proof_of_a_key_goes_through_the_users_own_jump_host(tmp_path: Path) -> None:
    """What leads to a machine may stand among any of ssh's options in an inventory."""
    with sshd(tmp_path) as server:
        key = tmp_path / "user_key"
        options = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
        reach = f"{options} -i {key} -p {server.port} -W 127.0.0.1:{server.port} 127.0.0.1"
        way = {
            "ansible_connection": "ssh",
            "ansible_host": "pi-behind.invalid",
            "ansible_ssh_private_key_file": str(key),
            "ansible_ssh_common_args": options,
            "ansible_ssh_extra_args": f"-o ProxyCommand='ssh {reach}'",
        }
        came = LocalMachines(tmp_path, {"pi": way}).run(
            [
                {
                    "name": "ssh",
                    "ansible.builtin.include_role": {"name": "ssh", "tasks_from": "prove"},
                }
            ],
            ssh_private_key_file=str(key),
        )
    assert not came.failed, came.output


def test_a_server_that_reads_no_settings_of_openssh_gets_the_key_and_keeps_its_passwords(
    tmp_path: Path,
) -> None:
    """As Dropbear is, on DietPi: there is no /etc/ssh/sshd_config.d."""
    with sshd(tmp_path) as server:
        key = tmp_path / "user_key"
        options = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
        way = {
            "ansible_connection": "ssh",
            "ansible_host": "127.0.0.1",
            "ansible_port": server.port,
            "ansible_ssh_private_key_file": str(key),
            "ansible_ssh_common_args": options,
        }
        came = LocalMachines(tmp_path, {"pi": way}).run(
            [{"name": "ssh", "ansible.builtin.include_role": {"name": "ssh"}}],
            "--check",
            ssh_authorized_keys=[key.with_suffix(".pub").read_text().strip()],
            ssh_drop_in=str(tmp_path / "sshd_config.d/01-squarm.conf"),
        )
    assert not came.failed, came.output
    assert "Logins by password stay on" in came.output
    assert not (tmp_path / "sshd_config.d").exists()
