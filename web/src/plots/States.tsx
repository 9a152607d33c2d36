import type { Dashboard } from "../api/types";
import { share } from "../domain/report";
import { spoken, t } from "../words/words";
import { Bars } from "./Bars";

/** How many items have which kind of label of record. */
export function States({ question, nItems }: { question: Dashboard["questions"][number]; nItems: number }) {
  const { states, title } = question;
  if (states.length === 0) {
    return null;
  }
  return (
    <Bars
      about={title}
      title={t("Items by state: {{title}}", { title })}
      bars={states.map(({ state, n }) => ({ name: state, size: n, words: n.toLocaleString(spoken()) }))}
      whole={nItems}
      axis={t("items")}
      unit="items"
      columns={[t("state"), t("items"), t("share")]}
      rows={states.map(({ state, n }) => [state, String(n), share(n / nItems)])}
    />
  );
}
