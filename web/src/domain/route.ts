/** Which page an address means. */

export type Route =
  | { page: "home" }
  | { page: "join" }
  | { page: "label"; project: string }
  | { page: "results"; project: string }
  | { page: "jobs"; project: string }
  | { page: "cockpit"; project: string }
  | { page: "dashboard"; project: string }
  | { page: "items"; project: string }
  | { page: "item"; project: string; item: string }
  | { page: "settings"; project: string }
  | { page: "unknown"; path: string };

export function routeOf(pathname: string): Route {
  const parts = pathname.split("/").filter(Boolean).map(decoded);
  const [first, project, third, fourth] = parts;
  if (first === undefined) {
    return { page: "home" };
  }
  if (first === "join" && parts.length === 1) {
    return { page: "join" };
  }
  if (first === "p" && project !== undefined) {
    if (parts.length === 2) {
      return { page: "label", project };
    }
    if (parts.length === 3 && third === "results") {
      return { page: "results", project };
    }
    if (parts.length === 3 && third === "jobs") {
      return { page: "jobs", project };
    }
    if (parts.length === 3 && (third === "cockpit" || third === "dashboard" || third === "settings")) {
      return { page: third, project };
    }
    if (third === "items") {
      if (fourth === undefined) {
        return { page: "items", project };
      }
      if (parts.length === 4) {
        return { page: "item", project, item: fourth };
      }
    }
  }
  return { page: "unknown", path: pathname };
}

export const labelPath = (project: string): string => `/p/${encodeURIComponent(project)}`;
export const resultsPath = (project: string): string => `${labelPath(project)}/results`;
export const jobsPath = (project: string): string => `${labelPath(project)}/jobs`;
export const cockpitPath = (project: string): string => `${labelPath(project)}/cockpit`;
export const settingsPath = (project: string): string => `${labelPath(project)}/settings`;
export const dashboardPath = (project: string): string => `${labelPath(project)}/dashboard`;
export const itemsPath = (project: string): string => `${labelPath(project)}/items`;
export const itemPath = (project: string, item: string): string =>
  `${itemsPath(project)}/${encodeURIComponent(item)}`;

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
