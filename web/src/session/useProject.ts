import { useQuery } from "@tanstack/react-query";
import { fetchContents } from "../contents/registry";
import { fetchWidgets } from "../widgets/registry";
import { useApi } from "./ApiContext";

/** A project, once the widgets of its questions are there. */
export function useProject(name: string) {
  const api = useApi();
  return useQuery({
    queryKey: ["project", name],
    queryFn: async () => {
      const found = await api.project(name);
      fetchContents(found.contents);
      await fetchWidgets(found.questions.map((question) => question.type));
      return found;
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}
