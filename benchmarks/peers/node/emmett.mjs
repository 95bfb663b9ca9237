// The npm package `@event-driven-io/emmett-postgresql`, as its documentation shows it, with no inline projections.
import { randomUUID } from 'node:crypto';
import { STREAM_DOES_NOT_EXIST } from '@event-driven-io/emmett';
import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';
import pg from 'pg';
import { event, measureAppends, measureFold, options } from './figures.mjs';

const given = options({ connections: 8 });
const pool = new pg.Pool({ connectionString: given.uri, max: Math.min(given.callers, given.connections) });
const store = getPostgreSQLEventStore(given.uri, { connectionOptions: { pooled: true, pool } });
const returned = { type: 'DocumentReturned', data: event.data, metadata: event.metadata };
await store.schema.migrate();

if (given.fold) {
  const stream = `document-${randomUUID()}`;
  await store.appendToStream(stream, Array(given.fold).fill(returned));
  await measureFold('emmett fold', given.fold, async () => {
    const { state } = await store.aggregateStream(stream, {
      evolve: (returns, { data }) => (data.returned_on ? returns + 1 : returns),
      initialState: () => 0,
    });
    return state;
  });
} else {
  await measureAppends('emmett', given, append);
}
await store.close();
await pool.end();

async function append(stream, version) {
  const expectedStreamVersion = version === 0 ? STREAM_DOES_NOT_EXIST : BigInt(version);
  await store.appendToStream(stream, [returned], { expectedStreamVersion });
}
