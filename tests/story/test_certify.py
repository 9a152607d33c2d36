"""`labelwright certify`, as its user meets it: files in, words and exit status out."""

import csv
import gzip
import io
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from labelwright.cli.main import run


@dataclass(frozen=True)
class Case:
    """A folder with predictions and, kept apart, the truth."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    @property
    def predictions(self) -> Path:
        return self.folder / "predictions.csv"

    def certify(self, *words: str, file: Path | None = None) -> tuple[int, str, str]:
        self.capsys.readouterr()
        status = run(["certify", str(file or self.predictions), *words])
        said = self.capsys.readouterr()
        return status, said.out, said.err

    def rows(self, name: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO((self.folder / name).read_text())))

    def truth(self) -> dict[str, str]:
        return dict(csv.reader(io.StringIO((self.folder / "truth.csv").read_text())))

    def answer(self, name: str = "answers.csv", n: int | None = None, sample: str = "sample.csv") -> Path:
        truth = self.truth()
        ids = [row["id"] for row in self.rows(sample)]
        return self.write(name, [["id", "label"], *([i, truth[i]] for i in ids[:n])])

    def write(self, name: str, rows: list[list[str]]) -> Path:
        file = self.folder / name
        with file.open("w", newline="") as stream:
            csv.writer(stream).writerows(rows)
        return file


@pytest.fixture
def case(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Case:
    rng = np.random.default_rng(5)
    confidence = np.round(rng.beta(5, 1.5, 2_000), 2)
    wrong = rng.random(2_000) < 0.25 * (1 - confidence)
    gold = rng.choice(["spam", "ham"], 2_000)
    said = np.where(wrong, np.where(gold == "spam", "ham", "spam"), gold)
    found = Case(tmp_path, capsys)
    rows = [[f"i{k}", f"text {k}, with a comma", said[k], f"{confidence[k]}"] for k in range(2_000)]
    found.write("predictions.csv", [["id", "text", "label", "confidence"], *rows])
    found.write("truth.csv", [[f"i{k}", gold[k]] for k in range(2_000)])
    return found


def test_without_labels_it_says_how_many_are_needed_and_for_what(case: Case) -> None:
    status, out, _ = case.certify()
    assert status == 0
    assert "2,000 predictions" in out
    assert "177" in out  # to start at 5%
    assert "--sample 300" in out
    needs = json.loads(case.certify("--json")[1])
    assert needs["recommended_sample"] == 300
    assert [need["to_start"] for need in needs["labels_needed"]] == [897, 447, 177, 87, 57, 42, 27]
    assert sorted(f.name for f in case.folder.iterdir()) == ["predictions.csv", "truth.csv"]  # reading writes nothing


def test_the_whole_way_from_predictions_to_accepted_items(case: Case) -> None:
    assert case.certify("--sample", "300", "--show", "text")[0] == 0
    sample = case.rows("sample.csv")
    assert len({row["id"] for row in sample}) == 300
    assert set(sample[0]) == {"id", "text", "label"}
    assert {row["label"] for row in sample} == {""}  # blind: no prediction, no score
    answers = case.answer()
    accepted, page = case.folder / "accepted.csv", case.folder / "report.html"
    status, out, _ = case.certify("--answers", str(answers), "--accepted", str(accepted), "--html", str(page))
    assert status == 0
    assert "CERTIFIED" in out
    taken = case.rows("accepted.csv")
    assert not {row["id"] for row in taken} & {row["id"] for row in sample}
    assert np.mean([row["label"] != case.truth()[row["id"]] for row in taken]) <= 0.1
    assert page.read_text().startswith("<!doctype html>")
    found = json.loads(case.certify("--answers", str(answers), "--json")[1])
    assert found["certified"] is True
    assert found["certified_error_upper"] == 0.1
    assert found["n_accepted"] == len(taken)
    assert found["n_accepted"] + found["n_for_people"] + found["n_calibration"] == 2_000
    assert [step["target_error"] for step in found["ladder"]] == [0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3]


def test_what_cannot_be_certified_is_said_plainly_with_status_3(case: Case) -> None:
    rng = np.random.default_rng(1)
    rows = [[f"i{k}", rng.choice(["a", "b"]), f"{rng.random():.3f}"] for k in range(1_000)]
    file = case.write("coin.csv", [["id", "label", "score"], *rows])
    case.certify("--sample", "300", file=file)
    case.write("truth.csv", [[f"i{k}", rng.choice(["a", "b"])] for k in range(1_000)])
    answers = case.answer(sample="sample.csv")
    status, out, err = case.certify("--answers", str(answers), "--accepted", str(case.folder / "a.csv"), file=file)
    assert status == 3
    assert "not with this score: it ranks errors hardly better than chance (AUROC ." in out
    assert "was not written" in err
    assert not (case.folder / "a.csv").exists()
    found = json.loads(case.certify("--answers", str(answers), "--json", file=file)[1])
    assert found["certified_error_upper"] is None
    assert found["outlook"] == "not with this score"


def test_without_a_score_all_predictions_stand_or_fall_together(case: Case) -> None:
    truth = case.truth()
    rows = [[i, label if int(i[1:]) % 50 else "other"] for i, label in truth.items()]  # 2% wrong
    file = case.write("plain.csv", [["id", "label"], *rows])
    case.certify("--sample", "200", file=file)
    answers = case.answer(sample="sample.csv")
    found = json.loads(case.certify("--answers", str(answers), "--json", file=file)[1])
    assert found["n_accepted"] == 1_800
    assert found["score"].startswith("no score")


def test_jsonl_and_gzip_are_read_as_csv_is(case: Case) -> None:
    with case.predictions.open() as stream:
        rows = list(csv.DictReader(stream))
    file = case.folder / "same.jsonl.gz"
    lines = "".join(json.dumps({**row, "confidence": float(row["confidence"])}) + "\n" for row in rows)
    file.write_bytes(gzip.compress(lines.encode()))
    case.certify("--sample", "300")
    case.certify("--sample", "300", "--out", str(case.folder / "same.csv"), file=file)
    assert (case.folder / "same.csv").read_text() == (case.folder / "sample.csv").read_text()
    zipped = case.folder / "answers.csv.gz"
    zipped.write_bytes(gzip.compress(case.answer().read_bytes()))
    assert case.certify("--answers", str(zipped), file=file)[0] == 0


def test_columns_may_have_any_name_and_the_sample_keeps_it(case: Case) -> None:
    rows = [
        ["Review No", "Sentiment", "sure"],
        *([r["id"], r["label"], r["confidence"]] for r in case.rows("predictions.csv")),
    ]
    file = case.write("own.csv", rows)
    assert "has no column 'id' for ids" in case.certify(file=file)[2]
    names = ("--id", "Review No", "--label", "Sentiment", "--score", "sure")
    case.certify("--sample", "300", *names, file=file)
    truth = case.truth()
    filled = [["Review No", "Sentiment"], *([r["Review No"], truth[r["Review No"]]] for r in case.rows("sample.csv"))]
    answers = str(case.write("filled.csv", filled))
    assert case.certify("--answers", answers, *names, file=file)[0] == 0
    lacking = str(case.write("lacking.csv", [["Review No", "x"], ["i1", "spam"]]))
    assert "call it as the predictions do" in case.certify("--answers", lacking, *names, file=file)[2]


def test_several_scores_are_named_and_one_is_chosen(case: Case) -> None:
    rows = [[f"i{k}", "a", str(k / 100), "0.5"] for k in range(100)]
    file = case.write("two.csv", [["id", "label", "agreement", "confidence"], *rows])
    _, _, err = case.certify(file=file)
    assert "using 'confidence' (also there: agreement); choose with --score" in err
    assert json.loads(case.certify("--score", "agreement", "--json", file=file)[1])["score"] == "agreement"


def test_the_plan_is_frozen_and_a_departure_is_refused(case: Case) -> None:
    case.certify("--sample", "300")
    answers = str(case.answer())
    status, _, err = case.certify("--answers", answers, "--target-error", "0.2")
    assert status == 1
    assert "the target error: frozen 0.1, now 0.2" in err
    with case.predictions.open("a") as stream:
        stream.write("i2000,new,spam,0.9\n")
    status, _, err = case.certify("--answers", answers)
    assert status == 1
    assert "the predictions file has changed" in err


def test_drawing_twice_changes_nothing_and_another_plan_overwrites_nothing(case: Case) -> None:
    case.certify("--sample", "300")
    filled = case.answer("sample.csv")
    before = filled.read_bytes()
    assert case.certify("--sample", "300")[0] == 0
    status, _, err = case.certify("--sample", "300", "--seed", "2")
    assert status == 1
    assert "choose another --out" in err
    assert filled.read_bytes() == before
    assert case.certify("--answers", str(filled))[0] == 0


def test_another_sample_of_the_same_predictions_is_a_fresh_one_and_is_counted(case: Case) -> None:
    case.certify("--sample", "300")
    first = {row["id"] for row in case.rows("sample.csv")}
    status, _, err = case.certify("--sample", "600", "--out", str(case.folder / "b.csv"), "--seed", "1")
    assert status == 1
    assert "would spend the error budget twice" in err
    again = ("--sample", "300", "--out", str(case.folder / "b.csv"), "--target-error", "0.2")
    for _ in range(2):
        status, out, _ = case.certify(*again, "--json")
        assert status == 0
        assert (json.loads(out)["seed"], json.loads(out)["draw_number"]) == (2, 2)
    second = {row["id"] for row in case.rows("b.csv")}
    assert len(first & second) < 90  # 300 · 300/2000 = 45 by chance
    _, out, _ = case.certify("--answers", str(case.answer("b.csv", sample="b.csv")))
    assert "sample number 2" in out
    assert "2 × 5%" in out


def test_an_unfinished_sample_without_a_plan_is_not_judged_on_what_was_easy(case: Case) -> None:
    truth = case.truth()
    drawn = np.random.default_rng(0).choice(2_000, 300, replace=False)
    rows = [[f"i{k}", truth[f"i{k}"] if n < 250 else ""] for n, k in enumerate(drawn)]
    answers = str(case.write("own.csv", [["id", "label"], *rows]))
    status, _, err = case.certify("--answers", answers)
    assert status == 1
    assert "names 50 items without a label" in err
    strict = json.loads(case.certify("--answers", answers, "--count-missing-as-wrong", "--json")[1])
    assert (strict["n_calibration"], strict["n_missing_counted_wrong"]) == (300, 50)


def test_missing_answers_are_asked_for_or_count_as_wrong(case: Case) -> None:
    case.certify("--sample", "300")
    part = str(case.answer(n=280))
    status, _, err = case.certify("--answers", part)
    assert status == 1
    assert "answers 280 of the 300 items drawn; answer the other 20" in err
    full = json.loads(case.certify("--answers", str(case.answer("full.csv")), "--json")[1])
    strict = json.loads(case.certify("--answers", part, "--count-missing-as-wrong", "--json")[1])
    assert strict["n_missing_counted_wrong"] == 20
    assert strict["n_accepted"] <= full["n_accepted"]


def test_looks_fixed_beforehand_split_the_error_budget(case: Case) -> None:
    case.certify("--looks", "150,300")
    first = json.loads(case.certify("--answers", str(case.answer(n=150)), "--json")[1])
    second = json.loads(case.certify("--answers", str(case.answer(n=300)), "--json")[1])
    assert (first["look"], first["n_calibration"], first["delta"]) == (1, 150, 0.025)
    assert (second["look"], second["n_calibration"], second["delta"]) == (2, 300, 0.0125)


def test_the_stated_confidence_is_that_of_all_looks_together(case: Case) -> None:
    # Whichever look certifies, the chance of a broken promise over both is 2.5% + 1.25%, and 5% was frozen.
    case.certify("--looks", "150,300")
    answers = str(case.answer())
    status, out, _ = case.certify("--answers", answers, "--html", str(case.folder / "page.html"))
    assert status == 0
    for said in (out, (case.folder / "page.html").read_text(), case.certify("--answers", answers, "--json")[1]):
        assert "98.75%" not in said
        assert "at 95% confidence" in said
    assert "is at most 5%, over random samples" in " ".join(out.split())
    assert "judged at 1.25% of the 5% that all looks together may fail" in out


def test_the_calibration_error_stands_beside_what_chance_alone_shows(case: Case) -> None:
    case.certify("--sample", "300")
    answers = str(case.answer())
    found = json.loads(case.certify("--answers", answers, "--json")[1])["calibration"]["raw"]["ece_mass"]
    said = " ".join(case.certify("--answers", answers)[1].split())
    assert f"(ECE {found['value']:.3f}; a perfectly calibrated score would show about {found['null_mean']:.3f}" in said
    assert f"up to {found['null_upper']:.3f} in 95% of samples)" in said


def test_answers_beyond_a_look_are_kept_for_the_next_one_and_it_says_so(case: Case) -> None:
    case.certify("--looks", "150,300")
    found = json.loads(case.certify("--answers", str(case.answer(n=200)), "--json")[1])
    assert (found["look"], found["n_calibration"]) == (1, 150)
    assert found["warnings"] == [
        "50 of the answers come after this look's 150 in the order drawn and are not read yet; the next look is at 300."
    ]


def test_the_next_step_repeats_what_was_asked_for(case: Case) -> None:
    assert "--sample 300 --target-error 0.05 --open-pool" in case.certify("--target-error", "0.05", "--open-pool")[1]


def test_answers_without_a_plan_are_judged_on_the_users_word(case: Case) -> None:
    truth = case.truth()
    rng = np.random.default_rng(0)
    drawn = rng.choice(2_000, 300, replace=False)
    answers = case.write("own.csv", [["id", "label"], *([f"i{k}", truth[f"i{k}"]] for k in drawn)])
    status, out, _ = case.certify("--answers", str(answers))
    assert status == 0
    assert "On your word" in out
    assert "No plan was found" in out
    assert json.loads(case.certify("--answers", str(answers), "--json")[1])["is_frozen"] is False


def test_several_people_give_a_consensus_and_their_own_error_is_added(case: Case) -> None:
    case.certify("--sample", "300")
    truth, rng = case.truth(), np.random.default_rng(2)
    other = {"spam": "ham", "ham": "spam"}
    rows = [["id", "annotator", "label"]]
    for row in case.rows("sample.csv"):
        for person in ("ada", "ben", "eve"):
            said = truth[row["id"]]
            rows.append([row["id"], person, other[said] if rng.random() < 0.08 else said])
    answers = case.write("crowd.csv", rows)
    status, out, _ = case.certify("--answers", str(answers))
    assert status == 0
    assert "People err too" in out
    noise = json.loads(case.certify("--answers", str(answers), "--json")[1])["people_noise"]
    assert noise == pytest.approx(3 * 0.08**2 * 0.92 + 0.08**3, abs=0.012)
    rows.append(rows[1])
    status, _, err = case.certify("--answers", str(case.write("twice.csv", rows)))
    assert status == 1
    assert "already answered" in err


def test_the_sample_must_stay_blind(case: Case) -> None:
    for column in ("label", "confidence"):
        status, _, err = case.certify("--sample", "300", "--show", column)
        assert status == 1
        assert "must be blind" in err
    assert not (case.folder / "sample.csv").exists()


def test_a_percentage_for_a_share_is_met_with_the_share_that_was_meant(case: Case) -> None:
    status, _, err = case.certify("--target-error", "10")
    assert status == 2
    assert "10 is no share between 0 and 1; did you mean 0.1?" in " ".join(err.replace("│", "").split())
    assert "did you mean 0.95?" in " ".join(case.certify("--confidence-level", "95")[2].replace("│", "").split())


def test_a_score_that_was_frozen_may_stand_beside_a_column_that_is_no_number(case: Case) -> None:
    rows = [[*row.values(), "high"] for row in case.rows("predictions.csv")]
    case.write("predictions.csv", [["id", "text", "label", "p", "confidence"], *rows])
    assert case.certify("--sample", "300")[0] == 1
    assert case.certify("--sample", "300", "--score", "p")[0] == 0
    case.answer()
    assert case.certify("--answers", str(case.folder / "answers.csv"))[0] == 0


def test_a_sample_of_ids_alone_says_how_to_put_the_texts_beside_them(case: Case) -> None:
    _, out, _ = case.certify("--sample", "300")
    assert "Frozen: at most 10% wrong among the accepted, at 95% confidence." in out
    assert "add --show text and another --out (there are: text)" in out
    _, out, _ = case.certify("--sample", "300", "--show", "text", "--out", str(case.folder / "shown.csv"))
    assert "People see: text." in out


def test_a_sample_that_can_never_certify_is_refused_with_the_number(case: Case) -> None:
    status, _, err = case.certify("--sample", "86")
    assert status == 1
    assert "at least 87 accepted ones are needed" in err
    assert case.certify("--sample", "2000")[0] == 1


@pytest.mark.parametrize(
    "words",
    [
        ("--sample", "many"),
        ("--sample", "100", "--answers", "a.csv"),
        ("--html", "r.html"),
        ("--looks", "a,b"),
        ("--nonsense",),
        ("--sample", "0"),
        ("--target-error", "0"),
    ],
)
def test_wrong_use_has_status_2(case: Case, words: tuple[str, ...]) -> None:
    assert case.certify(*words)[0] == 2


BAD = {
    "empty": (b"", "is empty; it needs a header line"),
    "header only": (b"id,label\n", "no rows"),
    "latin-1": (
        b"id,label\n1,caf\xe9\n",
        "at position 14; save it as UTF-8, such as: iconv -f CP1252 -t UTF-8 bad.csv > utf8.csv",
    ),
    "utf-16": ("id,label\n1,a\n".encode("utf-16"), "is in UTF-16"),
    "no label": (
        b"id,lable,confidence\n1,a,.5\n",
        "has no column 'label' for the predicted labels; did you mean 'lable'?",
    ),
    "no id": (b"name,label\n1,a\n", "has no column 'id'"),
    "duplicate": (b"id,label\n1,a\n2,b\n1,c\n", "line 4: id '1' was already used on line 2"),
    "duplicate after a long cell": (b'id,label,t\n1,a,"x\ny"\n1,c,z\n', "line 4: id '1' was already used on line 2"),
    "missing id": (b"id,label\n1,a\n,b\n", "line 3: id is empty"),
    "ragged": (b"id,label\n1,a\n2\n", "line 3: has 1 fields, and the header 2"),
    "score": (b"id,label,confidence\n1,a,.5\n2,b,\n3,c,high\n", "line 4: confidence 'high' is not a number"),
    "decimal comma": (
        b"id;label;confidence\n1;a;0,95\n2;b;0,8\n",
        "line 2: confidence '0,95' is not a number; write it",
    ),
    "percent": (b"id,label,confidence\n1,a,.9\n2,b,80%\n", "line 3: confidence '80%' is not a number"),
    "a word, and another score": (b"id,label,p,confidence\n1,a,.9,high\n", "line 2: confidence 'high' is not a number"),
    "infinite": (b"id,label,confidence\n1,a,.5\n2,b,inf\n", "line 3: confidence 'inf' is not a finite number"),
    "open quote": (b'id,label\n1,"a\n', "line 2: is not readable as CSV"),
    "twice the same column": (b"id,label,label\n1,a,b\n", "two columns named 'label'"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_a_clear_error_and_nothing_is_half_done(case: Case, name: str) -> None:
    content, expected = BAD[name]
    file = case.folder / "bad.csv"
    file.write_bytes(content)
    before = sorted(case.folder.iterdir())
    words = ("--score", "confidence") if name in {"score", "infinite"} else ()
    status, out, err = case.certify("--sample", "90", *words, file=file)
    assert status == 1
    assert expected in err
    assert out == ""
    assert sorted(case.folder.iterdir()) == before


def test_bad_jsonl_and_bad_gzip_are_named(case: Case) -> None:
    file = case.folder / "bad.jsonl"
    file.write_text('{"id": 1, "label": "a"}\n{"id": 2, "label"\n')
    assert "line 2: is not valid JSON" in case.certify(file=file)[2]
    file = case.folder / "bad.csv.gz"
    file.write_bytes(gzip.compress(b"id,label\n1,a\n")[:-4])
    assert "is not a complete gzip file" in case.certify(file=file)[2]
    assert "there is no such file" in case.certify(file=case.folder / "none.csv")[2]


def test_bad_answers_are_named_with_their_line(case: Case) -> None:
    case.certify("--sample", "300")
    unknown = case.write("unknown.csv", [["id", "label"], ["i1", "spam"], ["x9", "ham"]])
    assert "line 3: id 'x9' is not among the predictions" in case.certify("--answers", str(unknown))[2]
    twice = case.write("twice.csv", [["id", "label"], ["i1", "spam"], ["i1", "ham"]])
    err = case.certify("--answers", str(twice))[2]
    assert "line 3: id 'i1' was already used on line 2; for several people per item add a column 'annotator'" in err
    outside = case.write("outside.csv", [["id", "label"], ["i1", "spma"]])
    err = case.certify("--answers", str(outside), "--labels", "spam,ham")[2]
    assert "line 2: 'spma' is no label; did you mean 'spam'?" in err
    itself = case.write("copy.csv", [["id"]])
    itself.write_bytes(case.predictions.read_bytes())
    for file in (itself, case.predictions):
        status, out, err = case.certify("--answers", str(file))
        assert (status, out) == (1, "")
        assert "holds the predictions themselves, not what people said of them; --answers takes the sample" in err
    assert "holds no answers yet" in case.certify("--answers", str(case.folder / "sample.csv"))[2]


def test_a_label_no_prediction_has_is_a_warning_since_it_may_be_right(case: Case) -> None:
    case.certify("--sample", "300")
    truth = case.truth()
    ids = [row["id"] for row in case.rows("sample.csv")]
    answers = case.write("a.csv", [["id", "label"], *([i, truth[i] if n else "phishing"] for n, i in enumerate(ids))])
    status, out, _ = case.certify("--answers", str(answers))
    assert status == 0
    assert "'phishing' (line 2 of a.csv) occurs in no prediction" in out


def test_a_tie_break_orders_equal_scores(case: Case) -> None:
    rng = np.random.default_rng(8)
    second = rng.random(2_000)
    gold = rng.choice(["a", "b"], 2_000)
    said = np.where(rng.random(2_000) < 0.5 * (second < 0.4), "c", gold)  # 20% wrong, and only `second` knows
    rows = [[f"i{k}", said[k], "0.9", f"{second[k]:.4f}"] for k in range(2_000)]
    file = case.write("tied.csv", [["id", "label", "confidence", "margin"], *rows])
    case.write("truth.csv", [[f"i{k}", gold[k]] for k in range(2_000)])
    case.certify("--sample", "300", "--out", str(case.folder / "one.csv"), file=file)
    case.certify("--sample", "300", "--tie-break", "margin", "--out", str(case.folder / "two.csv"), file=file)
    plain = case.certify(
        "--answers", str(case.answer(sample="one.csv")), "--plan", str(case.folder / "one.plan.json"), file=file
    )
    assert plain[0] == 3
    split = case.certify(
        "--answers", str(case.answer(sample="two.csv")), "--plan", str(case.folder / "two.plan.json"), file=file
    )
    assert split[0] == 0


def test_an_uneven_limit_is_never_rounded_to_another_one(case: Case) -> None:
    case.certify("--sample", "300", "--target-error", "0.125", "--confidence-level", "0.975")
    page = case.folder / "r.html"
    _, out, _ = case.certify("--answers", str(case.answer()), "--html", str(page))
    assert "at most 12.5% of them are wrong, at 97.5% confidence" in out
    assert "12.5% ◄" in out
    assert "≤ 12.5%" in page.read_text()
    assert "97.5% confidence" in page.read_text()
