import { describe, expect, it } from '@jest/globals';
import { conformancePage, unproven } from './docs/conformance-page.js';
import { answersPage, configPage, errorsPage, operatingPage, pluginPages } from './docs/pages.js';
import { referencePage } from './docs/reference-page.js';
import { expectPage } from './docs/repository.js';

describe('the generated pages', () => {
  it('show a test or a reason for every rule of the protocol', () => expect(unproven()).toEqual([]));

  it('docs/conformance.md names the tests that are there', () => expectPage('docs/conformance.md', conformancePage()));

  it('docs/config.md lists every key of the config', () => expectPage('docs/config.md', configPage()));

  it('docs/operating.md lists what the operator’s door serves', () => expectPage('docs/operating.md', operatingPage()));

  it('docs/errors.md lists every code, and no other', () => expectPage('docs/errors.md', errorsPage()));

  it('docs/answers.md says what clients hear', () => expectPage('docs/answers.md', answersPage()));

  it.each(pluginPages)('$path lists every option of its plugin', ({ path, content }) => expectPage(path, content()));

  it.each(['contract', 'testkit'])(
    'docs/plugins/reference/%s.md is what the comments of the package say',
    async (name) => expectPage(`docs/plugins/reference/${name}.md`, referencePage(name)),
    300_000,
  );
});
