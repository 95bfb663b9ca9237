create table if not exists row_per_transaction (
    position bigint generated always as identity primary key,
    stream text not null,
    version bigint not null,
    body text not null,
    unique (stream, version)
);
