"""The page of the reference on certified coverage, from what the benchmark wrote."""

from collections.abc import Mapping
from typing import Any

Found = Mapping[str, Any]

_COLUMNS = 8
AREAS = ("area", "area_without", "area_raw")
CURVE_COLUMNS = (
    "set", "area, with certificate", "without", "raw score", "lowest", "at 30%: random", "raw score", "product",
    "labels for 98%: raw", "product",
)  # fmt: skip

_ATTEMPTS = """Later attempts, over all but the largest set unless said otherwise, ± one standard error. All were
measured with a coin as it was before, at exactly δ (by the best way 1.56 times; now it leaves room for the sequence of
tests), and all but the last six with the panel as it was before, without weights of single options and the taught
student:

- **What teaching costs at most.** Had the third that teaches been free, and as many labels as there are in all left
  to test, uniform with a coin had certified .271 in place of .250 (10 draws): 1.6 times the raw score's share. Fewer
  labels for teaching this panel cannot bring more than that.
- **A prior learnt on other sets** (mean and precision of each kind of the panel's weights, by empirical Bayes; each
  set tried with one that had seen no set of its family: alt, css, tc, conf, pairwise, or itself). With a third of
  the labels to teach, uniform with a coin, it certified .257 in place of .252 over 60 draws: paired, .0045 ± .0015
  over draws of these very sets, but ± .0049 over sets, which is what another project would meet: the tc sets gained
  2 to 6 points, the two of pairs lost 3 and 5. By the best way offered, over all 21 sets and 60 draws, it came to
  24.5% in place of 24.4% (80 draws). The log loss fell by .006 ± .002 over sets. Fewer labels to teach did not pay
  with it either: a fifth .246, an eighth .250, a third .257 in 20 draws. Untaught it ranks at an AUROC of .63,
  after a third of the labels at .70: what is worth knowing differs from set to set. Margins and entropies of votes,
  student and neighbours, agreement by option, and votes weighed by agreement, each with a coefficient learnt so,
  changed nothing (.70). Not built.
- **Every label both teaches and tests** (parts of the pool in random order, each scored by what the labels of the
  parts before taught). The set that is tested then rests on labels that test, and whoever could choose each part's
  errors by the errors seen would break a binomial test at 4.7% in 6.0% of the draws (4 errors in 90 at α = 0.1, by
  dynamic programming); one error less makes up for that, and costs less than half as many labels more bring. But
  that holds for one threshold per part, fixed before the part is read: in a sequence of thresholds, which is the
  first that promises too much would rest on the labels as well, and we have no proof for that. Not built.
- **The finite pool** is taken as it is, by hypergeometric tails. The promise is about the items that nobody
  labelled, and foretelling those is harder than bounding a rate: a binomial test certified .245 in place of .229
  (6 draws, without a coin), but would err in up to 7% of the draws where 5% are promised (13 errors in 100 labels,
  300 items, α = 0.2).
- **What the signals hold at most.** Had all labels taught the panel as it is, as many others tested, and somebody
  who knows all errors chosen the part and the start, it had certified .340 (α = 0.1: .243, 0.2: .437), 2.1 times the
  raw score's share (`benchmarks/certified_attainable.py`, all sets; with the coin as it is). That takes twice the
  labels, and a plan that nobody can make.
- **Half of the labels to teach**, with the panel as it is: uniform with a coin .253, focused .260, in place of .259 and
  .251 (10 draws of all sets).
- **Meaning in place of wording.** Embeddings of a pre-trained model (all-MiniLM-L6-v2), with the panel as it is: one
  more student that people's labels taught on them certified .261 in place of .261, with a student of the models and
  similar items by them as well .257, with their twelve first principal components as numbers .254 (uniform with a
  coin, 8 draws). Had all labels taught, what somebody who knows all errors would accept at three quarters of the
  target rose from .447 to .453; on them alone, without the words, it fell to .425 (4 draws). So it is not for want
  of meaning that these labels prove little.
- **Labels where nothing will be accepted teach.** All labels drawn at random, a third read; of the others those read
  as well, in up to six rounds, that lie where hardly any draw of the belief would certify; what is left of the pool
  is certified by what is left of the labels, which nobody has read. That keeps the promise, and three quarters (α =
  0.1) and six tenths (0.2) of the labels teach; it certified .283 in place of .280, after a fifth .269 (uniform with
  a coin, 4 draws): the unsure items teach little about the sure ones.
- **Labels that teach drawn where models leave most doubt** (in proportion to (p(1 − p))², p by the untaught panel):
  uniform with a coin .270 in place of .252, focused .261 in place of .261 (15 draws, ± about .01). The sample that
  teaches would be no random one any more, and estimates for the whole would lose a third of their labels. Not built.
- **Other orders of tests** (Wiens's fallback from three starts, each with a share of δ that is handed on by what is
  rejected: .235 to .222 in place of .245; 20, 10 or 6 thresholds in place of 50: .244, .242, .236; uniform with a
  coin, 10 draws). The lowest threshold whose own test passes, whatever those above it do, would certify .281, or 1.7
  times the raw score's share: that keeps no promise, and no order of such tests can certify more."""


def page(result: Found) -> str:
    """Write the whole page."""
    summary, rows = result["summary"], result["rows"]
    return f"""# Certified coverage: the best protocol beside a raw score

Generated by `benchmarks/certified_coverage.py`; do not edit by hand.

The same number of human labels, min(300, N/3) per set, is spent in several ways, {result["seeds"]:,} times over;
confidence level 95% (δ = 5%).

- **raw**: all labels certify the most accurate recorded model by a score that costs no label: its own recorded
  confidence where there is one, else the share of all other recorded answers that agree.
- **uniform**: a third of the labels teach a panel (all models' votes, confidences, a student of the models,
  similar items, length, and a student of these labels) and say where the tests should start; the other two
  thirds, drawn from all other items, certify. This is what a project with `confidence: combined` does. The labels
  themselves may change where that has paid in cross-fits.
- **focused**: with `calibration_draw: focused`, those two thirds are drawn from the surest items alone, where
  what was learnt expects that to certify a tenth more.
- **coin**: with `calibration_coin: true` beside it, tests err more nearly in δ of the draws: a coin, drawn with the
  sample, decides between two neighbouring counts of errors. The last column of ways, focused with a coin, is the
  best that is offered.
- **ceiling**: what a threshold would accept that somebody chose who knows all the truth, on what was learnt (on
  the raw score: in brackets). No protocol can reach it with a promise.

Constants are the same for all sets. The shares drawn from, the tenth that a focus must promise and the third that
teaches were compared on these very sets with 12 to 20 draws; none was chosen for a single set, and their
differences were within the noise. What was tried and brought nothing is listed below.

Shares are of the items nobody labelled, averaged over all draws, those that certified nothing included.

{_verdict(summary, rows)}

## Certified share

| set | labels | accuracy % | after learning | AUROC | after | {_heads(rows)} |
|---|---:|---:|---:|---:|---:|{"---:|" * (_COLUMNS * len(rows[0]["cells"]))}
{chr(10).join(_coverage(row) for row in rows)}
| **mean** |  |  |  |  |  | {_means(rows)} |

*broken*: share of all draws in which something was certified *and* more of it than α was wrong, focused with a
coin; the promise is at most 5%, and three standard errors of this many draws reach to
{_percent(summary["limit"])}%. ± is one standard error. *drawn from a part*: share of the draws in which the plan
focused.

## What was tried and brought nothing here

Over 20 draws per set, by the mean share at both targets, uniform and without a coin: a fifth of the labels, or
30, for learning in place of a third (.219 and .218 against .228); over all but the largest set, votes weighed by
how far models agree with each other, a tempered Dawid–Skene posterior over all recorded answers, or both, as
further opinions of the panel (.239, .236 and .240 against .239). Five times as many simulated draws for choosing
the part made no difference. Part and start chosen knowing all errors, which is the best that one such sample
could do with these scores, certified about .26 in 6 draws (.187 at α = 0.1, .333 at 0.2; the largest set
guessed): what is missing from there to the ceiling is the price of proving it with so few labels, and a coin
takes a little of it back.

{_ATTEMPTS}

{_sets(summary)}

## Accuracy against human labels spent

People label everything sooner or later; the order decides how soon the errors are gone. The product's order: the
blind random sample first, then the least sure first (`services.audits.ask_people`). *Area* is the mean of
accuracy above a random order's over the whole curve, in points; *lowest* the lowest point of the curve with a
certificate's sample (± one standard error). *At 30%*: accuracy once people have labelled 30% of the items.

| {" | ".join(CURVE_COLUMNS)} |
|---|{"---:|" * (len(CURVE_COLUMNS) - 1)}
{chr(10).join(_curve(row) for row in rows)}
| **mean** | {" | ".join(f"{100 * summary[name]:+.2f}" for name in AREAS)} |{"  |" * 6}

Below a random order by more than three standard errors anywhere: {", ".join(summary["below_random"]) or "no set"}.

## Simulated pools

Where a promise is hardest to keep, and two cheats that must break it:

| way | draws | certified % | broken % | |
|---|---:|---:|---:|---|
{chr(10).join(_world(row) for row in summary["worlds"])}
"""


def _verdict(summary: Found, rows: list[Found]) -> str:
    targets = [cell["target"] for cell in rows[0]["cells"]]
    ways = ", ".join(f"{name} {_percent(share)}%" for name, share in summary["ways"].items())
    reached = "at least" if summary["ratio"] >= 2 else "less than"
    parts: list[str] = []
    for at, target in enumerate(targets):
        raw = sum(row["cells"][at]["raw"] for row in rows) / len(rows)
        best = sum(row["cells"][at]["best"] for row in rows) / len(rows)
        parts.append(f"{_percent(raw)}% → {_percent(best)}% at α = {target:g} ({best / raw:.2f} times)")
    return (
        f"Over the {len(rows)} sets: {'; '.join(parts)}; together **{summary['ratio']:.2f} times** the raw score's "
        f"share, {reached} twice ({summary['ratio_with_a_coin_for_raw']:.2f} times where the raw score may toss a coin "
        f"too). Over both targets: {ways}. The ceiling is {_percent(summary['ceiling'])}%, of the raw score "
        f"{_percent(summary['ceiling_raw'])}%. Worst broken, over all sets, targets and ways: "
        f"{_percent(summary['worst_broken'])}% of draws."
    )


def _sets(summary: Found) -> str:
    nothing = ", ".join(summary["nothing_helps"]) or "none"
    below = ", ".join(summary["below_raw"]) or "none"
    return (
        f"Where nothing helps (under 1% certified at every α here): {nothing}.\n\n"
        f"Where splitting the labels cost more than it brought (over one point less than raw): {below}."
    )


def _heads(rows: list[Found]) -> str:
    return " | ".join(
        f"raw, α = {cell['target']:g} | uniform | focused | + coin | times | ceiling | broken | drawn from a part"
        for cell in rows[0]["cells"]
    )


def _coverage(row: Found) -> str:
    cells = " | ".join(
        f"{_percent(cell['raw'])} | {_percent(cell['ways'][0]['share'])} | {_percent(cell['ways'][2]['share'])} | "
        f"{_percent(cell['best'])} ± {_percent(cell['best_se'])} | {_times(cell['best'], cell['raw'])} | "
        f"{_percent(cell['ceiling'])} ({_percent(cell['ceiling_raw'])}) | {_percent(cell['broken'])} | "
        f"{cell['focused']:.0%}"
        for cell in row["cells"]
    )
    auroc = "–" if row["auroc_raw"] is None else f"{row['auroc_raw']:.2f}"
    return (
        f"| {row['dataset']} | {row['n_labels']} | {_percent(row['accuracy'])} | {_percent(row['accuracy_learned'])} | "
        f"{auroc} | {row['auroc_learned']:.2f} | {cells} |"
    )


def _means(rows: list[Found]) -> str:
    parts: list[str] = []
    for at in range(len(rows[0]["cells"])):
        cells = [row["cells"][at] for row in rows]

        def mean(*values: float) -> float:
            return sum(values) / len(values)

        raw, best = mean(*(cell["raw"] for cell in cells)), mean(*(cell["best"] for cell in cells))
        ways = [mean(*(cell["ways"][way]["share"] for cell in cells)) for way in (0, 2)]
        ceiling, of_raw = mean(*(cell["ceiling"] for cell in cells)), mean(*(cell["ceiling_raw"] for cell in cells))
        parts.append(
            f"{_percent(raw)} | {_percent(ways[0])} | {_percent(ways[1])} | {_percent(best)} | {_times(best, raw)} | "
            f"{_percent(ceiling)} ({_percent(of_raw)}) |  | "
        )
    return " | ".join(parts)


def _curve(row: Found) -> str:
    return (
        f"| {row['dataset']} | {100 * row['area']:+.2f} | {100 * row['area_without']:+.2f} | "
        f"{100 * row['area_raw']:+.2f} | {100 * row['least']:+.2f} ± {100 * row['least_se']:.2f} | "
        f"{_percent(row['at_30_random'])} | {_percent(row['at_30_raw'])} | {_percent(row['at_30'])} | "
        f"{row['labels_for_98_raw']:.0%} | {row['labels_for_98']:.0%} |"
    )


def _world(row: Found) -> str:
    return (
        f"| {row['name']} | {row['n_draws']:,} | {_percent(row['certified'])} | {_percent(row['broken'])} | "
        f"{'as it must be' if row['as_it_must'] else '**not as it must be**'} |"
    )


def _times(best: float, raw: float) -> str:
    return "–" if raw < 0.005 else f"{best / raw:.1f}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"
