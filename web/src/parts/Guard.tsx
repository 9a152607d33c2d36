import { Button } from "@mantine/core";
import { Component, type ReactNode, useEffect, useEffectEvent, useState } from "react";
import { tryAnew } from "../session/later";
import { t } from "../words/words";
import { Message } from "./Message";

interface Props {
  children: ReactNode;
  /** What stands there instead. */
  instead: ReactNode;
  onFailed?: () => void;
}

/** A part that cannot be fetched or drawn leaves the rest of the page as it is. */
export class Guard extends Component<Props, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override componentDidCatch(): void {
    tryAnew();
    this.props.onFailed?.();
  }

  override render(): ReactNode {
    return this.state.failed ? this.props.instead : this.props.children;
  }
}

/** A whole page that could not be shown: it is loaded anew as soon as the server answers. */
export function LoadAgain() {
  const [isDead, setIsDead] = useState(false);
  async function loadAgain(): Promise<void> {
    try {
      await window.fetch(window.location.href, { method: "HEAD", cache: "no-store" });
    } catch {
      setIsDead(true);
      return;
    }
    window.location.reload();
  }
  const onOnline = useEffectEvent(() => void loadAgain());
  useEffect(() => {
    const listener = () => onOnline();
    window.addEventListener("online", listener);
    return () => window.removeEventListener("online", listener);
  }, []);
  return (
    <Message title={t("That did not work")}>
      <p>
        {t(
          "A part of this page could not be fetched or drawn. Nothing is lost: what you have answered is kept in this browser until it is sent.",
        )}
      </p>
      {isDead && <p role="alert">{t("The server cannot be reached yet.")}</p>}
      <Button onClick={() => void loadAgain()} autoFocus>
        {t("Try again")}
      </Button>
    </Message>
  );
}
