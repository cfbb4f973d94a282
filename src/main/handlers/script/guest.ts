import type { QuickJSContext, QuickJSHandle, QuickJSRuntime, QuickJSWASMModule } from 'quickjs-emscripten-core';
import { GUEST_API } from './guest-api';
import type { Program, ScriptFailure, ScriptMessage } from './protocol';

/** What a script is called in stacks. */
export const SCRIPT_FILE = 'script.ts';

const NO_FUNCTION = 'The script exports no function: write export default function (message, ctx) { … }.';
const STACK_BYTES = 256 * 1024;
/** Jobs of promises run at once before the clock is looked at. */
const JOBS_AT_ONCE = 50;

/** The script did not start. */
export class GuestProblem extends Error {
  constructor(readonly failure: ScriptFailure) {
    super(failure.message);
  }
}

interface Started {
  runtime: QuickJSRuntime;
  context: QuickJSContext;
  start: QuickJSHandle;
  take: QuickJSHandle;
}

/**
 * One script in a QuickJS context of its own: it sees the language, `message` and `ctx`, and nothing else. A message that used
 * up its time or memory leaves a context nobody can trust, so the next one gets a fresh one.
 */
export class Guest {
  private started: Started | undefined;
  /** Contexts that are of no more use. */
  private readonly spoilt: Started[] = [];
  private deadline = Number.POSITIVE_INFINITY;
  private isTimedOut = false;

  /** Starts an empty script, so that the first real one does not pay for what the engine compiles at first use. */
  static warmUp(quickjs: QuickJSWASMModule): void {
    const program = { code: 'export default () => {}', outputs: [], outputsSentence: '' };
    const guest = new Guest(quickjs, { ...program, timeLimitMs: 60_000, memoryLimitBytes: 8 * 1024 * 1024 });
    guest.run({ meta: '{"encoding":"json"}', body: '{}', encoding: 'text' });
    guest.close();
  }

  /** @throws GuestProblem when the script does not start */
  constructor(
    private readonly quickjs: QuickJSWASMModule,
    private readonly program: Program,
  ) {
    this.started = this.boot();
  }

  close(): void {
    this.spoil();
    this.tidy();
  }

  /** Frees the contexts that were given up. May throw: QuickJS insists on counts that an interrupted script has upset. */
  tidy(): void {
    for (const { runtime, context, start, take } of this.spoilt.splice(0)) {
      for (const handle of [start, take, context, runtime]) handle.dispose();
    }
  }

  private spoil(): void {
    if (this.started) this.spoilt.push(this.started);
    this.started = undefined;
  }

  /** Handles one message and answers JSON of a `ScriptOutcome`. */
  run(message: ScriptMessage): string {
    try {
      this.started ??= this.boot();
    } catch (error) {
      if (error instanceof GuestProblem) return failed(error.failure);
      throw error;
    }
    // A body of text takes up to four times its length once it is parsed; what cannot fit is not tried.
    if (4 * (message.meta.length + message.body.length) > this.program.memoryLimitBytes) {
      return failed(this.memoryFailure('The message is too large for the script: it'));
    }
    this.arm();
    const outcome = this.handle(this.started, message);
    if (typeof outcome === 'string') return outcome;
    this.spoil();
    return failed(outcome);
  }

  private arm(): void {
    this.isTimedOut = false;
    this.deadline = performance.now() + this.program.timeLimitMs;
  }

  private isLate(): boolean {
    if (performance.now() > this.deadline) this.isTimedOut = true;
    return this.isTimedOut;
  }

  /** The outcome, or the failure after which the context is of no more use. */
  private handle({ runtime, context, start, take }: Started, message: ScriptMessage): string | ScriptFailure {
    const values = [message.meta, message.body, message.encoding].map((text) => context.newString(text));
    try {
      if (values.some((value) => context.typeof(value) !== 'string')) return this.memoryFailure('The script');
      const outcome = this.textOf(context, context.callFunction(start, context.undefined, ...values));
      return outcome === '' ? this.settle(runtime, context, take) : outcome;
    } finally {
      for (const value of values) value.dispose();
    }
  }

  /** Runs the jobs of promises until the script's own is settled. */
  private settle(runtime: QuickJSRuntime, context: QuickJSContext, take: QuickJSHandle): string | ScriptFailure {
    for (;;) {
      const jobs = runtime.executePendingJobs(JOBS_AT_ONCE);
      const isBroken = jobs.error !== undefined;
      const ran = jobs.error ? 0 : jobs.value;
      jobs.dispose();
      if (isBroken || this.isLate()) return this.brokenOff();
      const outcome = this.textOf(context, context.callFunction(take, context.undefined));
      if (outcome !== '') return outcome;
      if (ran > 0) continue;
      const message = 'The script awaits a promise that nothing resolves: there are no timers and no network.';
      return { type: 'never-resolves', message };
    }
  }

  /** The text a call gave. Scripts cannot throw through `start` and `take`: what comes is the end of time or memory. */
  private textOf(context: QuickJSContext, result: ReturnType<QuickJSContext['callFunction']>): string | ScriptFailure {
    if (result.error) {
      result.error.dispose();
      return this.brokenOff();
    }
    try {
      if (context.typeof(result.value) !== 'string') return this.brokenOff();
      const text = context.getString(result.value);
      return isOutOfMemory(text) ? this.memoryFailure('The script') : text;
    } finally {
      result.value.dispose();
    }
  }

  private brokenOff(): ScriptFailure {
    return this.isLate() ? this.timeFailure() : this.memoryFailure('The script');
  }

  private timeFailure(): ScriptFailure {
    return { type: 'timeout', message: `The script took longer than its limit of ${this.program.timeLimitMs} ms.` };
  }

  private memoryFailure(what: string): ScriptFailure {
    const limit = `${Math.round(this.program.memoryLimitBytes / 1024 / 1024)} MB`;
    return { type: 'memory', message: `${what} needs more memory than its limit of ${limit}.` };
  }

  private boot(): Started {
    const { program } = this;
    const runtime = this.quickjs.newRuntime({
      memoryLimitBytes: program.memoryLimitBytes,
      maxStackSizeBytes: STACK_BYTES,
      interruptHandler: () => this.isLate(),
    });
    const context = runtime.newContext();
    this.isTimedOut = false;
    this.deadline = Number.POSITIVE_INFINITY;
    try {
      return { runtime, context, ...this.load(runtime, context) };
    } catch (error) {
      context.dispose();
      runtime.dispose();
      throw error;
    }
  }

  private load(runtime: QuickJSRuntime, context: QuickJSContext): Pick<Started, 'start' | 'take'> {
    const { code, outputs, outputsSentence } = this.program;
    const handles: QuickJSHandle[] = [];
    const keep = (handle: QuickJSHandle) => {
      handles.push(handle);
      return handle;
    };
    try {
      const setUp = keep(this.expect(context, context.evalCode(GUEST_API, 'tapline')));
      // Its time begins here: what is before is our own.
      this.arm();
      const exports = keep(this.expect(context, context.evalCode(code, SCRIPT_FILE, { type: 'module' })));
      runtime.executePendingJobs(JOBS_AT_ONCE).dispose();
      const handler = keep(context.getProp(exports, 'default'));
      if (context.typeof(handler) !== 'function') throw new GuestProblem({ type: 'script', message: NO_FUNCTION });
      const list = keep(this.expect(context, context.evalCode(`(${JSON.stringify(outputs)})`, 'tapline')));
      const sentence = keep(context.newString(outputsSentence));
      const api = keep(this.expect(context, context.callFunction(setUp, context.undefined, handler, list, sentence)));
      return { start: context.getProp(api, 'start'), take: context.getProp(api, 'take') };
    } finally {
      for (const handle of handles) handle.dispose();
    }
  }

  private expect(context: QuickJSContext, result: ReturnType<QuickJSContext['evalCode']>): QuickJSHandle {
    if (!result.error) return result.value;
    if (this.isTimedOut) {
      result.error.dispose();
      throw new GuestProblem(this.timeFailure());
    }
    const read = (key: string) => {
      const value = context.getProp(result.error, key);
      const text = context.typeof(value) === 'string' ? context.getString(value) : '';
      value.dispose();
      return text;
    };
    const failure = { type: read('name') || 'Error', message: read('message'), stack: read('stack') };
    result.error.dispose();
    throw new GuestProblem(failure);
  }
}

/** A script that catches nothing ends in QuickJS's own error for it, of a class that scripts rarely make themselves. */
function isOutOfMemory(outcome: string): boolean {
  return outcome.startsWith('{"failure":{"type":"InternalError","message":"out of memory"');
}

function failed(failure: ScriptFailure): string {
  return JSON.stringify({ failure, publishes: [], logs: [], droppedLogs: 0 });
}
