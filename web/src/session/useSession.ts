import { useQuery } from "@tanstack/react-query";
import { useApi } from "./ApiContext";

export const SESSION = ["session"] as const;

/** Who is here, and for which project. */
export function useSession() {
  const api = useApi();
  return useQuery({ queryKey: SESSION, queryFn: api.session, staleTime: 5 * 60_000 });
}
