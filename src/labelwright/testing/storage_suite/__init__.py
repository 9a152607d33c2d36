"""What every storage must do. A plug-in's tests subclass `StorageSuite` and give a `storage` fixture.

```python
class TestMine(StorageSuite):
    @pytest.fixture
    def storage(self): ...
```
"""

from labelwright.testing.storage_suite.access import AccessSuite
from labelwright.testing.storage_suite.answers import AnswersSuite
from labelwright.testing.storage_suite.costs import CostsSuite
from labelwright.testing.storage_suite.items import ItemsSuite
from labelwright.testing.storage_suite.ledger import LedgerSuite
from labelwright.testing.storage_suite.operations import OperationsSuite
from labelwright.testing.storage_suite.queue import QueueSuite
from labelwright.testing.storage_suite.rebuild import RebuildSuite, readable, use
from labelwright.testing.storage_suite.views import ViewsSuite


class StorageSuite(
    LedgerSuite,
    ViewsSuite,
    AnswersSuite,
    QueueSuite,
    AccessSuite,
    OperationsSuite,
    CostsSuite,
    ItemsSuite,
    RebuildSuite,
):
    """All of it."""


__all__ = [
    "AccessSuite",
    "AnswersSuite",
    "CostsSuite",
    "ItemsSuite",
    "LedgerSuite",
    "OperationsSuite",
    "QueueSuite",
    "RebuildSuite",
    "StorageSuite",
    "ViewsSuite",
    "readable",
    "use",
]
