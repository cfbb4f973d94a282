// `npm test`: everything that can run on this machine. Ends with "N passed, N failed, N skipped".
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installMissing } from './prerequisites.mjs';

const CHECKS = ['typecheck', 'lint', 'unused', 'build'];

function run(command, args) {
  return spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' }).status === 0;
}

function runChecks() {
  const failed = [];
  for (const name of CHECKS) {
    console.log(`\n== ${name}`);
    if (!run('npm', ['run', '--silent', name])) failed.push(name);
  }
  return failed;
}

const OUTSIDE = { file: undefined, passed: 0, failed: 1, skipped: 0 };

/**
 * Runs vitest and reads its machine report, a row for each test file. One that wrote none, or failed outside of all files
 * (an error nobody caught), has a row of its own.
 */
function runVitest(options) {
  const folder = mkdtempSync(join(tmpdir(), 'tapline-test-'));
  const report = join(folder, 'report.json');
  const ok = run('npx', [
    'vitest',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...options,
  ]);
  try {
    const rows = JSON.parse(readFileSync(report, 'utf8')).testResults.map(({ name, status, assertionResults }) => {
      const count = (wanted) => assertionResults.filter((test) => wanted.includes(test.status)).length;
      const failedTests = count(['failed']);
      return {
        file: name,
        passed: count(['passed']),
        // A file that failed outside of its tests counts as one.
        failed: status === 'failed' ? Math.max(failedTests, 1) : failedTests,
        skipped: count(['pending', 'skipped', 'todo']),
      };
    });
    return ok || rows.some(({ failed }) => failed > 0) ? rows : [...rows, OUTSIDE];
  } catch {
    return [OUTSIDE];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** More broken files than this are no accident. */
const MOST_ACCIDENTS = 5;

/**
 * On shared machines a browser or a broker is now and then starved: files that failed are run once more, one after another,
 * and named. What fails twice is broken.
 */
function runTests() {
  console.log('\n== tests');
  let rows = runVitest([]);
  const broken = rows.filter(({ failed }) => failed > 0);
  const isAccident = broken.length <= MOST_ACCIDENTS && !broken.includes(OUTSIDE);
  if (broken.length > 0 && isAccident) {
    const files = broken.map(({ file }) => file);
    console.log(`\n== once more, alone:\n${files.join('\n')}`);
    rows = [...rows.filter((row) => !broken.includes(row)), ...runVitest(['--maxWorkers=1', ...files])];
  }
  const sum = (what) => rows.reduce((total, row) => total + row[what], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
}

const missing = installMissing();
const failedChecks = runChecks();
const tests = failedChecks.includes('build') ? { passed: 0, failed: 0, skipped: 0 } : runTests();
for (const { what, why } of missing) console.log(`skipped: tests that need ${what} (${why})`);
for (const name of failedChecks) console.log(`failed: npm run ${name}`);

const passed = tests.passed + CHECKS.length - failedChecks.length;
const failed = tests.failed + failedChecks.length;
console.log(`\n${passed} passed, ${failed} failed, ${tests.skipped} skipped`);
process.exit(failed === 0 ? 0 : 1);
