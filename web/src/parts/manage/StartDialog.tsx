import type { RunForecast } from "../../api/types";
import { amountForeseen, costForeseen, leftWords } from "../../domain/jobs";
import { t } from "../../words/words";
import { Confirm } from "../Confirm";

interface Props {
  forecast: RunForecast;
  isBusy: boolean;
  onStart: () => void;
  onClose: () => void;
}

/** Says what a run would cost, before it may be started. */
export function StartDialog({ forecast, isBusy, onStart, onClose }: Props) {
  const left = leftWords(forecast);
  return (
    <Confirm
      title={t("Start this run?")}
      act={t("Start the run")}
      isBusy={isBusy}
      onAct={onStart}
      onClose={onClose}
    >
      <p>
        <strong>{costForeseen(forecast)}</strong>
      </p>
      <ul>
        {forecast.models.map((model) => (
          <li key={model.model}>{amountForeseen(model)}</li>
        ))}
      </ul>
      {left !== null && <p>{left}</p>}
    </Confirm>
  );
}
