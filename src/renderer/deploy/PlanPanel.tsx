import { PlanEmpty } from './PlanEmpty';
import { PlanHeader } from './PlanHeader';
import { PlanNotes } from './PlanNotes';
import classes from './PlanPanel.module.css';
import { useDeploy } from './plan-actions';
import { StepTable } from './StepTable';

/** The plan: steps, what is at stake, outcomes. */
export function PlanPanel() {
  const made = useDeploy((state) => state.made);
  const phase = useDeploy((state) => state.phase);
  const failure = useDeploy((state) => state.failure);
  const hasSteps = made !== null && made.plan.steps.length > 0 && phase !== 'planning';
  return (
    <div className={classes.panel}>
      <PlanHeader />
      {made && phase !== 'planning' && <PlanNotes made={made} failure={failure} />}
      {hasSteps ? <StepTable plan={made.plan} /> : <PlanEmpty />}
    </div>
  );
}
