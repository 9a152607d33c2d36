import { Canvas } from "../widgets/imaging/Canvas";
import { t } from "../words/words";
import type { ContentProps } from "./content";
import { EachMedium } from "./EachMedium";

/**
 * `as: image`: to look at closely, upright as its camera was held.
 * settings.alt: the field that says in words what the image shows, for people who do not see it.
 */
export default function ImageContent({ item, field, value, title, settings }: ContentProps) {
  const told = typeof settings.alt === "string" ? item.content[settings.alt] : undefined;
  const alt = typeof told === "string" && told.trim() !== "" ? told : title;
  return (
    <EachMedium item={item} field={field} value={value}>
      {(url, onError) => (
        <Canvas source={url} name={t("{{name}}, image", { name: title })} alt={alt} onError={onError} />
      )}
    </EachMedium>
  );
}
