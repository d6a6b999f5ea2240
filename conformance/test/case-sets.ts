import { type Case, jobRepositoryCases, pairCases } from "../src/index.ts";

/** Cases by what they are about, each set to be proved by mutants of its own: fewer runs, and the files run side by side. */
function setsOf<S, Name extends string>(
  cases: readonly Case<S>[],
  patterns: Readonly<Record<Name, RegExp>>,
): Readonly<Record<Name | "rest", readonly Case<S>[]>> {
  const nameOf = ({ id }: Case<S>): Name | "rest" =>
    (Object.keys(patterns) as Name[]).find((name) => patterns[name].test(id)) ?? "rest";
  const sets = Object.fromEntries(
    [...Object.keys(patterns), "rest"].map((name) => [name, cases.filter((one) => nameOf(one) === name)]),
  );
  return sets as Record<Name | "rest", Case<S>[]>;
}

/** Damage; writes that fail; ids; clocks; what jobs have since version 2 of the ports; ends, limits, memories and rivals; all else. */
export const jobSets = setsOf(jobRepositoryCases, {
  damage: /^J-25\d$/,
  failures: /^J-27\d$/,
  ids: /^J-24\d$/,
  clock: /^J-16\d$/,
  links: /^J-(4[3-9]|147|1[789]\d|2\d\d)$/,
  limits: /^J-(09|1[789]|6[456]|97|98|109|115|128|129|139|14[0-6]|15\d)$/,
});

/** The cases of a job repository that run through a pair; all else. */
export const pairSets = setsOf(pairCases, { jobs: /^P-[2-9]\d\d$/ });
