import { MantineProvider } from "@mantine/core";
import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { project } from "../../testing";
import GuidelinePanel from "./GuidelinePanel";

function shown(text: string): HTMLElement {
  const guided = { ...project(), guideline: { version: 3, text } };
  return render(
    <MantineProvider>
      <GuidelinePanel project={guided} />
    </MantineProvider>,
  ).container;
}

test("S7: a guideline is text and emphasis: no raw HTML, no image, no link that runs", () => {
  const panel = shown(
    "**bold** <img src=x onerror=alert(1)> <script>alert(1)</script> ![p](http://x/p.png) [go](javascript:alert(1)) [ok](https://example.org)",
  );
  expect(panel.querySelector("strong")?.textContent).toBe("bold");
  expect(panel.querySelector("img, script, iframe")).toBeNull();
  expect(panel.innerHTML).not.toContain("javascript:");
  expect(screen.getByText("ok").getAttribute("rel")).toBe("noreferrer noopener");
  expect(panel.textContent).toContain("version 3");
});

test("the cells of a table carry their column's heading", () => {
  const panel = shown("| label | definition |\n|---|---|\n| spam | unwanted |\n");
  const cells = [...panel.querySelectorAll("td")].map((cell) => cell.getAttribute("data-heading"));
  expect(cells).toEqual(["", "definition"]);
});
