// The npm package `@eventide/message-db`: event store functions in PostgreSQL, called over `pg` connections.
// All streams are of one category, because message-db keeps order, and takes its lock, per category.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { event, measureAppends, measureFold, options } from './figures.mjs';

const given = options({ connections: 8 });
const SCHEMA = [
  'roles/message-store',
  'schema/message-store',
  'tables/messages',
  'types/message',
  ...['message-store-version', 'hash-64', 'acquire-lock', 'category', 'is-category', 'id', 'cardinal-id'].map(inFunctions),
  ...['stream-version', 'write-message', 'get-stream-messages', 'get-category-messages'].map(inFunctions),
  'indexes/messages-id',
  'indexes/messages-stream',
  'indexes/messages-category',
];
const data = JSON.stringify(event.data);
const metadata = JSON.stringify(event.metadata);

await install();
const pool = new pg.Pool({
  connectionString: given.uri,
  max: Math.min(given.callers, given.connections),
  options: '-c search_path=message_store,public',
});
if (given.fold) {
  const stream = `document-${randomUUID()}`;
  for (let version = 0; version < given.fold; version++) await append(stream, version);
  await measureFold('message-db fold', given.fold, () => fold(stream, given.fold));
} else {
  await measureAppends('message-db', given, append);
}
await pool.end();

// message-db numbers a stream from 0, and -1 is the expected version of a stream that does not exist.
async function append(stream, version) {
  await pool.query({
    name: 'write',
    text: 'select write_message($1, $2, $3, $4, $5, $6)',
    values: [randomUUID(), stream, 'DocumentReturned', data, metadata, version - 1],
  });
}

function inFunctions(name) {
  return `functions/${name}`;
}

async function fold(stream, events) {
  const { rows } = await pool.query({
    name: 'read',
    text: 'select type, data, metadata from get_stream_messages($1, 0, $2)',
    values: [stream, events],
  });
  let returns = 0;
  for (const row of rows) {
    const document = JSON.parse(row.data);
    JSON.parse(row.metadata);
    if (document.returned_on) returns += 1;
  }
  return returns;
}

// The order of the package's own install.sh, which needs psql and the extension pgcrypto. Since PostgreSQL 13 nothing of
// message-db uses that extension, and the embedded server does not have it.
async function install() {
  const client = new pg.Client({ connectionString: given.uri });
  await client.connect();
  const { rows } = await client.query("select to_regclass('message_store.messages') is not null as installed");
  for (const file of rows[0].installed ? [] : SCHEMA) {
    const script = new URL(`database/${file}.sql`, import.meta.resolve('@eventide/message-db/package.json'));
    await client.query(readFileSync(script, 'utf8'));
  }
  await client.end();
}
