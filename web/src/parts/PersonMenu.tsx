import { Button, NavLink, Popover, SegmentedControl, Switch, useMantineColorScheme } from "@mantine/core";
import { useState } from "react";
import type { Session } from "../api/types";
import type { Preferences } from "../session/usePreferences";
import { navigate } from "../session/useRoute";
import { PAGES } from "./manage/ManagerBar";
import styles from "./PersonMenu.module.css";

interface Props {
  session: Session;
  preferences: Preferences;
  onPrefer: (change: Partial<Preferences>) => void;
  onHelp: () => void;
  onSignOut: () => void;
}

/** What a person may want besides labelling: results, colours, keys, the way out. */
export function PersonMenu({ session, preferences, onPrefer, onHelp, onSignOut }: Props) {
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
          aria-label={`Menu of ${name}`}
          onClick={() => setOpen(!isOpen)}
        >
          {name}
        </Button>
      </Popover.Target>
      <Popover.Dropdown role="dialog" aria-label={`Menu of ${name}`} className={styles.menu}>
        {role === "manager" &&
          PAGES.filter(([page]) => page !== "label").map(([page, title, path]) => (
            <NavLink
              key={page}
              component="button"
              label={title}
              onClick={leaving(() => navigate(path(session.project)))}
            />
          ))}
        <NavLink component="button" label="All keys" onClick={leaving(onHelp)} />
        <div className={styles.settings}>
          <SegmentedControl
            aria-label="Colours"
            size="xs"
            fullWidth
            value={colorScheme}
            onChange={(scheme) => setColorScheme(scheme as typeof colorScheme)}
            data={[
              { value: "auto", label: "As the system" },
              { value: "light", label: "Light" },
              { value: "dark", label: "Dark" },
            ]}
          />
          <Switch
            size="sm"
            label="Answer by single keys"
            checked={preferences.usesKeys}
            onChange={(event) => onPrefer({ usesKeys: event.currentTarget.checked })}
          />
          <Switch
            size="sm"
            label="Submit by itself once answered"
            checked={preferences.submitsByItself}
            onChange={(event) => onPrefer({ submitsByItself: event.currentTarget.checked })}
          />
        </div>
        <NavLink component="button" label="Sign out" onClick={leaving(onSignOut)} />
      </Popover.Dropdown>
    </Popover>
  );
}
