import {
  Button,
  NativeSelect,
  NavLink,
  Popover,
  SegmentedControl,
  Switch,
  useMantineColorScheme,
} from "@mantine/core";
import { useState } from "react";
import type { Session } from "../api/types";
import type { Preferences } from "../session/usePreferences";
import { navigate } from "../session/useRoute";
import { LANGUAGES, t } from "../words/words";
import { PAGES } from "./manage/pages";
import styles from "./PersonMenu.module.css";

const LANGUAGE_CHOICES = Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }));

interface Props {
  session: Session;
  preferences: Preferences;
  onPrefer: (change: Partial<Preferences>) => void;
  /** Null on the managers' own pages: keys are the desk's, and the bar names the pages. */
  onHelp: (() => void) | null;
  onSignOut: () => void;
}

/** What a person may want besides labelling: results, colours, keys, the way out. */
export default function PersonMenu({ session, preferences, onPrefer, onHelp, onSignOut }: Props) {
  const [isOpen, setOpen] = useState(false);
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { name, role } = session.annotator;
  const leaving = (act: () => void) => () => {
    setOpen(false);
    act();
  };
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" width={270} trapFocus withRoles={false}>
      <Popover.Target>
        <Button
          variant="default"
          size="compact-sm"
          radius="xl"
          aria-expanded={isOpen}
          aria-haspopup="dialog"
          aria-label={t("Menu of {{name}}", { name })}
          onClick={() => setOpen(!isOpen)}
        >
          {name}
        </Button>
      </Popover.Target>
      <Popover.Dropdown role="dialog" aria-label={t("Menu of {{name}}", { name })} className={styles.menu}>
        {role === "manager" &&
          onHelp !== null &&
          PAGES.filter(([page]) => page !== "label").map(([page, title, path]) => (
            <NavLink
              key={page}
              component="button"
              label={t(title)}
              onClick={leaving(() => navigate(path(session.project)))}
            />
          ))}
        {onHelp && <NavLink component="button" label={t("All keys")} onClick={leaving(onHelp)} />}
        <div className={styles.settings}>
          <SegmentedControl
            aria-label={t("Colours")}
            size="xs"
            fullWidth
            value={colorScheme}
            onChange={(scheme) => setColorScheme(scheme as typeof colorScheme)}
            data={[
              { value: "auto", label: t("As the system") },
              { value: "light", label: t("Light") },
              { value: "dark", label: t("Dark") },
            ]}
          />
          <NativeSelect
            size="xs"
            label={t("Language")}
            value={preferences.language}
            onChange={(event) => onPrefer({ language: event.currentTarget.value as Preferences["language"] })}
            data={[{ value: "auto", label: t("As the browser") }, ...LANGUAGE_CHOICES]}
          />
          <Switch
            size="sm"
            label={t("High contrast")}
            checked={preferences.contrast === "more"}
            onChange={(event) => onPrefer({ contrast: event.currentTarget.checked ? "more" : "auto" })}
          />
          <Switch
            size="sm"
            label={t("Answer by single keys")}
            checked={preferences.usesKeys}
            onChange={(event) => onPrefer({ usesKeys: event.currentTarget.checked })}
          />
          <Switch
            size="sm"
            label={t("Submit by itself once answered")}
            checked={preferences.submitsByItself}
            onChange={(event) => onPrefer({ submitsByItself: event.currentTarget.checked })}
          />
          <Switch
            size="sm"
            label={t("Cover items with a warning")}
            checked={preferences.coversItems}
            onChange={(event) => onPrefer({ coversItems: event.currentTarget.checked })}
          />
          <NativeSelect
            size="xs"
            label={t("Remind me to rest")}
            value={preferences.breakMinutes ?? "project"}
            onChange={(event) => {
              const chosen = event.currentTarget.value;
              onPrefer({ breakMinutes: chosen === "project" ? null : Number(chosen) });
            }}
            data={[
              { value: "project", label: t("As the project says") },
              { value: "0", label: t("Never") },
              ...[20, 30, 45, 60].map((minutes) => ({
                value: String(minutes),
                label: t("After {{minutes}} min", { minutes }),
              })),
            ]}
          />
        </div>
        <NavLink component="button" label={t("Sign out")} onClick={leaving(onSignOut)} />
      </Popover.Dropdown>
    </Popover>
  );
}
