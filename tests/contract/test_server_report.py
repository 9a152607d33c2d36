"""The report route: made outside the server where there is a workspace, kept until the ledger moves."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from labelwright.adapters.storage import open_storage
from tests.contract.serving import Setting, answer_entry, sign_in, take


@pytest.fixture
def setting(tmp_path: Path) -> Iterator[Setting]:
    storage = open_storage(tmp_path / "labelwright.db")
    yield Setting(storage)
    storage.close()


@pytest.mark.parametrize("apart", [True, False])
async def test_the_report_follows_the_ledger(setting: Setting, tmp_path: Path, apart: bool) -> None:
    project = setting.project()
    setting.enqueue(project)
    app = setting.app(workspace=tmp_path if apart else None)
    async with (
        await sign_in(app, setting.invite(project, "max", "manager")) as boss,
        await sign_in(app, setting.invite(project, "ann")) as ann,
    ):
        first = await boss.get("/api/v1/projects/reviews/report")
        assert first.status_code == 200, first.text
        assert first.json()["n_items"] == 6
        assert first.json()["n_human_labels"] == 0
        again = await boss.get("/api/v1/projects/reviews/report")
        assert again.content == first.content
        (entry,) = await take(ann)
        await answer_entry(ann, entry["lease"])
        assert (await boss.get("/api/v1/projects/reviews/report")).json()["n_human_labels"] == 2


async def test_a_report_that_cannot_be_made_is_not_ready_and_says_why(setting: Setting, tmp_path: Path) -> None:
    project = setting.project()
    async with await sign_in(
        setting.app(workspace=tmp_path / "moved"), setting.invite(project, "max", "manager")
    ) as boss:
        answer = await boss.get("/api/v1/projects/reviews/report")
    assert answer.status_code == 409
    assert answer.json()["type"] == "labelwright:NotReady"
    assert "no workspace" in answer.json()["detail"]


def test_the_server_imports_nothing_heavy_and_no_statistics() -> None:
    code = (
        "import sys, labelwright.server.run, labelwright.cli.commands.serve, labelwright.adapters.storage\n"
        "heavy = {'pandas', 'pyarrow', 'numba', 'sklearn', 'scipy', 'matplotlib', 'jinja2', 'alembic', 'aiohttp'}\n"
        "print(sorted(heavy & {name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
