import { TextInput } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { t } from "../../words/words";
import marking from "../marking/marking.module.css";
import type { Span } from "../marking/marks";
import { type Arc, readLink, type Settings } from "./logic";

interface Props {
  spans: readonly Span[];
  settings: Settings;
  inWords: (arc: Arc) => string;
  onJoin: (arc: Arc) => void;
  onClose: () => void;
}

/** Relate two marks by typing their numbers and the beginning of a type: "1 3 met". It stays for the next. */
export function LinkField({ spans, settings, inWords, onJoin, onClose }: Props) {
  const [typed, setTyped] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const arc = readLink(typed, spans, settings);
  return (
    <div className={marking.picker}>
      <TextInput
        ref={field}
        size="sm"
        aria-label={t("Two marks by their numbers, then how they relate")}
        placeholder={t("1 3, then the beginning of a type")}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && !event.nativeEvent.isComposing) {
            event.preventDefault();
            if (arc !== null) {
              onJoin(arc);
              setTyped("");
            }
          } else if (event.key === "Escape") {
            event.preventDefault();
            onClose();
          }
        }}
      />
      <p role="status" dir="auto">
        {arc !== null
          ? t("Enter: {{relation}}", { relation: inWords(arc) })
          : t("No relation yet; Escape closes the field.")}
      </p>
    </div>
  );
}
