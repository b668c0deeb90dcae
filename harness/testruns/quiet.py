"""A file of ours that jest and mocha load before the tests: it takes our options off the command
line, which tests of the project may read (a program that parses `process.argv` and exits)."""

SOURCE = """\
"use strict";
const { argv } = process;
const ours = (word, at) =>
  word === "--runTestsByPath" ||
  word === "--json" ||
  (word === "--reporter" && argv[at + 1] === "xunit");
let at = argv.findIndex((word, i) => i > 1 && ours(word, i));
if (at > 3 && ["-t", "-g"].includes(argv[at - 2]) && /^\\^.*\\$$/s.test(argv[at - 1])) at -= 2;
if (at > 1) argv.length = at;
module.exports = class Quiet {};
"""
