import { between, type QuestionReport, share } from "../../domain/report";
import { AuditSequence } from "../../plots/AuditSequence";
import { t } from "../../words/words";
import { DataTable } from "./DataTable";
import { Fact, Facts } from "./Facts";
import styles from "./results.module.css";

/** Whether the accepted labels keep what was promised of them. */
export function AuditResult({ question }: { question: QuestionReport }) {
  const { audit, certificate } = question;
  if (audit === null || certificate === null) {
    return (
      <section className={styles.card} aria-label={question.title}>
        <h2 className={styles.name}>{question.title}</h2>
        <p className={styles.plain}>{t("Nothing has been accepted unseen, so there is nothing to audit.")}</p>
      </section>
    );
  }
  const most = audit.target_error ?? certificate.target_error;
  const allowed = most < 1 ? most : null;
  return (
    <section className={styles.card} aria-label={question.title}>
      <h2 className={styles.name}>{question.title}</h2>
      {audit.alarm ? (
        <p className={styles.alarm} role="alert">
          {audit.alarm.sentence}
        </p>
      ) : (
        <p className={styles.plain}>
          {audit.n_checked === 0
            ? t("{{n_drawn}} accepted items are drawn for a blind check; none is answered yet.", {
                n_drawn: audit.n_drawn,
              })
            : t(
                "{{n_wrong}} of {{n_checked}} accepted items checked blind are wrong: {{low}} to {{high}} of all accepted ones. ",
                {
                  n_wrong: audit.n_wrong,
                  n_checked: audit.n_checked,
                  low: share(audit.low),
                  high: share(audit.high),
                },
              )}
          {audit.n_checked > 0 &&
            (allowed === null
              ? t("The certificate limits what errors weigh, not how many there are.")
              : t("The limit is {{target_error}}.", { target_error: share(allowed) }))}
        </p>
      )}
      <div className={styles.plots}>
        <AuditSequence about={question.title} audit={audit} target={allowed} />
        <Facts>
          <Fact name={t("Drawn at random, checked")}>{`${audit.n_drawn}, ${audit.n_checked}`}</Fact>
          {(audit.n_not_blind ?? 0) > 0 && (
            <Fact name={t("Answered, not blind")}>
              {t("{{n}}, by people who had seen a label of the item; they count as not checked", {
                n: audit.n_not_blind ?? 0,
              })}
            </Fact>
          )}
          {audit.method && <Fact name={t("The interval")}>{audit.method}</Fact>}
          <Fact name={t("Looking often")}>
            {t(
              "The interval holds at every moment at once, so the audit may be watched and stopped at any time.",
            )}
          </Fact>
          {audit.recalled && audit.recalled.n_items > 0 && (
            <Fact name={t("Taken back to review")}>
              {t("{{n_items}} items{{value}}", {
                n_items: audit.recalled.n_items,
                value: audit.recalled.reason ? `: ${audit.recalled.reason}` : "",
              })}
            </Fact>
          )}
        </Facts>
      </div>
      <DataTable
        about={question.title}
        caption={t("Part by part")}
        columns={[t("part of the data"), t("checked"), t("wrong"), t("interval"), t("verdict")]}
        rows={audit.slices.map((one) => ({
          key: one.slice,
          isMarked: one.alarm,
          cells: [
            named(one.slice),
            one.n,
            one.n_wrong,
            between(one),
            one.alarm ? t("⚠ above the limit") : "",
          ],
        }))}
      >
        {t("To take accepted items back to people: labelwright recall. It can be undone.")}
      </DataTable>
    </section>
  );
}

/** A slice as people write it: `label=["price"]` is the label price. */
export function named(slice: string): string {
  const at = slice.indexOf("=");
  const [field, value] = [slice.slice(0, at), slice.slice(at + 1)];
  return at < 0
    ? slice
    : `${field}: ${value
        .replace(/^\[\]$/, t("none"))
        .replace(/^\["|"\]$/g, "")
        .replaceAll('","', ", ")}`;
}
