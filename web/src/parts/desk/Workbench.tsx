/** The label page put together: what lies on the desk in the middle, help on both sides, keys below. */

import { useMediaQuery } from "@mantine/hooks";
import { memo, Suspense, useCallback, useEffect, useEffectEvent, useState } from "react";
import { sentence } from "../../api/problem";
import type { Answers, Entry, NewRemark, Objection, Project, Session } from "../../api/types";
import { shownQuestions } from "../../domain/asked";
import { limitsFor } from "../../domain/breaks";
import { coverOf } from "../../domain/cover";
import { current } from "../../domain/labelling";
import type { Command } from "../../keys/commands";
import { capOf } from "../../keys/layout";
import { useKeyboard } from "../../keys/useKeyboard";
import { useKeys } from "../../keys/useKeys";
import { useApi } from "../../session/ApiContext";
import { answerTo, canRedo, isHeldBack, missing } from "../../session/answering";
import type { Desk } from "../../session/desk";
import { fetchSoon, later } from "../../session/later";
import { AT_HAND } from "../../session/supply";
import { useBreaks } from "../../session/useBreaks";
import { useLabelling } from "../../session/useDesk";
import { usePreferences } from "../../session/usePreferences";
import { widgetFor } from "../../widgets/registry";
import { t } from "../../words/words";
import { Guard } from "../Guard";
import { ActionBar } from "./ActionBar";
import { EmptyQueue } from "./EmptyQueue";
import { ItemCard } from "./ItemCard";
import { JustDone } from "./JustDone";
import { Objections } from "./Objections";
import { TopBar } from "./TopBar";
import styles from "./Workbench.module.css";

const AssistantPanel = later(() => import("./AssistantPanel"));
const BreakDialog = later(() => import("./BreakDialog"));
const FlagDialog = later(() => import("./FlagDialog"));
const GuidelinePanel = later(() => import("./GuidelinePanel"));
const HelpDialog = later(() => import("./HelpDialog"));
const KeysDialog = later(() => import("./KeysDialog"));
const SkipDialog = later(() => import("./SkipDialog"));

/** Opened by a key: a network that dies may not turn that key into nothing. */
const PARTS = [SkipDialog, FlagDialog, HelpDialog, KeysDialog, GuidelinePanel, BreakDialog];

/** As high as the bar of actions, which covers the page's foot; on a phone it has two rows. */
const BELOW = 110;

/** What stays as it is from key to key and from item to item is not drawn anew with them. */
const Top = memo(TopBar);
const Done = memo(JustDone);
const Guide = memo(function Guide({ project }: { project: Project }) {
  return (
    <Guard instead={<aside />}>
      <Suspense fallback={<aside />}>
        <GuidelinePanel project={project} />
      </Suspense>
    </Guard>
  );
});

interface Props {
  desk: Desk;
  project: Project;
  session: Session;
  /** The person rests: what they hold is given back. */
  onRest: () => void;
}

export function Workbench({ desk, project, session, onRest }: Props) {
  const api = useApi();
  const state = useLabelling(desk);
  const [preferences, prefer] = usePreferences();
  const [dialog, setDialog] = useState<"help" | "keys" | "skip" | "flag" | "guideline" | null>(null);
  const isWide = useMediaQuery("(min-width: 64em)", true, { getInitialValueInEffect: false });
  const keys = useKeys(project, session);
  const entry = current(state);
  const [uncovered, setUncovered] = useState<Readonly<Record<string, number>>>({});
  const place = entry === null ? "" : `${entry.item.id}/${entry.round}`;
  const cover = entry === null ? "open" : coverOf(entry, uncovered[place] ?? 0, preferences.coversItems);
  const uncover = () => setUncovered((steps) => ({ ...steps, [place]: (steps[place] ?? 0) + 1 }));
  const { worked, rested } = useBreaks(
    limitsFor(project.breaks, preferences.breakMinutes),
    state.done.find((one) => one.entry !== null)?.key ?? null,
  );
  const [talksAt, setTalksAt] = useState("");
  const [showsObjections, setShowsObjections] = useState(false);
  const [changing, setChanging] = useState<Objection | null>(null);
  // Where a suggestion may not be seen, nobody may be asked either; the server holds to that too.
  const canAsk =
    project.assistant !== null &&
    entry !== null &&
    entry.display !== "hidden" &&
    !isHeldBack(entry) &&
    cover !== "covered";
  const hasGuideline = project.guideline.text.trim() !== "" || project.instruction.trim() !== "";

  function submit(): void {
    if (cover !== "covered") {
      desk.submit();
      window.setTimeout(showWhatIsMissing);
    }
  }

  function act(question: string, action: unknown): void {
    answering(() => desk.act(question, action));
  }

  /** Do what answers, and go on by itself where everything is settled and the person, or all questions, wish so.
   *
   * confirms: to accept what is filled in already is an answer too.
   */
  function answering(work: () => void, confirms = false): void {
    const before = desk.store.get().drafts;
    work();
    const now = desk.store.get();
    const on = current(now);
    if ((now.drafts === before && !confirms) || on === null || missing(project, on, now).size > 0) {
      return;
    }
    const answers = now.drafts[on.lease] ?? {};
    const advances = shownQuestions(project, on, answers).every(({ type, settings }) =>
      widgetFor(type)?.advances?.(settings),
    );
    if ((preferences.submitsByItself || advances) && isSettled(on, answers)) {
      desk.submit();
    }
  }

  function isSettled(on: Entry, answers: Answers): boolean {
    return shownQuestions(project, on, answers).every(
      (question) =>
        widgetFor(question.type)?.settles(answerTo(question, answers), question.settings) ?? false,
    );
  }

  const asksByCards = project.questions.some(({ type, settings }) => widgetFor(type)?.advances?.(settings));
  const { showsGuideline } = preferences;
  const toggleGuideline = useCallback(() => {
    if (isWide) {
      prefer({ showsGuideline: !showsGuideline });
    } else {
      setDialog("guideline");
    }
  }, [isWide, prefer, showsGuideline]);
  const openHelp = useCallback(() => setDialog("help"), []);

  const commands: Record<Command, () => void> = {
    submit,
    undo: () => desk.undo(),
    redo: desk.redo,
    skip: () => entry && setDialog("skip"),
    flag: () => entry && setDialog("flag"),
    guideline: toggleGuideline,
    accept: () => {
      if (cover === "covered") {
        return;
      }
      if (asksByCards) {
        answering(desk.acceptSuggestions, true);
      } else {
        desk.acceptSuggestions();
      }
    },
    uncover: () => cover !== "open" && uncover(),
    assistant: () => {
      if (canAsk) {
        setShowsObjections(false);
        setTalksAt((at) => (at === place ? "" : place));
      }
    },
    objections: () => project.policy.judged && toggleObjections(),
    suggestions: () => desk.store.dispatch({ type: "suggestions toggled" }),
    opinion: () => cover !== "covered" && desk.adoptNext(),
    reject: () => cover !== "covered" && desk.reject(),
    reasoning: () => desk.store.dispatch({ type: "reasoning toggled" }),
    help: openHelp,
  };

  useKeyboard({
    keys,
    usesKeys: preferences.usesKeys,
    onAnswer: (key) => {
      if (cover === "covered") {
        return;
      }
      act(key.question, key.action);
      if (entry && key.focuses !== undefined) {
        document.getElementById(`${entry.item.id}/${key.question}/${key.focuses}`)?.focus();
      }
    },
    onCommand: (command) => commands[command](),
  });
  useEffect(() => fetchSoon(project.assistant === null ? PARTS : [...PARTS, AssistantPanel]), [project]);
  useNextItemFetched(state.held.length, desk.refill);

  function capFor(command: Command): string {
    return capOf(keys.commands.find((one) => one.command === command)?.codes[0] ?? "", keys.layout);
  }

  /** Give why it could not be sent; null when it is on the server. */
  async function remark(remark: NewRemark): Promise<string | null> {
    try {
      await api.remark(project.name, entry?.item.id ?? "", remark, crypto.randomUUID());
      desk.store.dispatch({
        type: "noticed",
        notice: { kind: "told", text: remark.kind === "flag" ? t("Flagged.") : t("Noted.") },
      });
      return null;
    } catch (error) {
      return sentence(error);
    }
  }

  function closeAssistant(): void {
    setTalksAt("");
    document.querySelector<HTMLElement>("main article")?.focus({ preventScroll: true });
  }

  function toggleObjections(): void {
    if (showsObjections) {
      document.querySelector<HTMLElement>("main article")?.focus({ preventScroll: true });
    } else {
      setTalksAt("");
    }
    setShowsObjections(!showsObjections);
  }

  function change(objection: Objection): void {
    setChanging(objection);
    desk.takeBack(objection.submission);
    document.querySelector<HTMLElement>("main article")?.focus({ preventScroll: true });
  }

  function missed(close: () => void): void {
    close();
    desk.store.dispatch({
      type: "noticed",
      notice: {
        kind: "warned",
        text: t("This part of the page could not be fetched. Your answers are kept; try again in a moment."),
      },
    });
  }

  function closeDialog(): void {
    setDialog(null);
    // The page was inert until now, so nothing else can have the focus.
    window.setTimeout(() =>
      document.querySelector<HTMLElement>("main article")?.focus({ preventScroll: true }),
    );
  }

  return (
    <>
      <div className={styles.page} inert={dialog !== null || worked !== null}>
        <Top
          desk={desk}
          project={project}
          session={session}
          preferences={preferences}
          onPrefer={prefer}
          onHelp={openHelp}
          onGuideline={hasGuideline ? toggleGuideline : null}
        />
        <div
          className={styles.desk}
          data-guided={(isWide && hasGuideline && preferences.showsGuideline) || undefined}
        >
          <Done desk={desk} project={project} done={state.done} />
          <main className={styles.middle}>
            <Notice state={state} />
            {entry ? (
              <ItemCard
                key={`${entry.item.id}/${entry.round}`}
                entry={entry}
                project={project}
                state={state}
                keymap={keys.keymap}
                capFor={capFor}
                onAct={act}
                onClear={desk.clear}
                onSubmit={submit}
                onReasoning={commands.reasoning}
                onAdopt={desk.adopt}
                onReject={desk.reject}
                cover={cover}
                onUncover={uncover}
                onExplain={desk.explain}
              />
            ) : (
              <EmptyQueue project={project.name} supply={state.supply} onRefill={desk.refill} />
            )}
          </main>
          {isWide && hasGuideline && preferences.showsGuideline && <Guide project={project} />}
        </div>
        {project.policy.judged && (
          <Objections
            project={project}
            entry={entry}
            latest={state.done.find((one) => one.status === "saved")?.submission ?? null}
            cap={capFor("objections")}
            isOpen={showsObjections}
            changing={changing}
            onToggle={toggleObjections}
            onChange={change}
          />
        )}
        {entry && project.assistant && canAsk && talksAt === place && (
          <Guard instead={null} onFailed={() => missed(closeAssistant)}>
            <Suspense>
              <AssistantPanel
                key={place}
                project={project.name}
                lease={entry.lease}
                seconds={project.assistant.seconds}
                onClose={closeAssistant}
              />
            </Suspense>
          </Guard>
        )}
        {entry && (
          <ActionBar
            commands={commands}
            capFor={capFor}
            canUndo={state.done.length > 0}
            canRedo={canRedo(state)}
            isHeldBack={isHeldBack(entry) && state.revealing[entry.lease] !== "failed"}
            canAsk={canAsk}
            hasSuggestions={Object.keys(entry.suggestions ?? {}).length > 0}
          />
        )}
      </div>
      {worked !== null && (
        <Guard instead={null} onFailed={rested}>
          <Suspense>
            <BreakDialog worked={worked} onGoOn={rested} onRest={onRest} />
          </Suspense>
        </Guard>
      )}
      {dialog !== null && (
        <Guard key={dialog} instead={null} onFailed={() => missed(closeDialog)}>
          <Suspense>
            {dialog === "help" && (
              <HelpDialog
                project={project}
                keys={keys}
                onChangeKeys={() => setDialog("keys")}
                onClose={closeDialog}
              />
            )}
            {dialog === "keys" && <KeysDialog project={project} keys={keys} onClose={closeDialog} />}
            {dialog === "skip" && <SkipDialog onSkip={desk.skip} onClose={closeDialog} />}
            {dialog === "flag" && entry && <FlagDialog onRemark={remark} onClose={closeDialog} />}
            {dialog === "guideline" && <GuidelinePanel project={project} onClose={closeDialog} />}
          </Suspense>
        </Guard>
      )}
    </>
  );
}

function Notice({ state }: { state: ReturnType<typeof useLabelling> }) {
  return (
    <div role="status" className={state.notice ? styles.notice : undefined} data-kind={state.notice?.kind}>
      {state.notice?.text}
    </div>
  );
}

/** Ask for more whenever something left the desk, whoever took it. */
function useNextItemFetched(held: number, refill: () => void): void {
  const ask = useEffectEvent(refill);
  useEffect(() => {
    if (held < AT_HAND) {
      ask();
    }
  }, [held]);
}

/** Where an answer is missing out of sight, Enter would seem to do nothing. */
function showWhatIsMissing(): void {
  const told = document.querySelector("main article form [role='alert']");
  const { top, bottom } = told?.getBoundingClientRect() ?? { top: 0, bottom: 0 };
  if (top < 0 || bottom > window.innerHeight - BELOW) {
    told?.scrollIntoView({ block: "center" });
  }
}
