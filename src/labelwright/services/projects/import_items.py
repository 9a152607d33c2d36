"""Bring items in. Rows are conserved: in = accepted + rejected + already there (R11)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import TypeAlias, cast

from labelwright.domain.canonical import Json, digest
from labelwright.domain.ids import ItemId, ProjectId
from labelwright.domain.item import NewItem
from labelwright.domain.provenance import Provenance
from labelwright.errors import Conflict, InvalidFile, did_you_mean
from labelwright.events import Event, ItemsImported, RunFinished, RunStarted
from labelwright.ports.project_reads import RunRow
from labelwright.ports.sinks import Rejection, RejectionSink
from labelwright.ports.sources import BadRow, RowSource
from labelwright.ports.storage import Storage, Transaction, Views
from labelwright.ports.world import World
from labelwright.services.projects.item_rows import Candidate, FieldMapping, MissingField, RowReader
from labelwright.services.projects.project_of import project_of

ROWS_IN_CHUNK = 500
BYTES_IN_CHUNK = 1_000_000
_LINES_REMEMBERED = 1_000_000
_SHOWN_REJECTIONS = 5

Progress: TypeAlias = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """rows = accepted + already_there + rejected, over the whole file, however often the import was killed.

    generated_ids: rows without an id, named by their content.  left_out: rows that carried labels too: items alone
    come in.  resumed_after: the line after which a killed import went on, 0 for a fresh one.  first_rejections: of
    this execution; the rest stands in the rejection report.
    """

    run: str
    source: str
    rows: int
    accepted: int
    already_there: int
    rejected: int
    generated_ids: int = 0
    left_out: int = 0
    resumed_after: int = 0
    was_complete: bool = False
    first_rejections: tuple[Rejection, ...] = ()


def import_items(
    project: ProjectId,
    source: RowSource,
    *,
    storage: Storage,
    world: World,
    mapping: FieldMapping | None = None,
    rejected: RejectionSink | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Read every row of a file into the project: an item, already there, or rejected with a reason.

    Appends: RunStarted with the first ItemsImported, one ItemsImported per chunk, RunFinished.
    Idempotent: a file that is in stays as it is; after a kill it goes on after the last chunk.
    Raises: InvalidFile, when no row can be read as an item, before anything is written; Conflict, when another process
    imports the same file.
    """
    with storage.reading() as views:
        reader = RowReader(project_of(views, project).config, mapping or FieldMapping())
        source_hash = digest([source.hash, reader.signature()])
        earlier = _earlier_run(views, project, source_hash)
        done = views.import_progress(project, source_hash)
    if earlier is not None and earlier.finished:
        return _nothing_new(earlier, source)
    at_work = _Import(
        project,
        source,
        source_hash,
        earlier=earlier,
        reader=reader,
        storage=storage,
        world=world,
        rejected=rejected,
    )
    return at_work.complete(done, progress)


def _earlier_run(views: Views, project: ProjectId, source_hash: str) -> RunRow | None:
    runs = (run for run in views.runs(project) if run.kind == "import")
    return next((run for run in runs if run.parameters.get("source_hash") == source_hash), None)


def _nothing_new(earlier: RunRow, source: RowSource) -> ImportReport:
    told = cast("dict[str, int]", earlier.report or {})
    rows, rejected = told["rows"], told["rejected"]
    return ImportReport(earlier.id, source.name, rows, 0, rows - rejected, rejected, was_complete=True)


@dataclass
class _Chunk:
    """Rows that are committed together."""

    first_line: int = 0
    last_line: int = 0
    bytes: int = 0
    rows: list[Candidate | Rejection] = field(default_factory=list[Candidate | Rejection])


@dataclass
class _Tally:
    rows: int = 0
    accepted: int = 0
    already_there: int = 0
    rejected: int = 0
    generated_ids: int = 0
    left_out: int = 0


class _Import:
    """One execution: the lines of ids seen so far, and what was counted."""

    def __init__(
        self,
        project: ProjectId,
        source: RowSource,
        source_hash: str,
        *,
        earlier: RunRow | None,
        reader: RowReader,
        storage: Storage,
        world: World,
        rejected: RejectionSink | None,
    ) -> None:
        self.project, self.source, self.source_hash = project, source, source_hash
        self.reader, self.storage, self.world, self.sink = reader, storage, world, rejected
        self.is_begun = earlier is not None
        self.run = earlier.id if earlier is not None else world.new_id()
        self.lines: dict[str, int] = {}
        self.passed_over = 0
        self.tally = _Tally()
        self.first_rejections: list[Rejection] = []

    def complete(self, done: tuple[int, int, int], progress: Progress | None) -> ImportReport:
        covered, accepted, rejected = done
        self.tally.accepted, self.tally.rejected = accepted, rejected
        if self.sink is not None:
            self.sink.keep_until(covered)
        for chunk in self._chunks(covered):
            self._commit(chunk, covered)
            covered = chunk.last_line
            if progress is not None:
                progress(self.source.position(), self.source.size)
        self.tally.already_there += self.passed_over - accepted - rejected
        report = ImportReport(
            self.run,
            self.source.name,
            **asdict(self.tally),
            resumed_after=done[0],
            first_rejections=tuple(self.first_rejections),
        )
        provenance = self._provenance()
        finished = RunFinished(self.project, self.run, cast("dict[str, Json]", asdict(self.tally)))
        self.storage.write(lambda tx: tx.append([*self._beginning(), finished], provenance))
        return report

    def _chunks(self, covered: int) -> Iterator[_Chunk]:
        """Read the file from its beginning; rows the ledger already covers are only remembered."""
        chunk = _Chunk()
        is_opening = covered == 0
        missing: list[MissingField] = []
        for row in self.source.rows():
            self.tally.rows += 1
            if isinstance(row, BadRow):
                read: Candidate | Rejection | MissingField = Rejection(row.line, None, row.problem, row.hint)
            else:
                read = self.reader.read(row)
            if isinstance(read, MissingField):
                missing.append(read)
                read = read.rejection
            if isinstance(read, Candidate):
                self._remember(read)
            if row.last_line <= covered:
                self.passed_over += 1
                continue
            chunk.first_line = chunk.first_line or row.line
            chunk.last_line = row.last_line
            chunk.bytes += row.size
            chunk.rows.append(read)
            if len(chunk.rows) >= ROWS_IN_CHUNK or chunk.bytes >= BYTES_IN_CHUNK:
                if is_opening:
                    self._refuse_another_form(chunk, missing)
                is_opening = False
                yield chunk
                chunk = _Chunk()
        if chunk.rows:
            if is_opening:
                self._refuse_another_form(chunk, missing)
            yield chunk

    def _remember(self, read: Candidate) -> None:
        self.tally.generated_ids += read.has_made_id
        self.tally.left_out += read.left_out
        if len(self.lines) < _LINES_REMEMBERED:
            self.lines.setdefault(read.id, read.line)

    def _refuse_another_form(self, chunk: _Chunk, missing: list[MissingField]) -> None:
        """Say at once that the file is of another form than the project, where no row of the first chunk fits it."""
        if len(missing) < len(chunk.rows):
            return
        first = missing[0]
        keys = list(first.keys)[:50]
        near = did_you_mean(first.column, keys)
        hint = f"{near}; name the column: {first.option}"
        raise InvalidFile(
            self.source.name, f"no row has a field {first.column!r}", line=first.rejection.line, hint=hint
        )

    def _commit(self, chunk: _Chunk, covered: int) -> None:
        provenance = self._provenance()
        salts = self.world.random_bytes(16 * len(chunk.rows))

        def work(tx: Transaction) -> tuple[int, list[Rejection]]:
            if tx.import_progress(self.project, self.source_hash)[0] != covered:
                raise Conflict(f"another process is importing {self.source.name!r}; run it again when that is done")
            items, rejections = self._sorted_out(tx, chunk, salts)
            if self.sink is not None:
                self.sink.add(rejections)
            imported = ItemsImported(
                self.project,
                self.run,
                self.source.name,
                self.source_hash,
                chunk.first_line,
                chunk.last_line,
                tuple(items),
                len(rejections),
            )
            tx.append([*self._beginning(), imported], provenance)
            return len(items), rejections

        accepted, rejections = self.storage.write(work)
        self.is_begun = True
        self.tally.accepted += accepted
        self.tally.rejected += len(rejections)
        self.tally.already_there += len(chunk.rows) - accepted - len(rejections)
        self.first_rejections += rejections[: _SHOWN_REJECTIONS - len(self.first_rejections)]

    def _sorted_out(self, tx: Transaction, chunk: _Chunk, salts: bytes) -> tuple[list[NewItem], list[Rejection]]:
        candidates = [row for row in chunk.rows if isinstance(row, Candidate)]
        taken = tx.known_ids(self.project, [row.id for row in candidates])
        items: list[NewItem] = []
        rejections: list[Rejection] = []
        for place, row in enumerate(chunk.rows):
            if isinstance(row, Rejection):
                rejections.append(row)
            elif row.id not in taken:
                taken[row.id] = row.content_hash
                salt = salts[16 * place : 16 * place + 16]
                items.append(NewItem(ItemId(row.id), row.content, row.metadata, row.content_hash, salt))
            elif taken[row.id] != row.content_hash:
                rejections.append(self._taken(row))
        return items, rejections

    def _taken(self, row: Candidate) -> Rejection:
        first = self.lines.get(row.id)
        where = f"line {first} of this file" if first is not None and first != row.line else "the project"
        reason = f"id {row.id!r} on line {row.line} is taken by other content in {where}"
        return Rejection(row.line, row.id, reason, "give it another id, or leave one of them out")

    def _beginning(self) -> list[Event]:
        if self.is_begun:
            return []
        parameters: dict[str, Json] = {
            "source": self.source.name,
            "source_hash": self.source_hash,
            "reading": self.reader.signature(),
        }
        return [RunStarted(self.project, self.run, "import", parameters)]

    def _provenance(self) -> Provenance:
        return self.world.provenance(run=self.run)
