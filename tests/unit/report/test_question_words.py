from labelwright.adapters.report.question_words import audit_sentence, why_not_certified


def audit(n_wrong: int, low: float, *, breaks: bool = False) -> dict[str, object]:
    return {"n_checked": 30, "n_wrong": n_wrong, "low": low, "high": 0.34, "breaks_target": breaks}


def test_an_audit_is_read_against_the_limit() -> None:
    assert audit_sentence(audit(1, 0.001), target_error=0.1).endswith("34% at 95%): in keeping with the limit of 10%.")
    by_chance = audit_sentence(audit(5, 0.06), target_error=0.1)
    assert "5 of 30 checked accepted labels were wrong (6% to 34% at 95%)" in by_chance
    assert "which chance alone may do; no proof against it" in by_chance
    assert "before you know why" in audit_sentence(audit(9, 0.15, breaks=True), target_error=0.1)


def test_an_audit_is_read_against_what_the_certificate_allows_at_the_audits_own_level() -> None:
    # Of all items a tenth may be wrong on average: of the half that is accepted, a fifth.
    conformal = {**audit(5, 0.06), "target_error": 0.2, "level": 0.99}
    assert audit_sentence(conformal, target_error=0.1).endswith("34% at 99%): in keeping with the limit of 20%.")
    weighed = audit_sentence({**audit(5, 0.06), "target_error": 1.0}, target_error=0.1)
    assert weighed.endswith("The certificate limits what errors weigh, not how many there are.")


def test_a_project_without_a_model_is_not_told_to_label_a_sample() -> None:
    assert "names no model" in why_not_certified({"is_void": False}, has_model=False)
    assert "void" in why_not_certified({"is_void": True}, has_model=True)
    assert "not fully labelled" in why_not_certified({"is_void": False}, has_model=True)
