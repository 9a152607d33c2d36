import { render, screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { useFocusBack } from "./useFocusBack";

function Dialog() {
  useFocusBack();
  return (
    // biome-ignore lint/a11y/noAutofocus: as dialogs do
    <button type="button" autoFocus>
      Leave it
    </button>
  );
}

function Part({ isOpen, isOff }: { isOpen: boolean; isOff: boolean }) {
  return (
    <>
      <section aria-label="around">
        <button type="button" disabled={isOff}>
          Roll back
        </button>
      </section>
      {isOpen && <Dialog />}
    </>
  );
}

for (const [isOff, name, role] of [
  [false, "Roll back", "button"],
  [true, "around", "region"],
] as const) {
  test(`the focus goes back to ${name}`, async () => {
    const { rerender } = render(<Part isOpen={false} isOff={false} />);
    screen.getByRole("button", { name: "Roll back" }).focus();
    rerender(<Part isOpen isOff={false} />);
    expect(document.activeElement?.textContent).toBe("Leave it");
    rerender(<Part isOpen={false} isOff={isOff} />);
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole(role, { name })));
  });
}
