import { type KeyboardEvent, useEffect, useEffectEvent, useState } from "react";
import { t } from "../../words/words";
import type { Surface, Tool, Touch } from "../imaging/Canvas";
import { colourOf } from "../imaging/colours";
import { Drawing } from "../imaging/Drawing";
import { type Frame, frameOf } from "../imaging/frame";
import { nextLabel } from "../imaging/regions";
import { Handle, Name, Outline } from "../imaging/Shape";
import { useLook } from "../imaging/useLook";
import { between, type Spot } from "../imaging/view";
import type { RenderProps } from "../widget";
import { labelsOf } from "../widget";
import {
  type Action,
  type Box,
  cornersOf,
  describe,
  draftOf,
  dragged,
  GRIPS,
  type Grip,
  gripAt,
  isInside,
  keys,
  pressed,
  type Settings,
  turnedTo,
  turnerAt,
  under,
  type Value,
} from "./logic";

/** What the pointer is about to do. */
type Doing =
  | { kind: "drawing"; from: Spot; to: Spot }
  | { kind: "moving"; from: Spot; box: Box; to: Box }
  | { kind: "shaping"; grip: Grip; box: Box; to: Box }
  | { kind: "turning"; box: Box; to: Box };

/** How far above its box the handle that turns it stands. */
const TURNER = 0.05;
/** A press that moves less is a click. */
const CLICK = 0.004;

export function Render(props: RenderProps<Settings, Value, Action>) {
  const { settings, value, dispatch } = props;
  const [doing, setDoing] = useState<Doing | null>(null);
  /** The first corner of a box of two clicks, and where the pointer is since. */
  const [corner, setCorner] = useState<{ from: Spot; to: Spot } | null>(null);
  const [look, setLook] = useLook();
  const [aspect, setAspect] = useState(0);
  const drawn = draftOf(value, settings);
  const { regions, chosen } = drawn;
  const needsAspect = settings.rotation === true && regions.some((box) => box.aspect !== aspect);
  const tellAspect = useEffectEvent(() => dispatch({ aspect }));
  useEffect(() => {
    if (needsAspect && aspect > 0) {
      tellAspect();
    }
  }, [needsAspect, aspect]);
  const labels = labelsOf(settings);
  const next = nextLabel(drawn, settings);
  const titles = new Map(labels.map((label) => [label.value, label.title]));
  const current = chosen === null ? undefined : regions[chosen];
  const shown = regions.map((box, at) =>
    at === chosen && doing && "to" in doing && "box" in doing ? doing.to : box,
  );

  function finish(from: Spot, to: Spot): void {
    dispatch({ draw: frameOf(from, to) });
    setCorner(null);
  }

  const tool: Tool = {
    down({ spot, reach, isShifted }) {
      if (corner !== null) {
        return;
      }
      const grip = current && !isShifted ? gripUnder(current, spot, reach) : undefined;
      if (current && grip === "turn") {
        setDoing({ kind: "turning", box: current, to: current });
      } else if (current && grip !== undefined && grip !== "turn") {
        setDoing({ kind: "shaping", grip, box: current, to: current });
      } else if (current && !isShifted && isInside(current, spot, aspect)) {
        setDoing({ kind: "moving", from: spot, box: current, to: current });
      } else {
        setDoing({ kind: "drawing", from: spot, to: spot });
      }
    },
    move({ spot, isShifted }, isDown) {
      if (corner !== null) {
        setCorner({ ...corner, to: spot });
      } else if (isDown && doing?.kind === "drawing") {
        setDoing({ ...doing, to: spot });
      } else if (isDown && doing?.kind === "moving") {
        const { box, from } = doing;
        const x = between(0, box.x + spot.x - from.x, 1 - box.width);
        const y = between(0, box.y + spot.y - from.y, 1 - box.height);
        setDoing({ ...doing, to: { ...box, x, y } });
      } else if (isDown && doing?.kind === "shaping") {
        setDoing({ ...doing, to: dragged(doing.box, doing.grip, spot, aspect) });
      } else if (isDown && doing?.kind === "turning") {
        setDoing({ ...doing, to: turnedTo(doing.box, spot, aspect, isShifted) });
      }
    },
    up({ spot, isShifted }) {
      if (corner !== null) {
        finish(corner.from, spot);
      } else if (doing?.kind === "drawing") {
        const { x, y, width, height } = frameOf(doing.from, spot);
        if (width > CLICK && height > CLICK) {
          dispatch({ draw: { x, y, width, height } });
        } else {
          clicked(doing.from, isShifted);
        }
      } else if (doing && doing.to !== doing.box) {
        dispatch({ reshape: doing.to });
      }
      setDoing(null);
    },
    cancel() {
      setDoing(null);
    },
  };

  function clicked(spot: Spot, isShifted: boolean): void {
    const hit = isShifted || look.isHidden ? null : under(spot, regions, aspect);
    if (hit === null && (chosen === null || isShifted)) {
      setCorner({ from: spot, to: spot });
    } else {
      dispatch({ choose: hit });
    }
  }

  function gripUnder(box: Box, spot: Spot, reach: Touch["reach"]): Grip | "turn" | undefined {
    const isNear = (at: Spot) => Math.abs(at.x - spot.x) <= reach.x && Math.abs(at.y - spot.y) <= reach.y;
    if (settings.rotation && isNear(turnerAt(box, aspect, TURNER))) {
      return "turn";
    }
    return GRIPS.find((grip) => isNear(gripAt(box, grip, aspect)));
  }

  function onKey(event: KeyboardEvent, cursor: Spot): boolean {
    if (event.ctrlKey || event.metaKey) {
      return false;
    }
    if (event.key === "Escape" && (corner !== null || chosen !== null)) {
      setCorner(null);
      if (corner === null) {
        dispatch({ choose: null });
      }
      return true;
    }
    if (event.key === " ") {
      if (corner !== null) {
        finish(corner.from, cursor);
      } else {
        if (chosen !== null) {
          dispatch({ choose: null });
        }
        setCorner({ from: cursor, to: cursor });
      }
      return true;
    }
    const action = corner === null && chosen !== null ? pressed(event) : null;
    if (action !== null) {
      dispatch(action);
    }
    return action !== null;
  }

  const begun: Frame | null =
    corner !== null
      ? frameOf(corner.from, corner.to)
      : doing?.kind === "drawing"
        ? frameOf(doing.from, doing.to)
        : null;

  function shapes({ place }: Surface) {
    return (
      <>
        {!look.isHidden &&
          shown.map((box, at) => (
            <Outline
              // biome-ignore lint/suspicious/noArrayIndexKey: a box keeps its place while it is changed
              key={at}
              points={cornersOf(box, aspect).map(place)}
              colour={colourOf(box.label, labels)}
              isChosen={at === chosen}
              isPlain={look.isPlain}
            />
          ))}
        {begun && (
          <Outline points={cornersOf(begun, aspect).map(place)} colour={colourOf(next, labels)} isChosen />
        )}
      </>
    );
  }

  function marks({ place }: Surface) {
    const box = chosen === null ? undefined : shown[chosen];
    return (
      <>
        {!look.isHidden &&
          shown.map((one, at) => (
            <Name
              // biome-ignore lint/suspicious/noArrayIndexKey: a box keeps its place while it is changed
              key={at}
              at={place(topmost(cornersOf(one, aspect)))}
              colour={colourOf(one.label, labels)}
            >
              {titles.get(one.label) ?? one.label}
            </Name>
          ))}
        {box && !look.isHidden && (
          <>
            {GRIPS.map((grip) => (
              <Handle key={`${grip.x}/${grip.y}`} at={place(gripAt(box, grip, aspect))} />
            ))}
            {settings.rotation && <Handle at={place(turnerAt(box, aspect, TURNER))} isRound />}
          </>
        )}
      </>
    );
  }

  return (
    <Drawing
      props={props}
      drawn={drawn}
      bindings={keys(settings)}
      dispatch={dispatch}
      look={look}
      onLook={setLook}
      name={t("the image to draw boxes in")}
      tool={tool}
      onKey={onKey}
      onCursor={(spot) => corner && setCorner({ ...corner, to: spot })}
      shapes={shapes}
      marks={marks}
      onSize={({ width, height }) => setAspect(Math.round((width / height) * 1e6) / 1e6)}
      said={corner === null ? describe(value, settings) : t("First corner set; set the second one.")}
      hint={t(
        "Drag to draw, or click two corners; drag sides and corners of the chosen box. By keys: focus the image with Tab, move the cursor with the arrows and set two corners with the space bar; the arrows move the chosen box, with Shift they set its size, Alt makes the steps fine.",
      )}
      suggested={(suggested) => describe(suggested as Value, settings)}
    />
  );
}

function topmost(corners: readonly Spot[]): Spot {
  return corners.reduce((best, one) => (one.y < best.y || (one.y === best.y && one.x < best.x) ? one : best));
}
