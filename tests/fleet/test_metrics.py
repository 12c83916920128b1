"""What the loop prints, read by the parser: the real shell's output, and every lie."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.metrics.history import LENGTH, Recorder
from fleet.metrics.samples import LINE_LIMIT, Meter, Sample, Throttle
from fleet.metrics.script import SCRIPT
from tests.fleet.watching import harmless
from tests.needs import need_mounts

SHELLS = [shell for shell in ("dash", "bash", "busybox") if shutil.which(shell)]

FIRST = (
    b"S\tn=0\tup=100.25\tload=0.10,0.20,0.30\tmem=1000000,600000,200000,150000"
    b"\tc=100,0,100,800,0,0,0,0\tC=50,0,50,400,0,0,0,0\tC=50,0,50,400,0,0,0,0"
    b"\tnet=eth0,1000,500\ttemp=48312\thz=1500000\thost=raspberrypi"
)
SECOND = (
    b"S\tn=1\tup=101.25\tload=0.10,0.20,0.30\tmem=1000000,600000,200000,150000"
    b"\tc=150,0,150,900,0,0,0,0\tC=100,0,100,400,0,0,0,0\tC=50,0,50,500,0,0,0,0"
    b"\tnet=eth0,3000,700\ttemp=-5000\thz=600000\thost=kitchen"
)


def read(*lines: bytes, at: float = 1000.0) -> Meter:
    """A meter that took these lines, one a second."""
    meter = Meter()
    for second, line in enumerate(lines):
        meter = meter.take(line, at + second, at + second)
    return meter


def sample(*lines: bytes) -> Sample:
    """The last sample of these lines."""
    found = read(*lines).sample
    assert found is not None
    return found


def test_two_lines_give_shares_and_rates() -> None:
    second = sample(FIRST, SECOND)
    assert second.cpu == 0.5
    assert second.cores == (1.0, 0.0)
    assert second.load == (0.1, 0.2, 0.3)
    assert (second.memory, second.memory_used) == (1_024_000_000, 409_600_000)
    assert (second.swap, second.swap_used) == (204_800_000, 51_200_000)
    assert (second.received, second.sent) == (2000.0, 200.0)
    assert (second.temperature, second.clock) == (-5.0, 600_000_000)
    assert (second.uptime, second.hostname) == (101.25, "kitchen")


def test_the_first_line_has_no_shares() -> None:
    first = sample(FIRST)
    assert (first.cpu, first.cores, first.received) == (None, (), None)
    assert first.temperature == 48.312


def test_rare_values_stay_until_the_next() -> None:
    meter = read(b"X\tthr=0x50005\tnow=1010\tdisk=1000,250", FIRST, SECOND)
    assert meter.sample is not None
    assert meter.sample.throttle == Throttle(0x50005)
    assert meter.sample.throttle.now == ("under-voltage", "throttled")
    assert meter.sample.throttle.since_boot == ("under-voltage", "throttled")
    assert (meter.sample.disk, meter.sample.disk_used) == (1_024_000, 768_000)
    assert meter.sample.skew == 10.0
    assert meter.take(b"X\tthr=\tnow=\tdisk=", 1002, 1002).occasional == meter.occasional


def test_facts_are_cleaned_and_a_zero_serial_is_none() -> None:
    meter = read(
        b"I\tserial=100000001234ABCD",
        b"I\tmodel=Raspberry Pi 4\x1b[31m\xff Model B\x00\xe2\x80\xae",
        b'I\tos="Debian GNU/Linux 12"',
        b"I\tbits=64",
    )
    assert meter.identity.serial == "100000001234abcd"
    assert "\x1b" not in meter.identity.model
    assert "\u202e" not in meter.identity.model
    assert (meter.facts.os, meter.facts.bits) == ("Debian GNU/Linux 12", 64)
    assert not read(b"I\tserial=0000000000000000").identity.serial


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (b"S\tmem=100,200,0,0", "memory_used"),
        (b"S\tmem=-5,1,0,0", "memory"),
        (b"S\tmem=1,2", "memory"),
        ("S\tmem=٣,1,0,0".encode(), "memory"),
        (b"S\ttemp=99999999", "temperature"),
        (b"S\thz=99999999999999999999999", "clock"),
        (b"S\tload=1,2,nan", "load"),
        (b"S\tup=inf", "uptime"),
        (b"S\tup=1e400", "uptime"),
    ],
)
def test_a_lie_is_unknown(line: bytes, field: str) -> None:
    assert getattr(sample(line), field) is None


def test_counters_that_go_back_give_nothing() -> None:
    back = sample(SECOND, FIRST)
    assert (back.cpu, back.received) == (None, None)


FIELDS = st.builds(
    lambda key, value: key + b"=" + value,
    st.sampled_from([b"up", b"load", b"mem", b"c", b"C", b"net", b"temp", b"hz", b"host", b"thr"]),
    st.one_of(
        st.binary(max_size=40),
        st.lists(st.integers(-5, 2**70), max_size=9).map(lambda n: ",".join(map(str, n)).encode()),
    ),
)
LINES = st.one_of(
    st.binary(max_size=5000),
    st.builds(
        lambda kind, fields: kind + b"\t" + b"\t".join(fields),
        st.sampled_from([b"S", b"X", b"I", b"Q", b""]),
        st.lists(FIELDS, max_size=30),
    ),
)


@given(st.lists(LINES, max_size=6))
def test_no_line_breaks_the_parser(lines: list[bytes]) -> None:
    meter = read(*lines)
    found = meter.sample
    if found is None:
        return
    assert found.cpu is None or 0 <= found.cpu <= 1
    assert all(0 <= core <= 1 for core in found.cores)
    assert len(found.cores) <= 16
    assert found.memory_used is None or found.memory is not None
    assert found.memory_used is None or 0 <= found.memory_used <= (found.memory or 0)
    assert found.received is None or found.received >= 0
    assert found.temperature is None or -150 <= found.temperature <= 150
    for text in (found.hostname, *(getattr(meter.identity, n) for n in ("model", "serial"))):
        assert harmless(text)
        assert len(text) <= 160


def at_uptime(seconds: int, received: int) -> bytes:
    return f"S\tup={seconds}.00\tnet=eth0,{received},0".encode()


def test_a_stall_makes_no_peak() -> None:
    """Lines of ten seconds that come all at once are still of ten seconds."""
    meter = Meter()
    rates = []
    for second in range(20):
        stalled = 1000.0 + (second if second < 10 else 20 + second / 1000)
        meter = meter.take(at_uptime(second, second * 5000), stalled, stalled)
        assert meter.sample is not None
        rates.append(meter.sample.received)
    assert rates == [None, *[5000.0] * 19]


def test_a_clock_is_judged_by_the_clock_and_not_by_how_late_its_line_came() -> None:
    meter = Meter().take(at_uptime(100, 0), 1000, 7000)
    # Ours was set by an hour, and the time that never jumps went on.
    for line in (b"X\tthr=\tnow=10601\tdisk=", at_uptime(101, 0)):
        meter = meter.take(line, 1001, 10601)
    assert meter.sample is not None
    assert meter.sample.skew == pytest.approx(0, abs=0.1)
    # Half a minute on the way.
    for line in (b"X\tthr=\tnow=10602\tdisk=", at_uptime(102, 0)):
        meter = meter.take(line, 1032, 10632)
    assert meter.sample is not None
    assert meter.sample.skew == pytest.approx(0, abs=0.1)


def test_a_line_of_any_length_costs_little() -> None:
    meter = read(b"S\thost=" + b"x" * 10_000_000)
    assert meter.sample is not None
    assert len(meter.sample.hostname) <= 64
    assert LINE_LIMIT == 4096


def test_a_gap_is_kept_as_a_gap() -> None:
    recorder = Recorder()
    for uptime, at in ((10.0, 0), (11.2, 1), (20.0, 10), (21.0, 40), (3.0, 60)):
        recorder.add(Sample(float(at), cpu=0.5, uptime=uptime))
    # Eight seconds of nothing, no gap for a late line, and twenty to start anew.
    assert recorder.history().cpu == (0.5, 0.5, *[None] * 8, 0.5, 0.5, *[None] * 19, 0.5)


def test_history_keeps_the_last_minutes() -> None:
    recorder = Recorder()
    for second in range(LENGTH + 50):
        recorder.add(Sample(float(second), cpu=second / 1000, memory=100, memory_used=25))
    history = recorder.history()
    assert len(history.cpu) == LENGTH
    assert history.cpu[-1] == (LENGTH + 49) / 1000
    assert history.memory[-1] == 0.25
    assert recorder.history() is history


def samples(lines: list[bytes]) -> int:
    return sum(line.startswith(b"S") for line in lines)


def two(lines: list[bytes]) -> bool:
    return samples(lines) == 2


def loop(shell: str, enough: Callable[[list[bytes]], object], *before: str) -> list[bytes]:
    """What the loop prints in a shell until that is enough."""
    command = [*before, shell, *(["sh"] if shell == "busybox" else []), "-s"]
    running = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    assert running.stdin
    assert running.stdout
    try:
        running.stdin.write(SCRIPT.encode())
        running.stdin.close()
        lines: list[bytes] = []
        while not enough(lines):
            line = running.stdout.readline()
            assert line, "the loop ended by itself"
            lines.append(line.rstrip(b"\n"))
        return lines
    finally:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        running.stdout.close()


@pytest.mark.parametrize("shell", SHELLS)
def test_the_loop_tells_the_truth_about_this_machine(shell: str) -> None:
    began = time.monotonic()
    lines = loop(shell, lambda lines: samples(lines) == 3)
    assert time.monotonic() - began > 1.8, "a sample a second is enough"
    meter = read(*lines)
    assert meter.sample is not None
    total = int(Path("/proc/meminfo").read_text().split()[1]) * 1024
    assert meter.sample.memory == total
    assert len(meter.sample.cores) == min(16, os.cpu_count() or 0)
    assert meter.identity.hostname == os.uname().nodename
    assert meter.facts.arch == os.uname().machine
    assert meter.sample.disk == shutil.disk_usage("/").total
    # In a bare chroot the root is no mount of its own, and nobody can say.
    mounted = any(line.split()[1] == "/" for line in Path("/proc/mounts").read_text().splitlines())
    assert meter.sample.read_only is (False if mounted else None)
    assert abs(meter.sample.skew or 0) < 1e12
    assert max(len(line) for line in lines if line.startswith(b"S")) < 1000


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    "answer", ["echo dcjutwhjenw0gnyz5alzqxr1n", "echo", "sleep 999", "exit 1"]
)
def test_the_loop_tells_which_node_it_is_and_waits_for_no_docker(
    shell: str, answer: str, tmp_path: Path
) -> None:
    docker = tmp_path / "docker"
    docker.write_text(f'#!/bin/sh\n[ "$1" = info ] && {answer}\n')
    docker.chmod(0o755)
    # Docker is given a limit: without it, too, nothing waits.
    timeout = tmp_path / "timeout"
    timeout.write_text('#!/bin/sh\nshift\nexec "$@"\n')
    timeout.chmod(0o755)
    expected = {"echo dcjutwhjenw0gnyz5alzqxr1n": "dcjutwhjenw0gnyz5alzqxr1n", "echo": ""}

    def enough(lines: list[bytes]) -> bool:
        return samples(lines) >= 2 and read(*lines).node == expected.get(answer)

    loop(shell, enough, "env", f"PATH={tmp_path}:{os.environ['PATH']}")


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("soc", ["soc", "soc@107c000000"])
def test_outside_of_the_group_video_the_kernel_says_what_is_throttled(
    shell: str, soc: str, tmp_path: Path
) -> None:
    """As on a Pi, where vcgencmd is there for everybody and answers only some.

    It complains on standard output; before 2024 it did on standard error.
    """
    need_mounts()
    vcgencmd = tmp_path / "vcgencmd"
    refusal = "Can't open device file: /dev/vcio"
    vcgencmd.write_text(f'#!/bin/sh\necho "{refusal}"\nexit 255\n')
    vcgencmd.chmod(0o755)
    place = "/sys/devices/platform"
    firmware = f"mount -t tmpfs none {place}; mkdir -p {place}/{soc}/{soc}:firmware; "
    firmware += f'echo 50005 >{place}/{soc}/{soc}:firmware/get_throttled; exec "$@"'
    path = f"PATH={tmp_path}:{os.environ['PATH']}"
    lines = loop(shell, samples, "env", path, "unshare", "--mount", "sh", "-c", firmware, "sh")
    found = read(*lines).sample
    assert found is not None
    assert found.throttle == Throttle(0x50005)


def test_a_card_that_takes_nothing_any_more_is_known() -> None:
    assert sample(b"X\tthr=\tnow=1\tdisk=\troot=ro", FIRST).read_only is True
    assert sample(b"X\tthr=\tnow=1\tdisk=\troot=rw", b"X\troot=", FIRST).read_only is False
    assert sample(b"X\troot=$(reboot)", FIRST).read_only is None


def test_the_clock_is_the_one_that_the_firmware_measured() -> None:
    """On a Pi 4 that is throttled: the kernel goes on saying what it asked for, 1.5 GHz."""
    throttled = b"X\tthr=0x50005\tarm=%s\tnow=1010\tdisk="
    assert sample(throttled % b"600117184", FIRST).clock == 600_117_184
    assert sample(throttled % b"", FIRST).clock is None
    assert sample(b"X\tthr=0x0\tarm=\tnow=1010\tdisk=", FIRST).clock == 1_500_000_000


@pytest.mark.parametrize("shell", SHELLS)
def test_the_loop_goes_on_without_proc_or_sys(shell: str) -> None:
    need_mounts()
    hide = 'mount -t tmpfs none /proc; mount -t tmpfs none /sys; exec "$@"'
    lines = loop(shell, two, "unshare", "--mount", "sh", "-c", hide, "sh")
    seconds = [line for line in lines if line.startswith(b"S")]
    assert sample(*seconds) == Sample(1000.0 + len(seconds) - 1)


@pytest.mark.parametrize("shell", SHELLS)
def test_the_loop_goes_on_when_proc_lies(shell: str, tmp_path: Path) -> None:
    need_mounts()
    for name in ("stat", "meminfo", "uptime", "loadavg", "cpuinfo"):
        (tmp_path / name).write_bytes(os.urandom(5000) + b"\ncpu " + b"9" * 5000 + b" $(id) `id`\n")
    bind = "".join(
        f"mount --bind {tmp_path}/{each.name} /proc/{each.name};" for each in tmp_path.iterdir()
    )
    lines = loop(shell, two, "unshare", "--mount", "sh", "-c", bind + 'exec "$@"', "sh")
    assert b"uid=" not in b"".join(lines)
    found = read(*lines).sample
    assert found is not None
    assert (found.cpu, found.memory) == (None, None)
