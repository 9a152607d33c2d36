/** How the project says its fields are shown, for whoever draws one of them outside the item's own place. */

import { createContext } from "react";
import type { StatedField } from "./content";

export const StatedFields = createContext<readonly StatedField[]>([]);
