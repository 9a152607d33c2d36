import "@mantine/core/styles.css";
import "./styles/tokens.css";
import { DirectionProvider, MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { setNonce } from "get-nonce";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createApi } from "./api/client";
import { heals } from "./api/problem";
import { Page } from "./Page";
import { ApiContext } from "./session/ApiContext";
import { keepFetchingStyles } from "./session/later";
import { theme } from "./styles/theme";

const root = document.getElementById("root");
if (!root) {
  throw new Error("index.html has no element with the id 'root'");
}

// The policy allows only styles that carry this answer's nonce; both style injectors are told of it.
const nonce = document.querySelector<HTMLMetaElement>("meta[name='csp-nonce']")?.content ?? "";
setNonce(nonce);
keepFetchingStyles();

const api = createApi((input, init) => window.fetch(input, init));
const queries = new QueryClient({
  defaultOptions: {
    queries: { retry: (failures, error) => heals(error) && failures < 4, staleTime: 30_000 },
  },
});

createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <DirectionProvider>
        <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
          <ApiContext value={api}>
            <Page />
          </ApiContext>
        </MantineProvider>
      </DirectionProvider>
    </QueryClientProvider>
  </StrictMode>,
);
