"""What a release holds: which wheel is taken, and what never is."""

from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.tags import Tag, parse_tag
from packaging.version import Version

from serve.upgrade.release import SUMS, UpgradeError, Wheel, newest, read_sums, read_wheel
from tests.examples import examples

PI: list[Tag] = [
    tag
    for name in ("cp313-cp313-manylinux_2_17_armv7l", "cp313-cp313-linux_armv7l", "py3-none-any")
    for tag in parse_tag(name)
]
DIGEST = "a" * 64


def sums(*names: str) -> str:
    return "".join(f"{DIGEST}  {name}\n" for name in names)


def taken(*names: str) -> str | None:
    wheel = newest(sums(*names), PI)
    return wheel.name if wheel else None


def test_the_newest_that_runs_here_is_taken() -> None:
    old = "squarm-0.9.0-cp313-cp313-manylinux_2_17_armv7l.manylinux2014_armv7l.whl"
    new = "squarm-0.10.0-cp313-cp313-manylinux_2_17_armv7l.manylinux2014_armv7l.whl"
    assert taken(old, new) == taken(new, old) == new
    for other in (
        "squarm-0.11.0-cp313-cp313-manylinux_2_17_aarch64.whl",
        "squarm-0.11.0-cp311-cp311-manylinux_2_17_armv7l.whl",
        "squarm-0.11.0-cp313-cp313-musllinux_1_2_armv7l.whl",
        "squirm-0.11.0-py3-none-any.whl",
        "squarm-0.11.0.tar.gz",
        "../squarm-0.11.0-py3-none-any.whl",
        "squarm-new-py3-none-any.whl",
    ):
        assert taken(old, other) == old
    # Of one version what was made for the machine itself.
    assert taken("squarm-0.10.0-py3-none-any.whl", new) == new
    assert taken() is None
    wheel = newest(sums(new), PI)
    assert wheel is not None
    assert wheel.folder == f"0.10.0-{'a' * 12}"


@examples(200)
@given(st.text(max_size=200) | st.text("squarm-0123.cp_linuxpynoewhl\n ", max_size=120))
def test_no_list_of_hashes_crashes_it(text: str) -> None:
    newest(f"{DIGEST}  {text}", PI)


def test_a_wheel_is_what_its_hash_says_or_refused(tmp_path: Path) -> None:
    name, content = "squarm-1.0-py3-none-any.whl", b"a wheel"
    (tmp_path / name).write_bytes(content)
    (tmp_path / SUMS).write_text(f"{sha256(content).hexdigest()}  {name}\n")
    wheel = newest(read_sums(str(tmp_path)), PI)
    assert wheel is not None
    assert read_wheel(str(tmp_path), wheel) == content
    (tmp_path / name).write_bytes(b"another")
    with pytest.raises(UpgradeError, match="is not what SHA256SUMS"):
        read_wheel(str(tmp_path), wheel)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("http://example.org/releases", "is no release"),
        ("releases", "is no release"),
        ("file:///srv", "is no release"),
        ("/no/such/folder", "cannot be read: .*No such file"),
        ("https://127.0.0.1:9/releases", "cannot be read: .*refused"),
    ],
)
def test_where_there_is_no_release_a_sentence_says_so(source: str, said: str) -> None:
    with pytest.raises(UpgradeError, match=said):
        read_sums(source)


def test_what_is_larger_than_any_release_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / SUMS).open("wb") as file:
        file.truncate(10**6)
    with pytest.raises(UpgradeError, match="larger than any release"):
        read_sums(str(tmp_path))
    huge = Wheel("squarm-1.0-py3-none-any.whl", DIGEST, Version("1.0"))
    with (tmp_path / huge.name).open("wb") as file:
        file.truncate(10**8)
    with pytest.raises(UpgradeError, match="larger than any release"):
        read_wheel(str(tmp_path), huge)
