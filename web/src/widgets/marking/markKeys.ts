/** The keys that mark. */

import { t } from "../../words/words";
import { type KeyBinding, labelsOf } from "../widget";
import { MANY_LABELS, type MarkAction, type MarkSettings } from "./marks";

const KEYED_OF_MANY = 8;

export function markKeys(settings: MarkSettings): KeyBinding<MarkAction>[] {
  const labels = labelsOf(settings);
  const isMany = labels.length > MANY_LABELS;
  const isByToken = settings.mode === "tokens";
  const own: KeyBinding<MarkAction>[] = [
    { action: { unmark: true }, label: isByToken ? t("no label, go on") : t("unmark what is selected") },
    ...(isByToken
      ? [
          { action: { walk: -1 } as const, label: t("go back a word") },
          { action: { fresh: true } as const, label: t("begin a new mark") },
        ]
      : []),
    { action: { step: 1 }, label: t("select the next mark") },
    { action: { nothing: true }, label: t("nothing to mark") },
    { action: { take: true }, label: t("take the suggested mark") },
    { action: { decline: true }, label: t("decline the suggested mark") },
    { action: { takeAll: true }, label: t("take all suggested marks") },
    { action: { fine: true }, label: t("select by characters") },
    ...(settings.discontinuous
      ? [{ action: { piece: true } as const, label: t("add to the mark, or take from it") }]
      : []),
  ];
  return [
    ...(isMany ? labels.slice(0, KEYED_OF_MANY) : labels).map(({ value, title }) => ({
      action: { mark: value },
      label: t("mark as {{title}}", { title }),
    })),
    ...(isMany ? [{ action: { pick: true }, label: t("find a label by its name") }] : []),
    ...own,
  ];
}
