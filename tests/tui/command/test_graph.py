"""`squarm graph` as a user meets it."""

import csv
import io
from pathlib import Path

from tests.tui.command.running import Squarm


def test_the_graph_of_a_file_its_bounds_and_its_csv(squarm: Squarm, tmp_path: Path) -> None:
    """Four squares of order 5 from the field, one of them twice, and a bad one."""
    squares = [[[(a * r + c) % 5 for c in range(5)] for r in range(5)] for a in (1, 2, 3, 4, 2)]
    file = tmp_path / "squares.txt"
    file.write_text(
        "\n\n".join("\n".join("".join(map(str, row)) for row in one) for one in squares)
        + "\n\n012\n120\n210\n"
    )
    told = squarm.run("graph", str(file))
    assert told.returncode == 1
    assert "this square is not Latin: column 2" in told.stderr
    assert "order 5: 4 squares and 1 under other names of 1 main class\n" in told.stdout
    assert "6 pairs\n" in told.stdout
    assert "1 of 4; the largest: squares 1, 2, 3, 4\n" in told.stdout
    edges = squarm("graph", str(file), "--csv", "edges", code=1)
    read = list(csv.DictReader(io.StringIO(edges)))
    assert {(edge["one"], edge["other"], edge["r"]) for edge in read} == {
        (one, other, "25") for one in "1234" for other in "1234" if one < other
    }
    (line,) = csv.DictReader(io.StringIO(squarm("graph", str(file), "--csv", "classes", code=1)))
    assert (line["squares"], line["transversals"], line["mates"]) == ("4", "15", "3")
    assert (line["main_class"], line["loop"]) == (read[0]["class_one"], "yes")
    assert "At-least must be a whole number" in squarm.refusal("graph", "--at-least", "many")
    two = squarm.run("graph", str(file), str(file)).stderr
    assert two.count(f"{file}: Line 31: this square is not Latin") == 2
    bounded = squarm.run("graph", str(file), "--squares", "2")
    assert "the first 2 different squares were compared, 2 were left out" in bounded.stderr


def test_the_graph_of_what_is_kept(squarm: Squarm) -> None:
    assert "There are no results" in squarm.refusal("graph")
    squarm("run", "7", "--count", "3", "--seed", "1", "--replicas", "1")
    whole = squarm("graph")
    assert "order 7: 6 squares of " in whole
    assert "joined (orthogonal)" in whole
    assert "no such squares" in squarm.refusal("graph", "--order", "8", code=0)
    assert "leave out the files" in squarm.refusal("graph", "x", "--job", "y")
