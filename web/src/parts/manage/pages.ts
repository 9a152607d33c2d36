import {
  cockpitPath,
  dashboardPath,
  itemsPath,
  jobsPath,
  labelPath,
  resultsPath,
  settingsPath,
} from "../../domain/route";
import { msg } from "../../words/words";

/** What managers may open, and where it is. */
export const PAGES = [
  ["results", msg("Results"), resultsPath],
  ["cockpit", msg("Cockpit"), cockpitPath],
  ["items", msg("Items"), itemsPath],
  ["dashboard", msg("Dashboard"), dashboardPath],
  ["jobs", msg("Jobs"), jobsPath],
  ["settings", msg("Settings"), settingsPath],
  ["label", msg("Label"), labelPath],
] as const;

export type Page = (typeof PAGES)[number][0];
