import type { Worker } from 'node:worker_threads';
import {
  BACKSTOP,
  MOST_PER_TURN,
  PROGRESS,
  type Program,
  type ScriptFailure,
  type ScriptMessage,
  type ScriptOutcome,
  type ThreadData,
  type ThreadReply,
  type ThreadRequest,
} from './protocol';
import createThread from './thread?nodeWorker';

/** Heap of the thread's own JavaScript; scripts live in WebAssembly memory, under limits of their own. */
const THREAD_HEAP_MB = 128;
/** Longest time the thread may take to load the engine, milliseconds. */
const START_MS = 60_000;

interface Job {
  message: ScriptMessage;
  signal: AbortSignal;
  resolve: (outcome: ScriptOutcome) => void;
  reject: (reason: unknown) => void;
}

interface Script {
  id: number;
  program: Program;
  jobs: Job[];
  /** Waits for the first start, which tells whether the script starts at all. */
  onStarted?: (failure: ScriptFailure | undefined) => void;
  isRemoved: boolean;
}

interface Turn {
  script: Script;
  jobs: Job[];
  timer: NodeJS.Timeout;
}

/** A thread with what is known of it. A new one is made when it had to be ended. */
interface Thread {
  worker: Worker;
  progress: Int32Array;
  since: Float64Array;
  isReady: boolean;
  /** Scripts it has started. */
  has: Set<number>;
}

const failedWith = (failure: ScriptFailure): ScriptOutcome => ({ failure, publishes: [], logs: [], droppedLogs: 0 });

/** How long the thread may take for one message before it is ended, milliseconds. */
const patienceOf = ({ program }: Script) => BACKSTOP * program.timeLimitMs;

/**
 * Runs the scripts of many handlers on one thread, in turns: a handler with waiting messages gets at most `TURN_MS` and the
 * rest of one message, then the next one is served. A thread that is stuck is ended; only the message it was stuck at fails,
 * the others are given to a new thread. Nothing is published by the thread itself, so that handling a message again is harmless.
 */
export class ScriptPool {
  private thread: Thread | undefined;
  private turn: Turn | undefined;
  private readonly scripts = new Map<number, Script>();
  /** Scripts that wait for a turn, in order. */
  private readonly waiting = new Set<Script>();
  private nextId = 1;
  private isScheduled = false;
  private isClosed = false;

  /** Starts a script. Answers its id, or why it does not start. */
  async add(program: Program): Promise<{ id: number } | { failure: ScriptFailure }> {
    const script: Script = { id: this.nextId++, program, jobs: [], isRemoved: false };
    this.scripts.set(script.id, script);
    const failure = await new Promise<ScriptFailure | undefined>((resolve) => {
      script.onStarted = resolve;
      this.wait(script);
    });
    if (!failure) return { id: script.id };
    this.remove(script.id);
    return { failure };
  }

  /** Forgets a script; messages that wait are rejected. */
  remove(id: number): void {
    const script = this.scripts.get(id);
    if (!script) return;
    script.isRemoved = true;
    this.scripts.delete(id);
    this.waiting.delete(script);
    for (const job of script.jobs.splice(0)) job.reject(new Error('the handler was closed'));
    if (this.thread?.has.delete(id)) this.send({ type: 'remove', handler: id });
  }

  /** Handles one message. Rejects with the signal's reason when it was aborted, at the latest when its turn has come. */
  run(id: number, message: ScriptMessage, signal: AbortSignal): Promise<ScriptOutcome> {
    const script = this.scripts.get(id);
    if (!script) throw new Error(`no script ${id}`);
    return new Promise((resolve, reject) => {
      script.jobs.push({ message, signal, resolve, reject });
      this.wait(script);
    });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    for (const id of [...this.scripts.keys()]) this.remove(id);
    const { turn, thread } = this;
    this.turn = undefined;
    this.thread = undefined;
    if (turn) this.giveUp(turn, new Error('the handler was closed'));
    await thread?.worker.terminate();
  }

  private wait(script: Script): void {
    this.waiting.add(script);
    if (this.isScheduled) return;
    this.isScheduled = true;
    // Messages that come in one piece from the broker go to the thread in one piece, too.
    queueMicrotask(() => {
      this.isScheduled = false;
      this.serve();
    });
  }

  private send(request: ThreadRequest): void {
    this.thread?.worker.postMessage(request);
  }

  /** Gives the next script its turn. */
  private serve(): void {
    if (this.turn || this.isClosed || this.waiting.size === 0) return;
    this.thread ??= this.begin();
    const { thread } = this;
    const [script] = this.waiting;
    if (!thread.isReady || !script) return;
    this.waiting.delete(script);
    const jobs = this.takeJobs(script);
    const isNew = !thread.has.has(script.id);
    if (jobs.length === 0 && !isNew) return this.serve();
    thread.has.add(script.id);
    const turn: Turn = { script, jobs, timer: setTimeout(() => this.checkStuck(turn), patienceOf(script)) };
    this.turn = turn;
    const messages = jobs.map(({ message }) => message);
    this.send({ type: 'turn', handler: script.id, messages, program: isNew ? script.program : undefined });
  }

  /** The first messages of a script, without those that were aborted meanwhile. */
  private takeJobs({ jobs }: Script): Job[] {
    const taken: Job[] = [];
    while (taken.length < MOST_PER_TURN) {
      const job = jobs.shift();
      if (!job) break;
      if (job.signal.aborted) job.reject(job.signal.reason);
      else taken.push(job);
    }
    return taken;
  }

  private begin(): Thread {
    const workerData: ThreadData = {
      progress: new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT),
      since: new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT),
    };
    const worker = createThread({
      workerData,
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: THREAD_HEAP_MB },
    });
    const progress = new Int32Array(workerData.progress);
    const since = new Float64Array(workerData.since);
    const thread: Thread = { worker, progress, since, isReady: false, has: new Set() };
    const startTimer = setTimeout(() => void worker.terminate(), START_MS);
    let fault: unknown;
    worker.on('message', (reply: ThreadReply) => {
      if (reply.type === 'ready') clearTimeout(startTimer);
      if (thread === this.thread) this.receive(thread, reply);
    });
    worker.on('error', (error) => {
      fault = error;
    });
    worker.on('exit', () => {
      clearTimeout(startTimer);
      if (thread === this.thread) this.onEnded(thread, fault);
    });
    return thread;
  }

  private receive(thread: Thread, reply: ThreadReply): void {
    if (reply.type === 'ready') {
      thread.isReady = true;
      return this.serve();
    }
    const { turn } = this;
    if (!turn) return;
    clearTimeout(turn.timer);
    this.turn = undefined;
    const { script, jobs } = turn;
    if (reply.type === 'problem') {
      thread.has.delete(script.id);
      this.started(script, reply.failure);
      for (const job of jobs) job.resolve(failedWith(reply.failure));
    } else {
      this.started(script, undefined);
      for (const [index, outcome] of reply.outcomes.entries()) {
        this.settle(jobs[index], outcome);
      }
      this.putBack(script, jobs.slice(reply.outcomes.length));
    }
    if (script.jobs.length > 0) this.waiting.add(script);
    this.serve();
  }

  private settle(job: Job | undefined, outcome: string): void {
    if (job?.signal.aborted) job.reject(job.signal.reason);
    else job?.resolve(JSON.parse(outcome) as ScriptOutcome);
  }

  private started(script: Script, failure: ScriptFailure | undefined): void {
    script.onStarted?.(failure);
    script.onStarted = undefined;
  }

  /** Messages that were not begun go to the front. */
  private putBack(script: Script, jobs: Job[]): void {
    if (script.isRemoved) for (const job of jobs) job.reject(new Error('the handler was closed'));
    else script.jobs.unshift(...jobs);
  }

  /**
   * Patience is over, or would be if the thread had begun at once. An answer that is already here but was not read yet counts:
   * this thread may be the slow one.
   */
  private checkStuck(turn: Turn): void {
    setImmediate(() => {
      const { thread } = this;
      if (this.turn !== turn || !thread) return;
      const [since = 0] = thread.since;
      const isIdle = Atomics.load(thread.progress, 0) === PROGRESS.idle;
      const leftMs = isIdle ? patienceOf(turn.script) : since + patienceOf(turn.script) - Date.now();
      if (leftMs > 0) {
        turn.timer = setTimeout(() => this.checkStuck(turn), leftMs);
        return;
      }
      this.thread = undefined;
      void thread.worker.terminate();
      const { timeLimitMs } = turn.script.program;
      const message = `The script was ended: it did not stop at its limit of ${timeLimitMs} ms.`;
      this.failCurrent(thread, turn, { type: 'timeout', message });
    });
  }

  private onEnded(thread: Thread, fault: unknown): void {
    this.thread = undefined;
    const reason = fault instanceof Error ? fault.message : 'it ended';
    if (!thread.isReady) {
      // A thread that cannot even start would not start the next time either.
      const failure = { type: 'engine', message: `The engine for scripts does not start: ${reason}` };
      for (const script of this.waiting) {
        this.started(script, failure);
        for (const job of script.jobs.splice(0)) job.resolve(failedWith(failure));
      }
      this.waiting.clear();
      return;
    }
    if (this.turn) {
      const message = `The script broke its engine, which was started again: ${reason}`;
      this.failCurrent(thread, this.turn, { type: 'engine', message });
    }
    this.serve();
  }

  /** The message at which the thread was stuck fails; all others of the turn are handled again. */
  private failCurrent({ progress }: Thread, turn: Turn, failure: ScriptFailure): void {
    clearTimeout(turn.timer);
    this.turn = undefined;
    const { script, jobs } = turn;
    const at = Atomics.load(progress, 0);
    // Idle: it ended before it began this turn, which is nobody's fault here.
    if (at !== PROGRESS.idle) {
      if (at === PROGRESS.starting) this.started(script, failure);
      const [culprit] = jobs.splice(Math.max(at, 0), 1);
      culprit?.resolve(failedWith(failure));
    }
    this.putBack(script, jobs);
    if (script.jobs.length > 0 || script.onStarted) this.waiting.add(script);
    this.serve();
  }

  private giveUp({ timer, jobs }: Turn, reason: Error): void {
    clearTimeout(timer);
    for (const job of jobs) job.reject(reason);
  }
}
