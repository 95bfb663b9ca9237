// The npm package `@eventide/message-db`: event store functions in PostgreSQL, called over `pg` connections.
// All streams are of one category, because message-db keeps order, and takes its lock, per category.
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { event, measureAppends, measureFold, options } from './figures.mjs';

const given = options({ connections: 8 });
const url = new URL(given.uri.replace('@/', '@localhost/'));
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

// The package ships shell scripts that run psql with the connection of the PG* variables.
async function install() {
  const client = new pg.Client({ connectionString: given.uri });
  await client.connect();
  const { rows } = await client.query("select to_regclass('message_store.messages') is not null as installed");
  await client.end();
  if (rows[0].installed) return;
  execFileSync('bash', [fileURLToPath(import.meta.resolve('@eventide/message-db/database/install.sh'))], {
    env: {
      ...process.env,
      PGHOST: url.searchParams.get('host'),
      PGUSER: url.username,
      DATABASE_NAME: url.pathname.slice(1),
      CREATE_DATABASE: 'off',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
