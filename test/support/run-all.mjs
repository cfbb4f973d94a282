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

/** Runs vitest and reads its machine report; a run that wrote none counts as one failure. */
function runTests() {
  const folder = mkdtempSync(join(tmpdir(), 'tapline-test-'));
  const report = join(folder, 'report.json');
  console.log('\n== tests');
  const ok = run('npx', ['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]);
  try {
    const {
      numPassedTests: passed,
      numFailedTests,
      numPendingTests: skipped,
      testResults,
    } = JSON.parse(readFileSync(report, 'utf8'));
    const brokenFiles = testResults.filter(
      (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
    );
    const failed = numFailedTests + brokenFiles.length;
    return { passed, failed: ok ? failed : Math.max(failed, 1), skipped };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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
