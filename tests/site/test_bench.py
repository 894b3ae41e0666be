"""`gezhi bench cases` from end to end, small: its own PostgreSQL, web processes, worker and clients."""

import json
import os
import subprocess
import sys

import pytest

from gezhi.site.bench.postgres import NoPostgresql, find_binaries

FIGURES = {
    "reports_per_s", "report_sql", "report_cpu_ms", "lifecycles_per_s", "lifecycle_cpu_ms", "list_p50_ms",
    "list_queries", "cases_in_table",
}  # fmt: skip


def has_postgresql() -> bool:
    try:
        find_binaries()
    except NoPostgresql:
        return False
    return True


@pytest.mark.skipif(not has_postgresql(), reason="needs the server binaries of PostgreSQL")
def test_the_bench_of_cases_prints_one_object_with_all_its_figures() -> None:
    words = ["--cases", "300", "--seconds", "1", "--clients", "2", "--processes", "1"]
    done = subprocess.run(
        [sys.executable, "-m", "django", "bench", "cases", *words],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "gezhi.site.settings"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout)
    assert (told["bench"], told["setup"]["cases"]) == ("cases", 300)
    figures = told["figures"]
    assert figures.keys() >= FIGURES
    assert figures["cases_in_table"] == 300
    assert 5 <= figures["report_sql"] <= 12, "statements do not depend on how busy the machine is"
    # Eight of a large history; few ended cases take one more, and what is kept a few seconds is read again.
    assert figures["list_queries"] <= 10
    assert min(figures[name] for name in FIGURES) > 0
