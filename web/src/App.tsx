import { Suspense } from "react";
import { HomePage } from "./pages/HomePage";
import { JoinPage } from "./pages/JoinPage";
import { Guard, LoadAgain } from "./parts/Guard";
import { Message } from "./parts/Message";
import { later } from "./session/later";
import { useRoute } from "./session/useRoute";
import { t } from "./words/words";

const CockpitPage = later(() => import("./pages/CockpitPage"));
const DashboardPage = later(() => import("./pages/DashboardPage"));
const ExplorePage = later(() => import("./pages/ExplorePage"));
const ItemPage = later(() => import("./pages/ItemPage"));
const EditorPage = later(() => import("./pages/EditorPage"));
const JobsPage = later(() => import("./pages/JobsPage"));
const LabelPage = later(() => import("./pages/LabelPage"));
const ResultsPage = later(() => import("./pages/ResultsPage"));

export function App() {
  const route = useRoute();
  return (
    <Guard key={window.location.pathname} instead={<LoadAgain />}>
      <Suspense fallback={<Message title={t("One moment…")} />}>{page()}</Suspense>
    </Guard>
  );

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
