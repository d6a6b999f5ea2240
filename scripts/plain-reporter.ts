import type { Reporter, TestModule } from "vitest/node";

/**
 * Ends a run with one plain line, `N passed, N failed, N skipped`.
 * With JOBQ_TEST_REQUIRE_ALL=1 a test that did not run fails the run and is listed by name.
 */
export default class PlainReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    let passed = 0;
    let failed = unhandledErrors.length;
    const skipped: string[] = [];
    for (const module of modules) {
      if (module.errors().length > 0) failed++; // a file that did not even load
      for (const suite of module.children.allSuites()) if (suite.errors().length > 0) failed++; // a hook that threw
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed") passed++;
        else if (state === "failed") failed++;
        else skipped.push(`${module.relativeModuleId} > ${test.fullName}`);
      }
    }
    if (skipped.length > 0 && process.env.JOBQ_TEST_REQUIRE_ALL === "1") {
      console.log(["JOBQ_TEST_REQUIRE_ALL=1, but these tests did not run:", ...skipped].join("\n  "));
      process.exitCode = 1;
    }
    console.log(`${passed} passed, ${failed} failed, ${skipped.length} skipped`);
  }
}
