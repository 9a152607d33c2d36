/** An image to look at closely and to draw on: zoom, pan, light, a pointer and a keyboard's cursor. */

import { useSessionStorage } from "@mantine/hooks";
import {
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
  useEffect,
  useEffectEvent,
  useRef,
  useState,
} from "react";
import { t } from "../../words/words";
import styles from "./imaging.module.css";
import {
  between,
  panned,
  placed,
  type Spot,
  showing,
  spotAt,
  type View,
  WHOLE,
  ZOOM_STEP,
  zoomed,
} from "./view";

/** A press, a move or a release of mouse, pen or finger. */
export interface Touch {
  spot: Spot;
  isShifted: boolean;
  /** How far from its place a press still hits something: shares of the image's width and height. */
  reach: Spot;
}

/** What the pointer does, where it does not move the view. */
export interface Tool {
  down?: (touch: Touch) => void;
  /** isDown: false while the pointer only hovers. */
  move?: (touch: Touch, isDown: boolean) => void;
  up?: (touch: Touch) => void;
  /** Two fingers, or the system, took the pointer away. */
  cancel?: () => void;
}

/** The image as it is drawn on: in pixels upright, and where a place of it is in the window (0 to 1000 each way). */
export interface Surface {
  width: number;
  height: number;
  zoom: number;
  place: (spot: Spot) => Spot;
}

interface Props {
  source: string;
  /** What the image is, for ears; what is done on it. */
  name: string;
  alt?: string;
  describedBy?: string | undefined;
  tool?: Tool;
  /** A key on the image, with the keyboard's cursor; true = it was for the tool. */
  onKey?: (event: KeyboardEvent, cursor: Spot) => boolean;
  /** Tells where the keyboard's cursor went; how = what was held. */
  onCursor?: (spot: Spot, how: { isShifted: boolean }) => void;
  /** Drawn over the image: in an SVG of 1000 × 1000 over the window. */
  shapes?: (surface: Surface) => ReactNode;
  /** HTML over the image: handles and names. */
  marks?: (surface: Surface) => ReactNode;
  /** Moves and zooms with the image: a canvas of its pixels. */
  layer?: (surface: Surface) => ReactNode;
  /** More buttons beside those of the view. */
  tools?: ReactNode;
  onSize?: (size: { width: number; height: number }) => void;
  /** The image cannot be shown; without it the canvas says so itself. */
  onError?: () => void;
}

const PLAIN = { brightness: 100, contrast: 100 };
/** Arrows go by a hundredth of the image, with Alt by a thousandth. */
const STEP = 0.01;
const FINE = 0.001;

export function Canvas(props: Props) {
  const {
    source,
    name,
    alt = "",
    describedBy,
    tool,
    onKey,
    onCursor,
    shapes,
    marks,
    layer,
    tools,
    onSize,
    onError,
  } = props;
  const [view, setView] = useState<View>(WHOLE);
  const [size, setSize] = useState<{ width: number; height: number } | null>(null);
  const [isBroken, setBroken] = useState(false);
  const [cursor, setCursor] = useState<Spot | null>(null);
  const [light, setLight] = useSessionStorage({ key: "labelwright.light", defaultValue: PLAIN });
  const frame = useRef<HTMLDivElement>(null);
  const pointers = useRef(new Map<number, Spot>());
  const gesture = useRef<"tool" | "pan" | "pinch" | null>(null);
  const space = useRef<"up" | "held" | "panned">("up");

  const onWheel = useEffectEvent((event: WheelEvent) => {
    // A wheel over an image that nobody chose scrolls the page; pinching a touchpad arrives with Ctrl.
    if (event.ctrlKey || event.metaKey || frame.current?.contains(document.activeElement)) {
      event.preventDefault();
      const factor = Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : event.ctrlKey ? 0.01 : 0.002));
      setView(zoomed(view, factor, atOf(event)));
    }
  });
  const isReady = size !== null;
  useEffect(() => {
    const element = isReady ? frame.current : null;
    const listener = (event: WheelEvent) => onWheel(event);
    // React's own listener is passive and could not keep the page from scrolling.
    element?.addEventListener("wheel", listener, { passive: false });
    return () => element?.removeEventListener("wheel", listener);
  }, [isReady]);

  if (isBroken) {
    return <NoImage />;
  }

  function atOf(event: { clientX: number; clientY: number }): Spot {
    const area = frame.current?.getBoundingClientRect();
    return area === undefined || area.width === 0
      ? { x: 0, y: 0 }
      : { x: (event.clientX - area.left) / area.width, y: (event.clientY - area.top) / area.height };
  }

  function touchOf(event: PointerEvent): Touch {
    const area = frame.current?.getBoundingClientRect();
    const reach = event.pointerType === "touch" ? 22 : 8;
    return {
      spot: spotAt(view, atOf(event)),
      isShifted: event.shiftKey,
      reach: {
        x: reach / (area?.width || 1) / view.zoom,
        y: reach / (area?.height || 1) / view.zoom,
      },
    };
  }

  function down(event: PointerEvent<HTMLDivElement>): void {
    event.currentTarget.setPointerCapture?.(event.pointerId);
    event.currentTarget.focus({ preventScroll: true });
    pointers.current.set(event.pointerId, atOf(event));
    setCursor(null);
    if (pointers.current.size === 2) {
      tool?.cancel?.();
      gesture.current = "pinch";
    } else if (event.button === 1 || space.current !== "up" || (event.button === 0 && tool === undefined)) {
      event.preventDefault();
      gesture.current = "pan";
    } else if (event.button === 0) {
      gesture.current = "tool";
      tool?.down?.(touchOf(event));
    }
  }

  function move(event: PointerEvent<HTMLDivElement>): void {
    const before = pointers.current.get(event.pointerId);
    if (before === undefined || gesture.current === null) {
      tool?.move?.(touchOf(event), false);
      return;
    }
    const now = atOf(event);
    if (gesture.current === "tool") {
      tool?.move?.(touchOf(event), true);
    } else if (gesture.current === "pan") {
      space.current = space.current === "up" ? "up" : "panned";
      setView(panned(view, { x: now.x - before.x, y: now.y - before.y }));
    } else {
      const other = [...pointers.current].find(([id]) => id !== event.pointerId)?.[1] ?? before;
      const was = Math.hypot(before.x - other.x, before.y - other.y);
      const is = Math.hypot(now.x - other.x, now.y - other.y);
      const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
      const moved = { x: (now.x - before.x) / 2, y: (now.y - before.y) / 2 };
      setView(zoomed(panned(view, moved), was > 0 ? is / was : 1, middle));
    }
    pointers.current.set(event.pointerId, now);
  }

  function up(event: PointerEvent<HTMLDivElement>, isTaken: boolean): void {
    const wasDown = pointers.current.delete(event.pointerId);
    if (wasDown && gesture.current === "tool") {
      if (isTaken) {
        tool?.cancel?.();
      } else {
        tool?.up?.(touchOf(event));
      }
    }
    if (pointers.current.size === 0) {
      gesture.current = null;
    }
  }

  function pressed(event: KeyboardEvent<HTMLDivElement>): void {
    if (event.ctrlKey || event.metaKey) {
      if (onKey?.(event, cursor ?? middleOf(view))) {
        taken(event);
      }
      return;
    }
    if (event.key === " ") {
      taken(event);
      space.current = space.current === "up" ? "held" : space.current;
      return;
    }
    const seen = viewAfter(view, event.key);
    if (seen !== null) {
      taken(event);
      setView(seen);
    } else if (onKey?.(event, cursor ?? middleOf(view))) {
      taken(event);
    } else if (event.key in ARROWS) {
      taken(event);
      const by = arrow(event);
      if (tool === undefined) {
        setView(panned(view, { x: -by.x * 10, y: -by.y * 10 }));
        return;
      }
      const from = cursor ?? middleOf(view);
      const next = { x: between(0, from.x + by.x, 1), y: between(0, from.y + by.y, 1) };
      setCursor(next);
      setView(showing(view, next));
      onCursor?.(next, { isShifted: event.shiftKey });
    }
  }

  function released(event: KeyboardEvent<HTMLDivElement>): void {
    if (event.key === " ") {
      taken(event);
      if (space.current === "held" && tool !== undefined) {
        setCursor(cursor ?? middleOf(view));
        onKey?.(event, cursor ?? middleOf(view));
      }
      space.current = "up";
    }
  }

  const surface: Surface | null = size && {
    ...size,
    zoom: view.zoom,
    place: (spot) => {
      const at = placed(view, spot);
      return { x: at.x * 1000, y: at.y * 1000 };
    },
  };
  const ratio = size === null ? 4 / 3 : size.width / size.height;
  const moved = `scale(${view.zoom}) translate(${-view.x * 100}%, ${-view.y * 100}%)`;
  const at = cursor && placed(view, cursor);
  return (
    <div className={styles.viewer}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: its role depends on whether it is drawn on */}
      {/* biome-ignore lint/a11y/useAriaPropsSupportedByRole: both of its roles may be named */}
      <div
        ref={frame}
        className={styles.frame}
        role={tool === undefined ? "group" : "application"}
        aria-label={name}
        aria-describedby={describedBy}
        tabIndex={0}
        data-tool={tool !== undefined || undefined}
        data-still={(tool === undefined && view.zoom === 1) || undefined}
        data-near={(size !== null && view.zoom * 1000 > size.width * 3) || undefined}
        style={{ aspectRatio: ratio, width: `min(100%, ${62 * ratio}vh)` }}
        onKeyDown={pressed}
        onKeyUp={released}
        onBlur={() => {
          space.current = "up";
        }}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={(event) => up(event, false)}
        onPointerCancel={(event) => up(event, true)}
        onContextMenu={(event) => gesture.current && event.preventDefault()}
      >
        <img
          src={source}
          alt={alt}
          draggable={false}
          style={{ transform: moved, filter: filterOf(light) }}
          onError={onError ?? (() => setBroken(true))}
          onLoad={(event) => {
            const { naturalWidth, naturalHeight } = event.currentTarget;
            const loaded = { width: naturalWidth || 300, height: naturalHeight || 150 };
            setSize(loaded);
            onSize?.(loaded);
          }}
        />
        {surface && layer && (
          <div className={styles.layer} style={{ transform: moved }}>
            {layer(surface)}
          </div>
        )}
        {surface && shapes && (
          <svg
            className={styles.shapes}
            viewBox="0 0 1000 1000"
            preserveAspectRatio="none"
            aria-hidden="true"
          >
            {shapes(surface)}
          </svg>
        )}
        {surface && marks?.(surface)}
        {at && <span className={styles.cursor} style={{ left: `${at.x * 100}%`, top: `${at.y * 100}%` }} />}
      </div>
      <div className={styles.tools}>
        <button type="button" aria-label={t("Zoom out")} onClick={() => setView(zoomed(view, 1 / ZOOM_STEP))}>
          −
        </button>
        <output aria-label={t("Zoom")}>{Math.round(view.zoom * 100)} %</output>
        <button type="button" aria-label={t("Zoom in")} onClick={() => setView(zoomed(view, ZOOM_STEP))}>
          +
        </button>
        <button type="button" onClick={() => setView(WHOLE)} disabled={view.zoom === 1}>
          {t("Whole image")}
        </button>
        {tools}
        <Light light={light} onLight={setLight} />
      </div>
      <p className="for-ears" role="status">
        {cursor !== null &&
          t("Cursor at {{x}} % from the left, {{y}} % from the top", {
            x: Math.round(cursor.x * 1000) / 10,
            y: Math.round(cursor.y * 1000) / 10,
          })}
      </p>
    </div>
  );
}

/** Brightness and contrast: of what is seen, never of what is kept. */
function Light({ light, onLight }: { light: typeof PLAIN; onLight: (light: typeof PLAIN) => void }) {
  const isPlain = light.brightness === PLAIN.brightness && light.contrast === PLAIN.contrast;
  return (
    <details className={styles.light}>
      <summary data-changed={!isPlain || undefined}>{t("Light, contrast")}</summary>
      <div>
        <label>
          {t("Brightness")}
          <input
            type="range"
            min={20}
            max={300}
            step={10}
            value={light.brightness}
            onChange={(event) => onLight({ ...light, brightness: Number(event.currentTarget.value) })}
          />
        </label>
        <label>
          {t("Contrast")}
          <input
            type="range"
            min={20}
            max={300}
            step={10}
            value={light.contrast}
            onChange={(event) => onLight({ ...light, contrast: Number(event.currentTarget.value) })}
          />
        </label>
        <button type="button" disabled={isPlain} onClick={() => onLight(PLAIN)}>
          {t("As it is")}
        </button>
      </div>
    </details>
  );
}

export function NoImage() {
  return (
    <p className={styles.missing} role="alert">
      {t(
        "The image of this item cannot be shown here: it must be in one field, as a data URL or a file of the workspace. Skip it, and tell whoever leads the project.",
      )}
    </p>
  );
}

function filterOf({ brightness, contrast }: typeof PLAIN): string | undefined {
  return brightness === 100 && contrast === 100
    ? undefined
    : `brightness(${brightness}%) contrast(${contrast}%)`;
}

function middleOf(view: View): Spot {
  return { x: view.x + 0.5 / view.zoom, y: view.y + 0.5 / view.zoom };
}

const ARROWS: Readonly<Record<string, Spot>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** How far an arrow key goes, as a share of the image; zero for every other key. */
export function arrow(event: { key: string; altKey: boolean }): Spot {
  const step = event.altKey ? FINE : STEP;
  const by = ARROWS[event.key] ?? { x: 0, y: 0 };
  return { x: by.x * step, y: by.y * step };
}

/** What a key does to the view. Home, Page Up and Page Down are never anybody's answer; nor is a shifted plus. */
function viewAfter(view: View, key: string): View | null {
  if (key === "PageUp" || key === "+") {
    return zoomed(view, ZOOM_STEP);
  }
  if (key === "PageDown" || key === "_") {
    return zoomed(view, 1 / ZOOM_STEP);
  }
  return key === "Home" ? WHOLE : null;
}

function taken(event: KeyboardEvent): void {
  event.preventDefault();
  event.stopPropagation();
}
