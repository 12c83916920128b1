"""`squarm results export`, `import`, `check`, `restore`: what outlives the card."""

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from results.copies.backup import back_up
from results.result import Result, Unreadable
from results.store import Store
from solver.question import Question
from solver.records import CountRecord, ImpossibleRecord, TripleRecord, encode
from swarm.job import JobSpec
from tests.swarm.samples import squares, unit_records
from tests.tui.command.running import Squarm

JOB = JobSpec(Question(10), count=40, seed=1)
HUNT = JobSpec(Question(source="turn", triple=True), count=3, replicas=1, seed=2)
TRIPLES = [record for record in unit_records(HUNT, 0) if isinstance(record, TripleRecord)]


@pytest.fixture
def path(home: Path) -> Path:
    """A results file with twelve pairs and the triples."""
    path = home / "squarm" / "results.sqlite3"
    with Store.open(path) as store:
        store.add("mols10-aaaaaa", [("pi1", record) for record in squares(JOB, 12)])
        store.add("hunt", [("pi2", record) for record in TRIPLES])
    return path


def told(path: Path) -> list[object]:
    """What is known of each result, but for its number here."""
    with Store.open(path, read_only=True) as store:
        return [replace(result, id=0) for result in store.everything(999)]


def test_what_is_exported_is_imported_elsewhere_once(
    squarm: Squarm, path: Path, tmp_path: Path
) -> None:
    file, other = tmp_path / "all.jsonl", tmp_path / "other.sqlite3"
    assert f"{12 + len(TRIPLES)} sets" in squarm("results", "export", str(file))
    first = squarm("results", "import", str(file), "--results", str(other))
    assert first == f"Imported {12 + len(TRIPLES)} sets from {file}; 0 were kept already.\n"
    assert told(other) == told(path)
    again = squarm("results", "import", str(file), "--results", str(other))
    assert again.startswith(f"Imported 0 sets from {file}; {12 + len(TRIPLES)} were kept already.")
    assert told(other) == told(path)
    with Store.open(other, read_only=True) as store:
        assert (store.found("mols10-aaaaaa"), store.found("hunt")) == (12, len(TRIPLES))
        assert len(store.triples(9)) == len(TRIPLES)
    assert "the file is sound" in squarm("results", "check", "--results", str(other))


@pytest.mark.usefixtures("path")
def test_csv_holds_sets_and_says_that_triples_are_left_out(squarm: Squarm, tmp_path: Path) -> None:
    file, other = tmp_path / "all.csv", tmp_path / "other.sqlite3"
    done = squarm.run("results", "export", str(file))
    assert done.stdout == f"Written to {file}.\n12 sets are in it.\n"
    assert "squarm: 1 triple is not: CSV" in done.stderr
    for known in (0, 12):
        said = squarm("results", "import", str(file), "--results", str(other))
        assert said == f"Imported {12 - known} sets from {file}; {known} were kept already.\n"
    with Store.open(other, read_only=True) as store:
        assert [result.job for result in store.results()] == ["imported"] * 12
        assert {result.squares for result in store.results()} == {
            record.squares for record in squares(JOB, 12)
        }
    assert "neither" in squarm.refusal("results", "export", str(tmp_path / "all.txt"))


def test_an_export_says_what_stays_out(squarm: Squarm, path: Path, tmp_path: Path) -> None:
    asked = ("results", "export", str(tmp_path / "all.jsonl"), "--yes")
    assert squarm.run(*asked).stderr == ""
    with Store.open(path) as store:
        store.add_proof("j", ImpossibleRecord(0, 6, "reduced Latin squares", 9408, 64512))
        store.add_counts("k", [("pi1", CountRecord(0, 0, 7, 0, 19, 39))])
    said = squarm.run(*asked).stderr
    assert "Not in it, for they are no sets (proofs: 1, counts of mates: 1)" in said


@pytest.mark.usefixtures("path")
def test_an_export_replaces_a_file_only_when_that_is_agreed_and_is_noted(
    squarm: Squarm, tmp_path: Path
) -> None:
    file = tmp_path / "all.jsonl"
    file.write_text("precious")
    asked = ("results", "export", str(file))
    assert "--read-only refuses this: it writes a file" in squarm.refusal("--read-only", *asked)
    assert "say --yes" in squarm.refusal(*asked)
    assert file.read_text() == "precious"
    squarm(*asked, "--yes")
    assert len(file.read_text().splitlines()) == 12 + len(TRIPLES)
    link = tmp_path / "link.jsonl"
    link.symlink_to(file)
    assert "is a link" in squarm.refusal("results", "export", str(link), "--yes")
    assert link.is_symlink()
    assert f"Written to {file}." in squarm("audit")


@pytest.mark.usefixtures("path")
def test_an_export_is_of_what_was_asked_for(squarm: Squarm, tmp_path: Path) -> None:
    def exported(*words: str) -> list[str]:
        file = tmp_path / "some.jsonl"
        squarm("results", *words, "--yes")
        return [json.loads(line)["job"] for line in file.read_text().splitlines()]

    file = str(tmp_path / "some.jsonl")
    assert exported("--job", "mols10", "export", file) == ["mols10-aaaaaa"] * 12
    assert exported("export", "--job", "mols10", file) == ["mols10-aaaaaa"] * 12
    assert exported("export", file, "--job", "hunt") == ["hunt"] * len(TRIPLES)
    assert exported("--order", "10", "export", file) == ["mols10-aaaaaa"] * 12
    whole = (tmp_path / "some.jsonl").read_text()
    for which in (("--job", "nosuch"), ("--order", "8")):
        refused = squarm.refusal("results", "export", *which, file, "--yes")
        assert "There are no such results" in refused
    assert (tmp_path / "some.jsonl").read_text() == whole


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (("--limit", "1", "export", "b.jsonl"), "export does not take '--limit'"),
        (("--format=csv", "export", "b.jsonl"), "export does not take '--format=csv'"),
        (("--triples", "import", "a.jsonl"), "import does not take '--triples'"),
        (("--job", "zzz", "check"), "check does not take '--job'"),
        (("--triples", "--job", "zzz"), "leave out --order, --job and --distinct"),
    ],
)
def test_no_option_is_passed_over_in_silence(
    squarm: Squarm, words: tuple[str, ...], option: str
) -> None:
    assert option in squarm.refusal("results", *words)


@pytest.mark.usefixtures("path")
def test_what_is_not_what_it_claims_stays_out_with_a_sentence_each(
    squarm: Squarm, tmp_path: Path
) -> None:
    file = tmp_path / "all.jsonl"
    squarm("results", "export", str(file))
    bodies = [json.loads(line) for line in file.read_text().splitlines()]
    bodies[0]["squares"][1] = bodies[0]["squares"][0]
    bodies[1]["squares"] = bodies[1]["squares"][:1]
    bodies[-1]["covered"] = [100, 100]
    bodies[2] |= {"job": "\x1b[31m../../x", "found_at": 1e300, "node": "\x1b[2J" + "n" * 999}
    bodies[3] |= {"unit": bodies[4]["unit"], "seq": bodies[4]["seq"]}
    lines = [*map(json.dumps, bodies), '{"id":', encode(squares(JOB, 13)[12])]
    file.write_text("\n".join(lines) + "\n")
    other = tmp_path / "other.sqlite3"
    done = squarm.run("results", "import", str(file), "--results", str(other))
    assert done.returncode == 1
    sentences = done.stderr.splitlines()
    assert len(sentences) == 5, done.stderr
    for words in ("line 1: Squares 1 and 2 are not orth", "line 2: ", "makes ", "already kept in"):
        assert sum(words in sentence for sentence in sentences) == 1, (words, done.stderr)
    assert "\x1b" not in done.stderr
    with Store.open(other, read_only=True) as store:
        kept = [each for each in store.everything(99) if isinstance(each, Result)]
        assert len(kept) == 12 + len(TRIPLES) - 3
        lied = next(result for result in kept if result.squares == squares(JOB, 3)[2].squares)
        assert (lied.job, lied.node) == ("imported", "n" * 80)
        assert lied.found_at < 4e9
    assert "the file is sound" in squarm("results", "check", "--results", str(other))


def test_a_square_that_was_altered_on_the_card_is_found(squarm: Squarm, path: Path) -> None:
    assert "the file is sound" in squarm("results", "check")
    with sqlite3.connect(path) as database:
        database.execute("UPDATE results SET squares = replace(squares, '[0,', '[1,') WHERE id = 3")
        database.execute("UPDATE tallies SET found = 99 WHERE job = 'hunt'")
        database.execute("UPDATE triple_classes SET times = times + 7")
    done = squarm.run("results", "check")
    assert done.returncode == 1
    assert "result 3, of mols10-aaaaaa: Square 1 is not Latin" in done.stderr
    assert "hunt: 99 squares are said to be kept" in done.stderr
    assert f"counts {8 * len(TRIPLES)} triples, there are {len(TRIPLES)}" in done.stderr


ALTERED = (
    *("squares = '[[1'", "squares = x'ff'", "squares = '7'", "squares = '[[[\"a\"]]]'"),
    *("squares = replace(squares, '9', '99')", "size = 11", "found_at = 1e300", "found_at = 'x'"),
    *("node = x'ff'", "seq = 'x'"),
)


def test_what_is_no_result_any_more_hides_no_others(
    squarm: Squarm, path: Path, tmp_path: Path
) -> None:
    with sqlite3.connect(path) as database:
        for number, altered in enumerate(ALTERED, 1):
            database.execute(f"UPDATE results SET {altered} WHERE id = {number}")  # noqa: S608
    done = squarm.run("results", "check")
    assert done.returncode == 1
    for number in range(1, 1 + len(ALTERED)):
        assert f"result {number}, of mols10-aaaaaa: it cannot be read any more." in done.stderr
    kept = map(json.loads, squarm("results", "--limit", "all", "--json").splitlines())
    assert [result["id"] for result in kept] == [12, 11]
    written = squarm.run("results", "export", str(tmp_path / "all.jsonl"))
    assert f"{2 + len(TRIPLES)} sets are in it." in written.stdout
    assert "10 cannot be read any more and are not: squarm results check" in written.stderr


def test_a_set_that_was_altered_on_the_card_is_put_back_when_it_is_found_again(path: Path) -> None:
    (record,) = squares(JOB, 12)[2:3]
    right = told(path)
    with sqlite3.connect(path) as database:
        database.execute("UPDATE results SET squares = '[[1', size = 7 WHERE id = 3")
    assert told(path)[2] == Unreadable(0, "mols10-aaaaaa")
    with Store.open(path) as store:
        store.add("mols10-aaaaaa", [("pi1", record)])
    assert told(path) == right
    with sqlite3.connect(path) as database:
        database.execute("UPDATE results SET squares = '7' WHERE id = 3")
    with Store.open(path) as store:
        store.add("mols10-cccccc", [("pi2", record)])
    assert told(path) == right


def test_a_set_that_was_altered_before_its_class_was_found_keeps_no_file_shut(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("UPDATE results SET squares = '[[1', class = NULL WHERE id = 3")
    with Store.open(path) as store:
        store.add("mols10-aaaaaa", [("pi1", squares(JOB, 13)[12])])
        assert store.unclassified() == 1
    assert told(path)[2] == Unreadable(0, "mols10-aaaaaa")


def test_a_copy_is_restored_after_asking(squarm: Squarm, path: Path, home: Path) -> None:
    copy = back_up(path, home / "squarm" / "backups")
    with Store.open(path) as store:
        store.add("mols10-bbbbbb", [("pi1", record) for record in squares(JOB, 20)])
    assert f"the newest is {copy}" in squarm.refusal("results", "restore")
    assert "say --yes" in squarm.refusal("results", "restore", str(copy))
    assert "refuses this" in squarm.refusal("--read-only", "results", "restore", str(copy))
    assert "refuses this" in squarm.refusal("--read-only", "results", "import", str(copy))
    said = squarm("results", "restore", str(copy), "--yes")
    assert said.startswith(f"Restored {path} from {copy}. What was there is ")
    assert len(told(path)) == 12 + len(TRIPLES)
    (aside,) = path.parent.glob("results-until-*.sqlite3")
    assert len(told(aside)) == 20 + len(TRIPLES)
    assert "restore results" in squarm("audit")


def test_a_copy_is_restored_on_a_fresh_card_and_what_is_wrong_in_it_is_told(
    squarm: Squarm, path: Path, tmp_path: Path
) -> None:
    copy = back_up(path, tmp_path)
    fresh = tmp_path / "new" / "dir" / "r.sqlite3"
    with sqlite3.connect(copy) as database:
        database.execute("UPDATE results SET squares = replace(squares, '[0,', '[1,') WHERE id = 3")
    place = ("--results", str(fresh), "results", "restore", str(copy))
    assert "say --yes" in squarm.refusal(*place)
    said = squarm(*place, "--yes")
    assert said.startswith(f"Restored {fresh} from {copy}. 1 thing is wrong in {copy} ")
    assert len(told(fresh)) == 12 + len(TRIPLES)
    with sqlite3.connect(copy) as database:
        database.execute("CREATE TRIGGER away AFTER INSERT ON results BEGIN SELECT 1; END")
    assert "(away)" in squarm.refusal(*place, "--yes")
