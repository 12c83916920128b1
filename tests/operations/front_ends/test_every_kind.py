"""No kind of change without a test: in a table of front ends, or by name in the list below."""

import ast
from pathlib import Path

import pytest

from operations.kinds import Kind
from tests.operations.front_ends import (
    test_files,
    test_images,
    test_jobs,
    test_leaving,
    test_machines,
    test_messages,
    test_nodes,
    test_runs,
)

TABLES = (
    test_jobs.CHANGES,
    test_files.CHANGES,
    test_images.CHANGES,
    test_leaving.CHANGES,
    test_machines.CHANGES,
    test_messages.CHANGES,
    test_nodes.CHANGES,
    test_runs.CHANGES,
)
_LIFE = "provision/test_provision_on_lab.py::test_from_ssh_only_to_a_swarm_and_through_its_life"
ELSEWHERE = {
    # On the command line alone.
    Kind.REFILL_JOB: "tui/command/test_jobs.py::"
    "test_a_check_proves_a_job_and_fills_what_is_missing",
    Kind.IMPORT_RESULTS: "tui/command/test_results_file.py::"
    "test_what_is_exported_is_imported_elsewhere_once",
    Kind.RESTORE_RESULTS: "tui/command/test_results_file.py::test_a_copy_is_restored_after_asking",
    Kind.WRITE_INVENTORY: "tui/command/test_machines.py::"
    "test_the_inventory_is_written_and_that_is_noted",
    Kind.SET_UP_SLACK: "chat/test_share.py::"
    "test_slack_setup_asks_for_tokens_and_keeps_them_for_one_user",
    Kind.DRILL: "drill/test_drill.py::test_a_drill_that_is_cut_short_gives_back_what_it_took",
    # In the console alone.
    Kind.LOG_IN: "tui/console/machines/test_login.py::"
    "test_logging_in_trusts_just_the_keys_that_were_shown",
    Kind.OPEN_SHELL: "tui/test_on_lab.py::test_pis_appear_and_are_looked_after_by_keys",
    # These need machines, or Docker's daemons.
    Kind.PROVISION: "tui/test_first_evening.py::test_the_first_evening",
    Kind.REHEARSE: "tui/console/machines/test_provision.py::"
    "test_the_plan_is_shown_and_its_choices_are_made_by_keys",
    Kind.UPGRADE: _LIFE,
    Kind.REBOOT: _LIFE,
    Kind.LOAD_IMAGE: "tui/console/machines/test_image_loading.py::"
    "test_a_load_is_shown_node_by_node_and_told_at_the_end",
}


def test_each_kind_is_in_a_table_or_has_a_test_of_its_own() -> None:
    in_a_table = {change.kind for table in TABLES for change in table}
    assert in_a_table.isdisjoint(ELSEWHERE)
    assert in_a_table | set(ELSEWHERE) == set(Kind)


@pytest.mark.parametrize("named", sorted(set(ELSEWHERE.values())))
def test_the_test_that_is_named_is_there(named: str) -> None:
    file, _, name = named.partition("::")
    tree = ast.parse((Path(__file__).parents[2] / file).read_text())
    assert name in {getattr(node, "name", "") for node in tree.body}
