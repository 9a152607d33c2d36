import { type KeyboardEvent, useState } from "react";
import { t } from "../../words/words";
import { arrow, type Surface, type Tool } from "../imaging/Canvas";
import { colourOf } from "../imaging/colours";
import { Drawing } from "../imaging/Drawing";
import { chosenOf } from "../imaging/regions";
import { Handle, Name, Outline } from "../imaging/Shape";
import { useLook } from "../imaging/useLook";
import type { Spot } from "../imaging/view";
import type { RenderProps } from "../widget";
import { labelsOf } from "../widget";
import { type Action, describe, draftOf, keys, markedIn, type Settings, under, type Value } from "./logic";

export function Render(props: RenderProps<Settings, Value, Action>) {
  const { settings, value, dispatch } = props;
  const [dragged, setDragged] = useState<{ from: Spot; to: Spot } | null>(null);
  const [look, setLook] = useLook();
  const draft = draftOf(value, settings);
  const { regions, chosen, point } = draft;
  const labels = labelsOf(settings);
  const figure = chosenOf(draft);
  const marked = figure?.points[point];
  const by = dragged && { x: dragged.to.x - dragged.from.x, y: dragged.to.y - dragged.from.y };

  const tool: Tool = {
    down({ spot, reach }) {
      const hit = look.isHidden ? null : under(spot, reach, regions);
      if (hit !== null) {
        if (hit.figure !== chosen) {
          dispatch({ choose: hit.figure });
        }
        dispatch({ point: hit.point });
        setDragged({ from: spot, to: spot });
      }
    },
    move({ spot }, isDown) {
      if (dragged && isDown) {
        setDragged({ ...dragged, to: spot });
      }
    },
    up({ spot }) {
      if (dragged === null) {
        dispatch({ mark: spot });
      } else if (by && Math.hypot(by.x, by.y) > 0.002) {
        dispatch({ shift: by });
      }
      setDragged(null);
    },
    cancel() {
      setDragged(null);
    },
  };

  function onKey(event: KeyboardEvent, cursor: Spot): boolean {
    if (event.ctrlKey || event.metaKey) {
      return false;
    }
    if (event.key === " ") {
      dispatch({ mark: cursor });
      return true;
    }
    if (event.key === "Escape" && chosen !== null) {
      dispatch({ another: true });
      return true;
    }
    const step = arrow(event);
    if (event.shiftKey && marked && marked.visibility > 0 && (step.x !== 0 || step.y !== 0)) {
      dispatch({ shift: step });
      return true;
    }
    return false;
  }

  const shown = regions.map((one, at) =>
    at === chosen && by && marked
      ? {
          ...one,
          points: { ...one.points, [point]: { ...marked, x: marked.x + by.x, y: marked.y + by.y } },
        }
      : one,
  );

  function shapes({ place }: Surface) {
    return (
      !look.isHidden &&
      shown.flatMap((one, at) =>
        (settings.skeleton ?? []).flatMap(([from, to]) => {
          const [a, b] = [one.points[from], one.points[to]];
          return a && b && a.visibility > 0 && b.visibility > 0
            ? [
                <Outline
                  key={named(at, from, to)}
                  points={[place(a), place(b)]}
                  colour={colourOf(one.label, labels)}
                  isOpen
                />,
              ]
            : [];
        }),
      )
    );
  }

  function marks({ place }: Surface) {
    return (
      !look.isHidden &&
      shown.flatMap((one, at) =>
        Object.entries(one.points)
          .filter(([, { visibility }]) => visibility > 0)
          .flatMap(([name, spot]) => {
            const isCurrent = at === chosen && name === point;
            const colour = colourOf(one.label, labels);
            return [
              <Handle
                key={named(at, name)}
                at={place(spot)}
                isRound
                isChosen={isCurrent}
                colour={colour}
                isHollow={spot.visibility === 1}
              />,
              ...(at === chosen && !look.isPlain
                ? [
                    <Name key={named(at, name, "name")} at={beside(place(spot))} colour={colour}>
                      {name}
                    </Name>,
                  ]
                : []),
            ];
          }),
      )
    );
  }

  const state =
    marked?.visibility === 2 ? t("seen") : marked?.visibility === 1 ? t("covered") : t("not marked");
  return (
    <Drawing
      props={props}
      drawn={draft}
      bindings={keys(settings)}
      dispatch={dispatch}
      look={look}
      onLook={setLook}
      name={t("the image to mark points in")}
      tool={tool}
      onKey={onKey}
      shapes={shapes}
      marks={marks}
      tools={
        <label>
          {t("Point")}{" "}
          <select value={point} onChange={(event) => dispatch({ point: event.currentTarget.value })}>
            {settings.points.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>{" "}
          {state}
        </label>
      }
      said={`${t("Next point: {{name}}, {{state}}", { name: point, state })}. ${describe(value, settings)}`}
      hint={t(
        "Click where the point is that is named below the image: the next one follows. Drag a point to move it. By keys: focus the image with Tab, move the cursor with the arrows, the space bar marks; Shift and the arrows move the point.",
      )}
      suggested={(suggested) => describe(suggested as Value, settings)}
      more={(place) => {
        const one = regions[place];
        return one === undefined
          ? ""
          : t("{{marked}} of {{all}} points", { marked: markedIn(one), all: settings.points.length });
      }}
    />
  );
}

/** A figure keeps its place while it is changed. */
function named(figure: number, ...names: string[]): string {
  return JSON.stringify([figure, ...names]);
}

/** A name stands a little beside its point, so that both are seen. */
function beside({ x, y }: Spot): Spot {
  return { x: x + 14, y };
}
