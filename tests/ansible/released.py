"""Run on a Pi by its squarm's Python: packs the squarm that is installed there as another version.

    released.py FOLDER VERSION [broken]

writes a wheel, and SHA256SUMS anew. `broken`: its daemon ends as soon as it begins.
"""

import base64
import hashlib
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path

from solver import VERSION


def packed(version: str, *, broken: bool) -> dict[str, bytes]:
    """The files of the wheel, by their names in it."""
    files: dict[str, bytes] = {}
    found = distribution("squarm")
    for file in found.files or ():
        name, about = str(file), f"squarm-{VERSION}.dist-info/"
        if "__pycache__" in name or name.startswith("../../../bin/"):
            continue
        content = Path(str(found.locate_file(file))).read_bytes()
        if name.startswith("../../../"):
            name = f"squarm-{version}.data/data/{name.removeprefix('../../../')}"
        elif name.startswith(about):
            name = name.removeprefix(about)
            if name in ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json"):
                continue
            if name == "METADATA":
                content = content.replace(
                    b"Version: " + VERSION.encode(), b"Version: " + version.encode(), 1
                )
            name = f"squarm-{version}.dist-info/{name}"
        elif name == "solver/__init__.py":
            content = content.replace(VERSION.encode(), version.encode())
        elif name == "serve/daemon.py" and broken:
            content = b"raise SystemExit('this one does not start')\n"
        files[name] = content
    return files


def record(files: dict[str, bytes]) -> bytes:
    """The list that a wheel has of itself."""
    lines = []
    for name, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(content)}\n")
    return "".join(lines).encode()


def main(folder: Path, version: str, *, broken: bool) -> None:
    """Write it."""
    folder.mkdir(parents=True, exist_ok=True)
    files = packed(version, broken=broken)
    about = files[f"squarm-{version}.dist-info/WHEEL"].decode()
    tag = next(line.split()[1] for line in about.splitlines() if line.startswith("Tag: "))
    listed = f"squarm-{version}.dist-info/RECORD"
    files[listed] = record(files) + f"{listed},,\n".encode()
    with zipfile.ZipFile(folder / f"squarm-{version}-{tag}.whl", "w") as wheel:
        for name, content in files.items():
            wheel.writestr(name, content)
    sums = [
        f"{hashlib.sha256(one.read_bytes()).hexdigest()}  {one.name}\n"
        for one in sorted(folder.glob("*.whl"))
    ]
    (folder / "SHA256SUMS").write_text("".join(sums))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], broken="broken" in sys.argv[3:])
