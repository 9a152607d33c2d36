import { lazy, Suspense } from "react";
import { HomePage } from "./pages/HomePage";
import { JoinPage } from "./pages/JoinPage";
import { Message } from "./parts/Message";
import { useRoute } from "./session/useRoute";
import { t } from "./words/words";

const CockpitPage = lazy(() => import("./pages/CockpitPage"));
const DashboardPage = lazy(() => import("./pages/DashboardPage"));
const ExplorePage = lazy(() => import("./pages/ExplorePage"));
const ItemPage = lazy(() => import("./pages/ItemPage"));
const EditorPage = lazy(() => import("./pages/EditorPage"));
const JobsPage = lazy(() => import("./pages/JobsPage"));
const LabelPage = lazy(() => import("./pages/LabelPage"));
const ResultsPage = lazy(() => import("./pages/ResultsPage"));

export function App() {
  const route = useRoute();
  return <Suspense fallback={<Message title={t("One moment…")} />}>{page()}</Suspense>;

  function page() {
    switch (route.page) {
      case "home":
        return <HomePage />;
      case "join":
        return <JoinPage />;
      case "label":
        return <LabelPage key={route.project} name={route.project} />;
      case "results":
        return <ResultsPage key={route.project} name={route.project} />;
      case "jobs":
        return <JobsPage key={route.project} name={route.project} />;
      case "cockpit":
        return <CockpitPage key={route.project} name={route.project} />;
      case "dashboard":
        return <DashboardPage key={route.project} name={route.project} />;
      case "items":
        return <ExplorePage key={route.project} name={route.project} />;
      case "item":
        return <ItemPage key={`${route.project}/${route.item}`} name={route.project} item={route.item} />;
      case "settings":
        return <EditorPage key={route.project} name={route.project} />;
      case "unknown":
        return (
          <Message title={t("There is no such page")}>
            <p>
              {t("{{path}} leads nowhere. Open the link you were given, or go to the start page.", {
                path: route.path,
              })}
            </p>
          </Message>
        );
    }
  }
}
