import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseStatement } from '@boathouse/sql';
import { addConstraintText, columnCommentText, dropConstraintText, literal, setPropertyText } from './statements.ts';

test('quotes, backslashes and newlines come through a literal as they are', () => {
  assert.equal(literal("it's a \\ path"), "'it\\'s a \\\\ path'");
});

test('names and values of any characters make statements that read as they are meant', () => {
  const name = 'main.default.`odd table`';
  for (const text of [
    setPropertyText(name, "team's", "a 'b' \\ c\nd"),
    columnCommentText(name, 'odd `column', "it's"),
    columnCommentText(name, 'plain', ''),
    addConstraintText(name, { kind: 'check', name: 'a b', condition: "city <> 'x'" }),
    addConstraintText(name, { kind: 'notNull', column: 'a b' }),
    addConstraintText(name, { kind: 'default', column: 'a', value: "'new'" }),
    dropConstraintText(name, { kind: 'check', name: 'a b' }),
    dropConstraintText(name, { kind: 'default', column: 'a' }),
  ])
    assert.doesNotThrow(() => parseStatement(text), text);
});
