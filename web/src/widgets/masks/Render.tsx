import { type KeyboardEvent, useEffect, useEffectEvent, useRef, useState } from "react";
import { t } from "../../words/words";
import type { Surface, Tool } from "../imaging/Canvas";
import { colourOf } from "../imaging/colours";
import { Drawing } from "../imaging/Drawing";
import imaging from "../imaging/imaging.module.css";
import { nextLabel } from "../imaging/regions";
import { useLook } from "../imaging/useLook";
import type { Spot } from "../imaging/view";
import type { RenderProps } from "../widget";
import { labelsOf } from "../widget";
import { type Coder, createCoder } from "./coder";
import { type Action, describe, draftOf, keys, type Region, type Settings, type Value } from "./logic";
import { allTiles, changedTiles, type Layer, paintTiles } from "./paint";
import { type Bitmap, beginStroke, paintedIn, paintLine, type Stroke } from "./rle";

interface Size {
  width: number;
  height: number;
}

/** What is being painted: kept outside of React, since it changes with every move of the pointer. */
interface Atelier {
  coder: Coder | null;
  /** The bitmap of every text that is in use. */
  bitmaps: Map<string, Bitmap>;
  asked: Set<string>;
  /** The chosen region's bitmap while its strokes are not coded yet. */
  ahead: Bitmap | null;
  waiting: number;
  stroke: Stroke | null;
  last: Spot | null;
  surface: Surface | null;
  /** What the canvas shows. */
  painted: { canvas: HTMLCanvasElement; size: Size; isPlain: boolean; layers: Layer[] } | null;
}

export function Render(props: RenderProps<Settings, Value, Action>) {
  const { settings, value, caps, dispatch } = props;
  const [size, setSize] = useState<Size | null>(null);
  const [look, setLook] = useLook();
  const canvas = useRef<HTMLCanvasElement>(null);
  const brush = useRef<HTMLSpanElement>(null);
  const atelier = useRef<Atelier>({
    coder: null,
    bitmaps: new Map(),
    asked: new Set(),
    ahead: null,
    waiting: 0,
    stroke: null,
    last: null,
    surface: null,
    painted: null,
  });
  const draft = draftOf(value, settings);
  const { regions, chosen, erases, brushSize } = draft;
  const labels = labelsOf(settings);

  const settle = useEffectEvent(() => draft.begun > 0 && dispatch({ settle: true }));
  useEffect(() => {
    const held = atelier.current;
    held.coder = createCoder();
    settle();
    return () => {
      held.coder?.close();
      held.coder = null;
    };
  }, []);

  /** All regions in order, the chosen one as it is right now. */
  function layers(): Layer[] {
    const { bitmaps, stroke, ahead } = atelier.current;
    const live = stroke?.bitmap ?? ahead;
    const drawn = regions.flatMap((region, at) => {
      const bitmap = at === chosen && live ? live : bitmaps.get(nameOf(region));
      return bitmap ? [{ bitmap, colour: colourOf(region.label, labels), isChosen: at === chosen }] : [];
    });
    return chosen === null && live
      ? [...drawn, { bitmap: live, colour: colourOf(nextLabel(draft, settings), labels), isChosen: true }]
      : drawn;
  }

  /** Bring the canvas up to date: these tiles, and those in which something else came or went. */
  function paint(places: Iterable<number> = []): void {
    const held = atelier.current;
    if (canvas.current === null || size === null) {
      return;
    }
    const next = { canvas: canvas.current, size, isPlain: look.isPlain, layers: layers() };
    const { painted } = held;
    const goesOn =
      painted?.canvas === next.canvas && painted.size === size && painted.isPlain === next.isPlain;
    const stale = goesOn
      ? new Set([...places, ...changedTiles(painted.layers, next.layers)])
      : allTiles(size);
    paintTiles(next.canvas, next.layers, stale, next.isPlain);
    held.painted = next;
  }

  const refresh = useEffectEvent(() => {
    const { bitmaps, asked, coder } = atelier.current;
    const inUse = new Set([regions, ...draft.past].flatMap((list) => list.map(nameOf)));
    for (const name of [...bitmaps.keys()].filter((one) => !inUse.has(one))) {
      bitmaps.delete(name);
    }
    for (const region of regions) {
      const name = nameOf(region);
      const fits = region.size[0] === size?.height && region.size[1] === size.width;
      if (fits && !bitmaps.has(name) && !asked.has(name)) {
        asked.add(name);
        coder?.decode(region.counts, region.size[1], region.size[0]).then((bitmap) => {
          asked.delete(name);
          bitmaps.set(name, bitmap);
          refresh();
        });
      }
    }
    paint();
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is drawn depends on these; the drawing reads them itself
  useEffect(refresh, [regions, chosen, size, look.isPlain, look.isHidden, draft.brush]);

  function pixelOf({ x, y }: Spot): readonly [number, number] {
    return [x * (size?.width ?? 0), y * (size?.height ?? 0)];
  }

  function radius(): number {
    return Math.max(0.5, (brushSize * Math.min(size?.width ?? 0, size?.height ?? 0)) / 2);
  }

  function begin(spot: Spot): void {
    const held = atelier.current;
    const region = chosen === null ? undefined : regions[chosen];
    const known = region && held.bitmaps.get(nameOf(region));
    if (
      size === null ||
      (region && known === undefined && held.ahead === null) ||
      (erases && !region && !held.ahead)
    ) {
      return;
    }
    held.stroke = beginStroke(held.ahead ?? known ?? { ...size, tiles: new Map() });
    held.last = spot;
    follow(spot);
  }

  function follow(spot: Spot): void {
    const { stroke, last } = atelier.current;
    if (stroke && last) {
      paint(paintLine(stroke, pixelOf(last), pixelOf(spot), radius(), erases ? 0 : 1));
      atelier.current.last = spot;
    }
  }

  async function end(): Promise<void> {
    const held = atelier.current;
    const { stroke, coder } = held;
    held.stroke = null;
    if (stroke === null || coder === null) {
      return;
    }
    held.ahead = stroke.bitmap;
    held.waiting += 1;
    dispatch({ begin: true });
    const counts = await coder.encode(stroke.bitmap);
    if (held.coder !== coder) {
      return;
    }
    const { width, height } = stroke.bitmap;
    held.waiting -= 1;
    held.bitmaps.set(`${height}x${width}:${counts}`, stroke.bitmap);
    if (held.waiting === 0) {
      held.ahead = null;
    }
    dispatch({ paint: { size: [height, width], counts, isEmpty: paintedIn(counts) === 0 } });
  }

  function showBrush(spot: Spot | null): void {
    const { surface } = atelier.current;
    const shown = brush.current;
    if (shown && surface && spot) {
      const at = surface.place(spot);
      const side = (2 * radius() * surface.zoom) / surface.width;
      shown.style.left = `${at.x / 10}%`;
      shown.style.top = `${at.y / 10}%`;
      shown.style.width = `${side * 100}%`;
      shown.hidden = false;
    }
  }

  const tool: Tool = {
    down({ spot }) {
      begin(spot);
      showBrush(spot);
    },
    move({ spot }, isDown) {
      showBrush(spot);
      if (isDown) {
        follow(spot);
      }
    },
    up() {
      end();
    },
    cancel() {
      const { stroke } = atelier.current;
      atelier.current.stroke = null;
      paint(stroke?.touched ?? []);
    },
  };

  function onKey(event: KeyboardEvent, cursor: Spot): boolean {
    if (event.ctrlKey || event.metaKey) {
      return false;
    }
    if (event.key === " ") {
      begin(cursor);
      end();
      return true;
    }
    if (event.key === "Escape" && chosen !== null) {
      dispatch({ another: true });
      return true;
    }
    // The brackets, unless they are an answer's keys here.
    if ((event.key === "[" || event.key === "]") && !caps.includes(event.key)) {
      dispatch({ bigger: event.key === "]" ? 1 : -1 });
      return true;
    }
    return false;
  }

  function onCursor(spot: Spot, { isShifted }: { isShifted: boolean }): void {
    const from = atelier.current.last ?? spot;
    if (isShifted) {
      begin(from);
      follow(spot);
      end();
    }
    atelier.current.last = spot;
    showBrush(spot);
  }

  return (
    <Drawing
      props={props}
      drawn={draft}
      bindings={keys(settings)}
      dispatch={dispatch}
      look={look}
      onLook={setLook}
      name={t("the image to paint on")}
      tool={tool}
      onKey={onKey}
      onCursor={onCursor}
      onSize={setSize}
      layer={() =>
        size && <canvas ref={canvas} width={size.width} height={size.height} hidden={look.isHidden} />
      }
      marks={(surface) => {
        atelier.current.surface = surface;
        return <span ref={brush} className={imaging.brush} data-erases={erases || undefined} hidden />;
      }}
      isOn={(action) => "erase" in action && erases}
      said={`${erases ? t("Eraser") : t("Brush")}. ${describe(value, settings)}`}
      hint={t(
        "Paint with the mouse or a finger; the brackets [ ] set the brush’s size. By keys: focus the image with Tab, move the cursor with the arrows, the space bar paints a dot, Shift and the arrows paint a line.",
      )}
      suggested={(suggested) => describe(suggested as Value, settings)}
    />
  );
}

function nameOf({ size, counts }: Region): string {
  return `${size[0]}x${size[1]}:${counts}`;
}
