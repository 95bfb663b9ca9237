\set version :version + 1
insert into row_per_transaction (stream, version, body)
values (:run || '/' || (:client_id)::text, :version, :body);
