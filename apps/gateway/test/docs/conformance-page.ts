import { read, testFiles } from './repository.js';

interface Rule {
  readonly group: string;
  readonly text: string;
}

const rules = JSON.parse(read('apps/gateway/test/docs/rules.json')) as Readonly<Record<string, Rule>>;

/** Rules that wait for a later piece of work, and why. */
const later = JSON.parse(read('apps/gateway/test/docs/later.json')) as Readonly<Record<string, string>>;

interface Proof {
  readonly rule: number;
  readonly file: string;
}

const titles = /\bit(?:\.each\([\s\S]*?\))?\(\s*(['"`])(rule \d\d.*?)\1/g;

const rulesOf = (title: string): number[] => [...title.split(':')[0]!.matchAll(/\brule (\d\d)\b/g)].map(([, number]) => Number(number));

const proofs = (): Proof[] =>
  testFiles().flatMap((file) => [...read(file).matchAll(titles)].flatMap(([, , title]) => rulesOf(title!).map((rule) => ({ rule, file }))));

/** Rules with neither a test nor a reason. */
export const unproven = (): number[] => {
  const proven = new Set(proofs().map(({ rule }) => rule));
  return Object.keys(rules)
    .map(Number)
    .filter((rule) => !proven.has(rule) && !Object.hasOwn(later, String(rule)));
};

const counted = (files: readonly string[]): string =>
  [...new Set(files)]
    .map((file) => {
      const times = files.filter((other) => other === file).length;
      return `\`${file}\`${times > 1 ? ` × ${times}` : ''}`;
    })
    .join(', ');

/** docs/conformance.md */
export const conformancePage = (): string => {
  const all = proofs();
  const rows = Object.entries(rules).map(([number, { group, text }]) => {
    const files = all.filter(({ rule }) => rule === Number(number)).map(({ file }) => file);
    const reason = later[number] ?? '';
    return { group, row: `| ${number} | ${text.replaceAll('|', '\\|')} | ${[counted(files), reason].filter(Boolean).join('. ')} |` };
  });
  const groups = [...new Set(rows.map(({ group }) => group))];
  const tables = groups.map(
    (group) =>
      `## ${group}\n\n| rule | says | shown by |\n|---|---|---|\n${rows
        .filter((row) => row.group === group)
        .map(({ row }) => row)
        .join('\n')}`,
  );
  return `# Conformance\n\nThe rules of nginx's \`auth_http\` protocol, read from its source and run against real builds, and the tests that show each one
(their names start with \`rule NN:\`). This page is generated from those names by \`npm run docs\`; \`npm test\` compares it.\n\n${tables.join('\n\n')}\n`;
};
