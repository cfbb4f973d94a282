import { deployPlan, makePlan } from '@renderer/deploy/plan-actions';
import { openEnvironmentDialog } from '@renderer/environments/environment-actions';
import { chooseWatchMode, startRun, stopRun } from '@renderer/live/live-actions';
import { liveStore } from '@renderer/live/live-store';
import { checkNow } from '@renderer/problems/check-now';
import { isRecording, stopRecording } from '@renderer/tape/recording-actions';
import { isTapeOpen, showTapeDialog } from '@renderer/tape/tape-store';
import { openPublishDialog } from '@renderer/traffic/publish-actions';
import * as icons from '@tabler/icons-react';
import type { Command } from './command';

const isRunning = () => liveStore.getState().running;

/** From check to traffic. */
export const BROKER_COMMANDS: readonly Command[] = [
  { id: 'check', label: 'Check', group: 'Broker', icon: icons.IconListCheck, run: checkNow },
  { id: 'plan', label: 'Plan', group: 'Broker', icon: icons.IconGitCompare, run: makePlan },
  { id: 'deploy', label: 'Deploy', group: 'Broker', icon: icons.IconCloudUpload, run: deployPlan },
  {
    id: 'run',
    label: 'Run',
    group: 'Broker',
    icon: icons.IconPlayerPlay,
    run: startRun,
    isEnabled: () => !isRunning(),
  },
  { id: 'stop', label: 'Stop', group: 'Broker', icon: icons.IconPlayerStop, run: stopRun, isEnabled: isRunning },
  {
    id: 'record',
    label: 'Record…',
    group: 'Broker',
    icon: icons.IconPlayerRecord,
    run: () => showTapeDialog('record'),
    isEnabled: () => !isRecording(liveStore.getState().recording),
  },
  {
    id: 'record-stop',
    label: 'Stop recording',
    group: 'Broker',
    icon: icons.IconPlayerStop,
    run: stopRecording,
    isEnabled: () => isRecording(liveStore.getState().recording),
  },
  {
    id: 'replay',
    label: 'Replay tape…',
    group: 'Broker',
    icon: icons.IconRepeat,
    run: () => showTapeDialog('replay'),
    isEnabled: () => isTapeOpen(),
  },
  { id: 'publish', label: 'Publish…', group: 'Broker', icon: icons.IconSend, run: () => openPublishDialog() },
  { id: 'watch-off', label: 'Watch off', group: 'Broker', icon: icons.IconEyeOff, run: () => chooseWatchMode('off') },
  {
    id: 'watch-counters',
    label: 'Watch counters',
    group: 'Broker',
    icon: icons.IconEye,
    run: () => chooseWatchMode('counters'),
  },
  {
    id: 'watch-tap',
    label: 'Watch tap',
    group: 'Broker',
    icon: icons.IconEyeSearch,
    run: () => chooseWatchMode('tap'),
  },
  {
    id: 'connections',
    label: 'Connections…',
    group: 'Broker',
    icon: icons.IconPlugConnected,
    run: () => openEnvironmentDialog(),
  },
];
