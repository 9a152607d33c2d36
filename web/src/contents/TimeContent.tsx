/** `as: audio`, `as: video`, `as: series`: what runs in time, to be played or looked through where no question is about its ranges. */

import { useMemo, useState } from "react";
import type { ContentProps } from "./content";
import { EachMedium } from "./EachMedium";
import { JsonValue } from "./JsonContent";
import { MediaTrouble } from "./MediaTrouble";
import { mediaOf } from "./media";
import { columnsOf } from "./time/columns";
import { type Recording, recordingOf } from "./time/recording";
import { StageView } from "./time/StageView";
import { seriesOf } from "./time/series";
import { createStage } from "./time/stage";

export default function TimeContent(props: ContentProps) {
  const { item, field, value, title, settings } = props;
  const plotted = useMemo<Recording | null>(() => {
    const series = seriesOf(value);
    return series === null ? null : { kind: "series", series, field };
  }, [value, field]);
  if (plotted !== null) {
    return <Alone recording={plotted} name={title} />;
  }
  const table = recordingOf(item, field);
  if (table?.kind === "table") {
    return <Alone recording={{ ...table, columns: columnsOf(settings) }} name={title} />;
  }
  if (mediaOf(item, field).every((medium) => medium === null) && typeof value !== "string") {
    return <JsonValue {...props} />;
  }
  return (
    <EachMedium item={item} field={field} value={value}>
      {(source) => {
        const type = mediaOf(item, field).find((medium) => medium?.url === source)?.type ?? "";
        const kind = /^(audio|video)\//.exec(type)?.[1];
        if (kind !== "audio" && kind !== "video") {
          return <MediaTrouble value={value} isMissing />;
        }
        return <Alone recording={{ kind, source, field }} name={title} />;
      }}
    </EachMedium>
  );
}

function Alone({ recording, name }: { recording: Recording; name: string }) {
  const [stage] = useState(createStage);
  return <StageView recording={recording} stage={stage} name={name} />;
}
