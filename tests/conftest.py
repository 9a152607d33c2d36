"""What all tests share: where the recorded data is, and how Hypothesis draws."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

# Two profiles: `quick` for every run, `thorough` (HYPOTHESIS_PROFILE=thorough) for a night. No deadline, since the
# machine may be busy; nothing is derandomised, so a new run looks at new examples.
settings.register_profile("quick", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


def shared_folder() -> Path:
    """Where recorded data is looked for: LABELWRIGHT_SHARED, else `shared` beside the repository."""
    return Path(os.environ.get("LABELWRIGHT_SHARED") or ROOT.parent / "shared")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the work tree."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of recorded data sets (`llm/`, `gold/`); the test is skipped where it is absent."""
    folder = shared_folder() / "data"
    if not folder.is_dir():
        pytest.skip("the recorded data is not here: set LABELWRIGHT_SHARED to the folder that holds `data/`")
    return folder


@pytest.fixture(scope="session")
def shared_demo() -> Path:
    """The demonstration's folder as it was delivered; the test is skipped where it is absent."""
    folder = shared_folder() / "demo"
    if not folder.is_dir():
        pytest.skip("the delivered demonstration is not here: set LABELWRIGHT_SHARED to the folder that holds `demo/`")
    return folder


@pytest.fixture
def anyio_backend() -> str:
    """One event loop is enough: asyncio."""
    return "asyncio"
