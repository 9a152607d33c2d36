import { render, screen } from "@testing-library/react";
import { Suspense } from "react";
import { expect, test, vi } from "vitest";
import { Guard } from "../parts/Guard";
import { later } from "./later";

test("a part that could not be fetched leaves the rest, and comes when it is shown again", async () => {
  vi.spyOn(console, "error").mockReturnValue();
  let isDead = true;
  let fetched = 0;
  const Part = later(async () => {
    fetched += 1;
    if (isDead) {
      throw new Error("Failed to fetch");
    }
    return { default: () => <p>here it is</p> };
  });
  const onFailed = vi.fn();
  const shown = (round: number) => (
    <>
      <p>the desk</p>
      <Guard key={round} instead={<p>not there</p>} onFailed={onFailed}>
        <Suspense>
          <Part />
        </Suspense>
      </Guard>
    </>
  );
  const { rerender } = render(shown(1));
  expect(await screen.findByText("not there")).toBeDefined();
  expect(screen.getByText("the desk")).toBeDefined();
  expect(onFailed).toHaveBeenCalledOnce();
  expect(fetched).toBe(1);
  isDead = false;
  rerender(shown(2));
  expect(await screen.findByText("here it is")).toBeDefined();
  expect(fetched).toBe(2);
});
