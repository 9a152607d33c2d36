/** What every question that draws on an image looks like: the image, what is drawn beside it, its keys below. */

import type { ComponentProps, KeyboardEvent } from "react";
import { t } from "../../words/words";
import { MarkButtons } from "../marking/MarkButtons";
import { Told } from "../Told";
import type { KeyBinding, RenderProps } from "../widget";
import { labelsOf, type StatedLabel } from "../widget";
import { Canvas, NoImage } from "./Canvas";
import { colourOf } from "./colours";
import { imageOf } from "./imageOf";
import imaging from "./imaging.module.css";
import { usePrevious } from "./previous";
import { RegionList } from "./RegionList";
import { chosenOf, type Drawn, type Labelled, nextLabel, type RegionAction } from "./regions";
import { type Look, LookButtons } from "./useLook";
import type { Spot } from "./view";

interface Settings {
  labels: readonly StatedLabel[];
  field?: string;
}

type Shared = "name" | "tool" | "onCursor" | "shapes" | "marks" | "layer" | "onSize" | "tools";

interface Props<S extends Settings, V, A extends object, R extends Labelled>
  extends Pick<ComponentProps<typeof Canvas>, Exclude<Shared, "tools">> {
  props: RenderProps<S, V, A>;
  drawn: Drawn<R>;
  bindings: readonly KeyBinding<A>[];
  dispatch: (action: Exclude<RegionAction<R>, { put: R }>) => void;
  look: Look;
  onLook: (look: Look) => void;
  onKey: (event: KeyboardEvent, cursor: Spot) => boolean;
  /** More buttons beside those of the view. */
  tools?: ComponentProps<typeof Canvas>["tools"];
  /** What stands below, for everybody; and what is only said. */
  hint: string;
  said: string;
  /** What would be refused, and why. */
  refusal?: string | null;
  suggested: (value: unknown) => string;
  isOn?: (action: A) => boolean;
  more?: (place: number) => string;
}

export function Drawing<S extends Settings, V, A extends object, R extends Labelled>(
  given: Props<S, V, A, R>,
) {
  const { props, drawn, bindings, dispatch, look, onLook, onKey, tools, hint, said, refusal, isOn, more } =
    given;
  const { id, item, settings, suggestion, caps, describedBy } = props;
  const previous = usePrevious<R>(id, item.id, drawn.regions);
  const image = imageOf(settings, item);
  if (image === null) {
    return <NoImage />;
  }
  const next = chosenOf(drawn)?.label ?? nextLabel(drawn, settings);

  function pressed(event: KeyboardEvent, cursor: Spot): boolean {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "v" && previous.length > 0) {
      dispatch({ paste: previous });
      return true;
    }
    return onKey(event, cursor);
  }

  return (
    <>
      <div className={imaging.beside}>
        <Canvas
          source={image}
          name={given.name}
          describedBy={describedBy}
          {...(given.tool && { tool: given.tool })}
          {...(given.onCursor && { onCursor: given.onCursor })}
          {...(given.shapes && { shapes: given.shapes })}
          {...(given.marks && { marks: given.marks })}
          {...(given.layer && { layer: given.layer })}
          {...(given.onSize && { onSize: given.onSize })}
          onKey={pressed}
          tools={
            <>
              <LookButtons look={look} onLook={onLook} />
              {previous.length > 0 && (
                <button
                  type="button"
                  aria-keyshortcuts="Control+V"
                  onClick={() => dispatch({ paste: previous })}
                >
                  {t("Copy the previous item’s")}
                </button>
              )}
              {tools}
            </>
          }
        />
        <RegionList
          regions={drawn.regions}
          chosen={drawn.chosen}
          labels={labelsOf(settings)}
          {...(more && { more })}
          onChoose={(place) => dispatch({ choose: place })}
          onRemove={(place) => {
            dispatch({ choose: place });
            dispatch({ remove: true });
          }}
        />
      </div>
      {refusal && (
        <p className={imaging.refusal} role="alert">
          ⚠ {refusal}
        </p>
      )}
      <MarkButtons
        bindings={bindings}
        caps={caps}
        isChosen={(action) => {
          const shared = action as RegionAction<R>;
          return (
            ("nothing" in shared && drawn.isAnswered && drawn.regions.length === 0) ||
            ("label" in shared && shared.label === next) ||
            (isOn?.(action) ?? false)
          );
        }}
        colourOf={(label) => colourOf(label, labelsOf(settings))}
        dispatch={props.dispatch}
      />
      <Told
        said={said}
        suggested={suggestion && given.suggested(suggestion.value)}
        hint={`${hint} ${t("Escape lets go. Page Up and Page Down zoom, Home shows all; drag with the space bar held to pan.")}`}
      />
    </>
  );
}
