"""The proxy's process lives as long as the run that started it, however that ends."""

import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from provision.packages.process import serving
from tests.waiting import answers, wait_until

RUN = """
import sys, time
from pathlib import Path
from provision.packages.process import serving
with serving(Path(sys.argv[1])) as packages:
    print(packages.port, flush=True)
    time.sleep(600)
"""


def test_it_is_gone_when_the_run_is_killed(tmp_path: Path) -> None:
    run = subprocess.Popen(
        [sys.executable, "-c", RUN, str(tmp_path / "kept")], stdout=subprocess.PIPE, text=True
    )
    assert run.stdout is not None
    port = int(run.stdout.readline())
    assert answers("127.0.0.1", port)
    run.kill()
    run.communicate()
    wait_until(lambda: not answers("127.0.0.1", port), 60)


def test_it_tells_at_its_end_what_it_was_good_for(tmp_path: Path) -> None:
    with serving(tmp_path / "kept") as packages:
        asked = f"http://127.0.0.1:{packages.port}/etc/passwd"
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(asked)
    assert not answers("127.0.0.1", packages.port)
    assert (packages.fetched, packages.served) == (0, 0)


def test_where_it_cannot_keep_anything_apt_goes_its_own_way(tmp_path: Path) -> None:
    (tmp_path / "in the way").write_text("a file")
    with serving(tmp_path / "in the way") as packages:
        assert packages.port == 0
