import { type KeyboardEvent, useState } from "react";
import { t } from "../../words/words";
import { arrow, type Surface, type Tool, type Touch } from "../imaging/Canvas";
import { colourOf } from "../imaging/colours";
import { Drawing } from "../imaging/Drawing";
import { isWithin } from "../imaging/outline";
import { chosenOf, nextLabel, titlesOf } from "../imaging/regions";
import { Handle, Name, Outline } from "../imaging/Shape";
import { useLook } from "../imaging/useLook";
import type { Spot } from "../imaging/view";
import type { RenderProps } from "../widget";
import { labelsOf } from "../widget";
import {
  type Action,
  describe,
  draftOf,
  keys,
  middle,
  type Polygon,
  type Settings,
  shifted,
  spotOf,
  under,
  type Value,
} from "./logic";

/** A drag of a corner, of the middle of a side (which becomes a corner), or of the whole. */
interface Doing {
  from: Spot;
  to: Spot;
  corner: number | null;
  inserts: boolean;
}

const CLICK = 0.004;

export function Render(props: RenderProps<Settings, Value, Action>) {
  const { settings, value, dispatch } = props;
  const [doing, setDoing] = useState<Doing | null>(null);
  const [hover, setHover] = useState<Spot | null>(null);
  const [look, setLook] = useLook();
  const draft = draftOf(value, settings);
  const { regions, chosen, open, corner } = draft;
  const labels = labelsOf(settings);
  const titles = titlesOf(settings);
  const polygon = chosenOf(draft);
  const by = doing && { x: doing.to.x - doing.from.x, y: doing.to.y - doing.from.y };
  const shown = regions.map((one, at) =>
    at === chosen && doing && by ? { ...one, points: movedTo(one, doing, by) } : one,
  );

  const tool: Tool = {
    down({ spot, reach, isShifted }) {
      if (open.length > 0 || polygon === null || isShifted) {
        return;
      }
      const at = polygon.points.findIndex((one) => isNear(spotOf(one), spot, reach));
      const side = polygon.points.findIndex((_, place) =>
        isNear(spotOf(middle(polygon, place)), spot, reach),
      );
      if (at >= 0) {
        setDoing({ from: spot, to: spot, corner: at, inserts: false });
      } else if (side >= 0) {
        setDoing({ from: spot, to: spot, corner: side, inserts: true });
      } else if (isWithin(polygon.points.map(spotOf), spot)) {
        setDoing({ from: spot, to: spot, corner: null, inserts: false });
      }
    },
    move({ spot }, isDown) {
      if (doing && isDown) {
        setDoing({ ...doing, to: spot });
      } else if (open.length > 0) {
        setHover(spot);
      }
    },
    up({ spot, reach, isShifted }) {
      if (doing && by && Math.hypot(by.x, by.y) > CLICK) {
        if (doing.inserts) {
          dispatch({ insert: doing.corner ?? 0, at: spot });
        } else {
          dispatch({ corner: doing.corner });
          dispatch({ shift: by });
        }
      } else if (doing && doing.corner !== null && !doing.inserts) {
        dispatch({ corner: doing.corner });
      } else {
        clicked(spot, reach, isShifted);
      }
      setDoing(null);
    },
    cancel() {
      setDoing(null);
    },
  };

  function clicked(spot: Spot, reach: Touch["reach"], isShifted: boolean): void {
    const first = open[0];
    if (first && open.length > 2 && isNear(spotOf(first), spot, reach)) {
      close();
    } else if (open.length > 0 || isShifted) {
      dispatch({ point: spot });
    } else {
      const hit = look.isHidden ? null : under(spot, regions);
      dispatch(hit === null && chosen === null ? { point: spot } : { choose: hit });
    }
  }

  function close(): void {
    dispatch({ close: true });
    setHover(null);
  }

  function onKey(event: KeyboardEvent, cursor: Spot): boolean {
    if (event.ctrlKey || event.metaKey) {
      return false;
    }
    if (open.length > 0 && (event.key === "Enter" || event.key === "Backspace" || event.key === "Escape")) {
      if (event.key === "Enter") {
        close();
      } else {
        dispatch(event.key === "Escape" ? { abandon: true } : { unpoint: true });
      }
      return true;
    }
    if (event.key === " ") {
      dispatch({ point: cursor });
      return true;
    }
    if (event.key === "Escape" && chosen !== null) {
      dispatch(corner === null ? { choose: null } : { corner: null });
      return true;
    }
    if (event.key === "Delete" && corner !== null) {
      dispatch({ removeCorner: true });
      return true;
    }
    const step = arrow(event);
    if (polygon !== null && open.length === 0 && (step.x !== 0 || step.y !== 0)) {
      dispatch({ shift: step });
      return true;
    }
    return false;
  }

  function shapes({ place }: Surface) {
    const line = [...open.map(spotOf), ...(hover && open.length > 0 ? [hover] : [])];
    return (
      <>
        {!look.isHidden &&
          shown.map((one, at) => (
            <Outline
              // biome-ignore lint/suspicious/noArrayIndexKey: a polygon keeps its place while it is changed
              key={at}
              points={one.points.map((point) => place(spotOf(point)))}
              colour={colourOf(one.label, labels)}
              isChosen={at === chosen}
              isPlain={look.isPlain}
            />
          ))}
        {line.length > 0 && (
          <Outline points={line.map(place)} colour={colourOf(nextLabel(draft, settings), labels)} isOpen />
        )}
      </>
    );
  }

  function marks({ place }: Surface) {
    const one = chosen === null ? undefined : shown[chosen];
    return (
      <>
        {!look.isHidden &&
          shown.map((each, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a polygon keeps its place while it is changed
            <Name key={at} at={place(topmost(each))} colour={colourOf(each.label, labels)}>
              {titles.get(each.label) ?? each.label}
            </Name>
          ))}
        {one && !look.isHidden && (
          <>
            {one.points.map((point, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: corners keep their order
              <Handle key={at} at={place(spotOf(point))} isChosen={at === corner} />
            ))}
            {!doing &&
              one.points.map((_, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: sides keep their order
                <Handle key={at} at={place(spotOf(middle(one, at)))} isSmall isRound />
              ))}
          </>
        )}
        {open.map((point, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: corners keep their order
          <Handle key={at} at={place(spotOf(point))} isRound isChosen={at === 0 && open.length > 2} />
        ))}
      </>
    );
  }

  return (
    <Drawing
      props={props}
      drawn={draft}
      bindings={keys(settings)}
      dispatch={dispatch}
      look={look}
      onLook={setLook}
      name={t("the image to draw polygons in")}
      tool={tool}
      onKey={onKey}
      onCursor={(spot) => open.length > 0 && setHover(spot)}
      shapes={shapes}
      marks={marks}
      tools={
        open.length > 0 && (
          <>
            <button type="button" onClick={close}>
              {t("Close the polygon")}
            </button>
            <button type="button" onClick={() => dispatch({ unpoint: true })}>
              {t("Take back the corner")}
            </button>
          </>
        )
      }
      refusal={draft.refusal}
      said={
        open.length > 0
          ? t("{{count}} corners; Enter closes the polygon", { count: open.length })
          : describe(value, settings)
      }
      hint={t(
        "Click corner by corner; Enter or the first corner closes. Drag corners, sides and the whole; drag the middle of a side for one more corner. By keys: focus the image with Tab, move the cursor with the arrows, the space bar sets a corner, Backspace takes one back; the arrows move the chosen corner or polygon.",
      )}
      suggested={(suggested) => describe(suggested as Value, settings)}
      more={(place) => t("{{count}} corners", { count: regions[place]?.points.length ?? 0 })}
    />
  );
}

function movedTo(polygon: Polygon, doing: Doing, by: Spot) {
  if (!doing.inserts) {
    return shifted(polygon, doing.corner, by);
  }
  const after = doing.corner ?? 0;
  return [
    ...polygon.points.slice(0, after + 1),
    [doing.to.x, doing.to.y] as const,
    ...polygon.points.slice(after + 1),
  ];
}

function isNear(at: Spot, spot: Spot, reach: Touch["reach"]): boolean {
  return Math.abs(at.x - spot.x) <= reach.x && Math.abs(at.y - spot.y) <= reach.y;
}

function topmost(polygon: Polygon): Spot {
  return polygon.points.map(spotOf).reduce((best, one) => (one.y < best.y ? one : best));
}
