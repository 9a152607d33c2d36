import "@mantine/core/styles.css";
import { MantineProvider, Title } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

const root = document.getElementById("root");
if (!root) {
  throw new Error("index.html has no element with the id 'root'");
}

createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={new QueryClient()}>
      <MantineProvider defaultColorScheme="auto">
        <Title order={1}>Labelwright</Title>
      </MantineProvider>
    </QueryClientProvider>
  </StrictMode>,
);
