"""The results file: where it is kept, its tables, and what each version changed in them."""

from pathlib import Path

from base import paths
from base.database import FileFormat
from base.errors import StoreError

_TABLES = (
    """CREATE TABLE results (
        id INTEGER PRIMARY KEY,
        content BLOB NOT NULL UNIQUE,
        size INTEGER NOT NULL,
        squares TEXT NOT NULL,
        source TEXT NOT NULL,
        job TEXT NOT NULL,
        unit INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        node TEXT NOT NULL,
        found_at REAL NOT NULL)""",
    "CREATE INDEX results_by_order ON results (size, id)",
    """CREATE TABLE finds (
        job TEXT NOT NULL,
        unit INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        result INTEGER NOT NULL REFERENCES results (id),
        PRIMARY KEY (job, unit, seq)) WITHOUT ROWID""",
    "CREATE INDEX finds_by_result ON finds (job, result)",
    # Counts, so that showing them each second costs nothing; of all results under ''.
    "CREATE TABLE tallies (job TEXT PRIMARY KEY, found INTEGER NOT NULL) WITHOUT ROWID",
    """CREATE TABLE units (
        job TEXT NOT NULL,
        unit INTEGER NOT NULL,
        count INTEGER NOT NULL,
        digest TEXT NOT NULL,
        PRIMARY KEY (job, unit)) WITHOUT ROWID""",
    """CREATE TABLE proofs (
        job TEXT NOT NULL,
        unit INTEGER NOT NULL,
        size INTEGER NOT NULL,
        exhausted TEXT NOT NULL,
        squares INTEGER NOT NULL,
        transversals INTEGER NOT NULL,
        found_at REAL NOT NULL,
        PRIMARY KEY (job, unit)) WITHOUT ROWID""",
)

_CHANGES = (
    _TABLES,
    # Each result's class (NULL: not yet looked for; empty: it could not be found), and the classes
    # that each job has found, all of them under '', with the first result of each. Their numbers
    # stand beside `tallies`, not in it: a squarm of before may still be writing there.
    (
        "ALTER TABLE results ADD COLUMN class BLOB",
        "CREATE INDEX results_without_class ON results (id) WHERE class IS NULL OR class = x''",
        """CREATE TABLE classes (
            job TEXT NOT NULL,
            class BLOB NOT NULL,
            result INTEGER NOT NULL REFERENCES results (id),
            PRIMARY KEY (job, class)) WITHOUT ROWID""",
        """CREATE TABLE class_tallies (
            job TEXT PRIMARY KEY,
            classes INTEGER NOT NULL) WITHOUT ROWID""",
    ),
    # Triples: how many pairs of symbols the third square makes with each of the others.
    (
        "ALTER TABLE results ADD COLUMN covered_one INTEGER",
        "ALTER TABLE results ADD COLUMN covered_other INTEGER",
        """CREATE INDEX results_by_covered ON results (covered_one + covered_other, id)
            WHERE covered_one IS NOT NULL""",
    ),
    # How far long units have come, so that one lost with its node is taken up there.
    (
        """CREATE TABLE checkpoints (
            job TEXT NOT NULL,
            unit INTEGER NOT NULL,
            checkpoint TEXT NOT NULL,
            PRIMARY KEY (job, unit)) WITHOUT ROWID""",
    ),
    # Sets and triples apart, so that neither is gone through for the other's sake; and what stands
    # for each class, newest first, so that a page of them costs no list of all. Written by a
    # trigger: a squarm of before may still be writing classes.
    (
        "DROP INDEX results_by_order",
        "DROP INDEX results_without_class",
        "DROP INDEX results_by_covered",
        "CREATE INDEX sets_by_id ON results (id) WHERE covered_one IS NULL",
        "CREATE INDEX sets_by_order ON results (size, id) WHERE covered_one IS NULL",
        """CREATE INDEX sets_without_class ON results (class, id)
            WHERE (class IS NULL OR class = x'') AND covered_one IS NULL""",
        """CREATE INDEX triples_by_covered ON results (covered_one + covered_other DESC, id)
            WHERE covered_one IS NOT NULL""",
        """CREATE TABLE distinct_sets (
            job TEXT NOT NULL,
            size INTEGER NOT NULL,
            result INTEGER NOT NULL REFERENCES results (id),
            PRIMARY KEY (job, size, result)) WITHOUT ROWID""",
        """INSERT INTO distinct_sets
            SELECT classes.job, size, result FROM classes JOIN results ON id = result""",
        """INSERT OR IGNORE INTO distinct_sets
            SELECT '', size, id FROM results
            WHERE (class IS NULL OR class = x'') AND covered_one IS NULL""",
        """INSERT OR IGNORE INTO distinct_sets
            SELECT finds.job, size, id FROM results JOIN finds ON result = id
            WHERE (class IS NULL OR class = x'') AND covered_one IS NULL""",
        """CREATE TRIGGER distinct_by_class AFTER INSERT ON classes BEGIN
            INSERT OR IGNORE INTO distinct_sets
                SELECT new.job, size, id FROM results WHERE id = new.result;
            END""",
    ),
    # Why units ended, and what bounds they came to (NULL: that was not said).
    (
        """CREATE TABLE endings (
            job TEXT NOT NULL,
            unit INTEGER NOT NULL,
            reason TEXT NOT NULL,
            bounds TEXT,
            PRIMARY KEY (job, unit)) WITHOUT ROWID""",
    ),
    # All sets of a class, page by page.
    (
        """CREATE INDEX sets_by_class ON results (class, id)
            WHERE class > x'' AND covered_one IS NULL""",
    ),
    # Counts of a square's mates, part by part, and of each job how many parts and mates they are.
    (
        """CREATE TABLE mate_counts (
            job TEXT NOT NULL,
            unit INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            size INTEGER NOT NULL,
            part INTEGER NOT NULL,
            parts INTEGER NOT NULL,
            mates INTEGER NOT NULL,
            PRIMARY KEY (job, unit, seq)) WITHOUT ROWID""",
        """CREATE TABLE mate_tallies (
            job TEXT PRIMARY KEY,
            parts INTEGER NOT NULL,
            mates INTEGER NOT NULL) WITHOUT ROWID""",
    ),
    # Classes of triples: of each the triple that was found first, how many renamings leave it as it
    # is (0: not known), and how many of its triples are kept. Those from before wait for theirs;
    # written by a trigger, too: a squarm of before may still be adding some.
    (
        """CREATE TABLE triple_classes (
            class BLOB PRIMARY KEY,
            covered INTEGER NOT NULL,
            result INTEGER NOT NULL REFERENCES results (id),
            renamings INTEGER NOT NULL,
            times INTEGER NOT NULL) WITHOUT ROWID""",
        "CREATE INDEX triple_classes_by_covered ON triple_classes (covered DESC, result)",
        """CREATE TABLE triples_without_class (
            covered INTEGER NOT NULL,
            result INTEGER NOT NULL REFERENCES results (id),
            PRIMARY KEY (covered DESC, result)) WITHOUT ROWID""",
        # Number by number, which reads the index alone.
        """INSERT INTO triples_without_class
            WITH RECURSIVE numbers (covered) AS (
                SELECT 1 << 62
                UNION ALL SELECT (
                    SELECT covered_one + covered_other FROM results INDEXED BY triples_by_covered
                    WHERE covered_one IS NOT NULL AND covered_one + covered_other < covered
                    ORDER BY covered_one + covered_other DESC LIMIT 1)
                FROM numbers WHERE covered IS NOT NULL)
            SELECT covered, id FROM numbers CROSS JOIN results INDEXED BY triples_by_covered
            WHERE covered_one IS NOT NULL AND covered_one + covered_other = covered""",
        "DROP INDEX triples_by_covered",
        """CREATE TRIGGER triples_to_class AFTER INSERT ON results
            WHEN new.covered_one IS NOT NULL AND new.class = x'' BEGIN
            INSERT INTO triples_without_class
                VALUES (new.covered_one + new.covered_other, new.id);
            END""",
    ),
)
"""What each version of the file changed in the one before."""

RESULTS_FILE = FileFormat(
    name="results file",
    application=0x53515231,
    changes=_CHANGES,
    error=StoreError,
    made_by="a job makes it",
    kept="nothing found is lost, it stays in the jobs' logs and is collected again",
    elsewhere=", or name another file with --results FILE",
)


def default_path() -> Path:
    """Where results are kept unless the user names a file (`XDG_DATA_HOME` is honoured)."""
    return paths.data() / "results.sqlite3"
