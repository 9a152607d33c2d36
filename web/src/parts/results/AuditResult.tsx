import { type QuestionReport, share } from "../../domain/report";
import { AuditSequence } from "../../plots/AuditSequence";
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
        <p className={styles.plain}>Nothing has been accepted unseen, so there is nothing to audit.</p>
      </section>
    );
  }
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
            ? `${audit.n_drawn} accepted items are drawn for a blind check; none is answered yet.`
            : `${audit.n_wrong} of ${audit.n_checked} accepted items checked blind are wrong: ${share(audit.low)} to ${share(audit.high)} of all accepted ones. The limit is ${share(certificate.target_error)}.`}
        </p>
      )}
      <div className={styles.plots}>
        <AuditSequence about={question.title} audit={audit} target={certificate.target_error} />
        <Facts>
          <Fact name="Drawn at random, checked">{`${audit.n_drawn}, ${audit.n_checked}`}</Fact>
          {audit.method && <Fact name="The interval">{audit.method}</Fact>}
          <Fact name="Looking often">
            The interval holds at every moment at once, so the audit may be watched and stopped at any time.
          </Fact>
          {audit.recalled && audit.recalled.n_items > 0 && (
            <Fact name="Taken back to review">
              {`${audit.recalled.n_items} items${audit.recalled.reason ? `: ${audit.recalled.reason}` : ""}`}
            </Fact>
          )}
        </Facts>
      </div>
      <DataTable
        caption="Part by part"
        columns={["part of the data", "checked", "wrong", "interval", ""]}
        rows={audit.slices.map((one) => ({
          key: one.slice,
          isMarked: one.alarm,
          cells: [
            named(one.slice),
            one.n,
            one.n_wrong,
            `${share(one.low)} to ${share(one.high)}`,
            one.alarm ? "⚠ above the limit" : "",
          ],
        }))}
      >
        To take accepted items back to people: labelwright recall. It can be undone.
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
        .replace(/^\[\]$/, "none")
        .replace(/^\["|"\]$/g, "")
        .replaceAll('","', ", ")}`;
}
